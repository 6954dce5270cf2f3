"""What every book promises: dense positions, versions that decide, commands that are whole."""

import asyncio
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from src.events.batch import UnorderedVersionsError
from src.events.envelope import TAIL_EVENTS_MAX, Appended, Entry, Outcome
from src.events.identifiers import Stream
from src.events.ports import Book, Reread
from tests.events.entries import entry

pytestmark = pytest.mark.anyio

WRITTEN, ALREADY, MOVED = Outcome.WRITTEN, Outcome.ALREADY_WRITTEN, Outcome.MOVED


def outcomes(appended: Appended) -> list[Outcome]:
    return [verdict.outcome for verdict in appended.verdicts]


def positions(appended: Appended) -> list[int | None]:
    return [verdict.position for verdict in appended.verdicts]


async def streams(book: Book) -> list[tuple[int, str, int]]:
    page = await book.read_page(0, 10_000)
    return [(event.position, event.stream, event.version) for event in page]


async def test_positions_are_dense_over_all_streams_and_versions_within_each(book: Book) -> None:
    first = await book.append([entry("one", ("cart-1", 0, 2), ("stock-1", 0, 1))])
    second = await book.append([entry("two", ("cart-2", 0, 1)), entry("three", ("cart-1", 2, 1))])
    assert positions(first) + positions(second) == [3, 4, 5]
    assert await streams(book) == [
        (1, "cart-1", 1),
        (2, "cart-1", 2),
        (3, "stock-1", 1),
        (4, "cart-2", 1),
        (5, "cart-1", 3),
    ]
    assert await book.head() == 5


async def test_nothing_to_append_changes_nothing(book: Book) -> None:
    assert list((await book.append([])).verdicts) == []
    assert await book.head() == 0


async def test_a_stored_event_is_what_was_given(book: Book) -> None:
    given = entry("one", ("cart-1", 0, 1))
    (verdict,) = (await book.append([given])).verdicts
    (stored,) = await book.read_stream(Stream("cart-1"))
    assert (stored.position, stored.recorded_at) == (verdict.position, verdict.recorded_at)
    assert (stored.command_id, stored.actor) == (given.cause.command_id, given.cause.actor)
    assert (stored.event_id, stored.causation_id) == (given.events[0].event_id, None)
    assert bytes(stored.payload) == given.events[0].payload


async def test_a_stale_expectation_moves_and_brings_the_missing_tail(book: Book) -> None:
    await book.append([entry("one", ("cart-1", 0, 3))])
    appended = await book.append([entry("late", ("cart-1", 1, 1))])
    assert outcomes(appended) == [MOVED]
    assert positions(appended) == [None]
    assert [event.version for event in appended.tails] == [2, 3]
    assert await book.head() == 3


async def test_an_entry_is_written_in_all_its_streams_or_in_none(book: Book) -> None:
    await book.append([entry("one", ("stock-1", 0, 1))])
    appended = await book.append([entry("both", ("cart-1", 0, 1), ("stock-1", 0, 1))])
    assert outcomes(appended) == [MOVED]
    assert await book.read_stream(Stream("cart-1")) == []


async def test_a_stale_entry_does_not_fail_its_neighbours(book: Book) -> None:
    await book.append([entry("one", ("cart-1", 0, 1))])
    appended = await book.append(
        [
            entry("before", ("cart-2", 0, 2)),
            entry("stale", ("cart-1", 0, 1)),
            entry("after", ("cart-3", 0, 1)),
        ]
    )
    assert outcomes(appended) == [WRITTEN, MOVED, WRITTEN]
    assert positions(appended) == [3, None, 4]
    assert [event.stream for event in appended.tails] == ["cart-1"]


async def test_an_entry_built_on_a_skipped_one_is_skipped_too(book: Book) -> None:
    await book.append([entry("one", ("cart-1", 0, 1))])
    appended = await book.append(
        [
            entry("skipped", ("cart-1", 0, 1), ("order-1", 0, 1)),
            entry("on the same stream", ("cart-1", 1, 1)),
            entry("on its other stream", ("order-1", 1, 1)),
        ]
    )
    # The second finds version 1 there, but it is not the version 1 that it was decided on.
    assert outcomes(appended) == [MOVED, MOVED, MOVED]
    assert await book.head() == 1


async def test_an_entry_beyond_a_skipped_one_is_written(book: Book) -> None:
    await book.append([entry("one", ("cart-1", 0, 3))])
    appended = await book.append([entry("stale", ("cart-1", 1, 1)), entry("two", ("cart-1", 3, 1))])
    assert outcomes(appended) == [MOVED, WRITTEN]


async def test_an_entry_that_read_what_a_skipped_one_read_is_written(book: Book) -> None:
    await book.append([entry("one", ("cart-1", 0, 1))])
    appended = await book.append(
        [
            entry("skipped", ("stock-1", 0, 1), checks={"cart-1": 0}),
            entry("independent", ("stock-1", 0, 1)),
        ]
    )
    assert outcomes(appended) == [MOVED, WRITTEN]


async def test_sent_again_it_is_already_written_where_it_was(book: Book) -> None:
    both = [entry("one", ("cart-1", 0, 2)), entry("two", ("cart-2", 0, 1))]
    first = await book.append(both)
    await book.append([entry("three", ("cart-1", 2, 1))])
    again = await book.append(both)
    assert outcomes(again) == [ALREADY, ALREADY]
    assert positions(again) == positions(first) == [2, 3]
    assert [v.recorded_at for v in again.verdicts] == [v.recorded_at for v in first.verdicts]
    assert await book.head() == 4


async def test_a_duplicate_inside_one_append_is_written_once(book: Book) -> None:
    appended = await book.append([entry("one", ("cart-1", 0, 2)), entry("one", ("cart-1", 0, 2))])
    assert outcomes(appended) == [WRITTEN, ALREADY]
    assert positions(appended) == [2, 2]
    assert len({verdict.recorded_at for verdict in appended.verdicts}) == 1
    assert await book.head() == 2


async def test_what_was_decided_on_a_resent_entry_is_decided_again(book: Book) -> None:
    one, two = entry("one", ("cart-1", 0, 1)), entry("two", ("cart-1", 1, 1))
    await book.append([one])
    assert outcomes(await book.append([one, two])) == [ALREADY, MOVED]
    assert outcomes(await book.append([two])) == [WRITTEN]


async def test_a_whole_append_sent_again_is_already_written(book: Book) -> None:
    whole = [entry("one", ("cart-1", 0, 1)), entry("two", ("cart-1", 1, 1))]
    await book.append(whole)
    assert outcomes(await book.append(whole)) == [ALREADY, ALREADY]


async def test_a_check_alone_answers_with_the_head_and_writes_nothing(book: Book) -> None:
    (written,) = (await book.append([entry("one", ("cart-1", 0, 2))])).verdicts
    appended = await book.append([entry("look", checks={"cart-1": 2, "cart-9": 0})])
    assert list(appended.verdicts) == [written]
    assert await book.head() == 2


async def test_a_check_stands_where_its_turn_is(book: Book) -> None:
    appended = await book.append(
        [
            entry("look", checks={"cart-1": 0}),
            entry("one", ("cart-1", 0, 1)),
            entry("look again", checks={"cart-1": 1}),
            entry("look wrongly", checks={"cart-1": 0}),
        ]
    )
    assert outcomes(appended) == [WRITTEN, WRITTEN, WRITTEN, MOVED]
    assert positions(appended) == [0, 1, 1, None]
    assert [event.version for event in appended.tails] == [1]


async def test_a_failed_check_moves_the_entry(book: Book) -> None:
    await book.append([entry("one", ("coupon-1", 0, 1))])
    appended = await book.append([entry("two", ("cart-1", 0, 1), checks={"coupon-1": 0})])
    assert outcomes(appended) == [MOVED]
    assert [(event.stream, event.version) for event in appended.tails] == [("coupon-1", 1)]


async def test_a_tail_shows_what_the_same_append_wrote(book: Book) -> None:
    appended = await book.append([entry("one", ("cart-1", 0, 1)), entry("two", ("cart-1", 0, 1))])
    assert outcomes(appended) == [WRITTEN, MOVED]
    assert [event.version for event in appended.tails] == [1]


async def test_a_command_decided_again_with_other_facts_is_not_the_same(book: Book) -> None:
    """Its events have the same ids, on other streams: nobody may be told that these are written."""
    one = entry("one", ("stock-1", 0, 1), ("stock-2", 0, 1))
    other = entry("one", ("stock-2", 0, 1), ("stock-1", 0, 1))
    assert outcomes(await book.append([one, other, one])) == [WRITTEN, MOVED, ALREADY]
    assert outcomes(await book.append([other])) == [MOVED]


async def test_a_tail_ends_at_its_limit_with_the_oldest_first(book: Book) -> None:
    await book.append([entry("long", ("stock-1", 0, TAIL_EVENTS_MAX + 1))])
    appended = await book.append([entry("late", ("stock-1", 0, 1))])
    assert [event.version for event in appended.tails] == list(range(1, TAIL_EVENTS_MAX + 1))
    assert len(await book.read_stream(Stream("stock-1"))) == TAIL_EVENTS_MAX + 1


async def test_time_never_goes_back(book: Book) -> None:
    for number in range(5):
        await book.append([entry(f"{number}", (f"cart-{number}", 0, 1))])
    times = [event.recorded_at for event in await book.read_page(0, 10)]
    assert times == sorted(times)


async def test_streams_are_read_from_any_version_to_any_version(book: Book) -> None:
    await book.append([entry("one", ("cart-1", 0, 4)), entry("two", ("cart-2", 0, 2))])
    middle = await book.read_stream(Stream("cart-1"), after=1, up_to=3)
    assert [event.version for event in middle] == [2, 3]
    several = await book.read_streams(
        {Stream("cart-2"): 1, Stream("cart-1"): 3, Stream("cart-3"): 0}
    )
    assert [event.position for event in several] == [4, 6]


async def test_pages_are_ranges_of_positions(book: Book) -> None:
    await book.append([entry("one", ("cart-1", 0, 5))])
    assert [event.position for event in await book.read_page(2, 2)] == [3, 4]
    assert await book.read_page(5, 100) == []


async def test_a_page_leaves_out_what_nobody_wants_but_says_how_far_was_read(book: Book) -> None:
    other = entry("two", ("cart-2", 0, 1))
    other = replace(other, events=[replace(each, type="other") for each in other.events])
    await book.append([entry("one", ("cart-1", 0, 4)), other, entry("three", ("cart-1", 4, 3))])
    common = (await book.read_page(0, 1))[0].type

    async def found(after: int, length: int, *without: str) -> list[int]:
        page = await book.read_page(after, length, without=without)
        return [event.position for event in page]

    assert await found(0, 4, common) == [4]
    assert await found(0, 6, common) == [5, 6]
    assert await found(0, 100, common) == [5, 8]
    assert await found(0, 100, common, "other") == [8]
    assert await found(2, 4, "unheard of") == [3, 4, 5, 6]
    assert await found(8, 100, common) == []


async def test_a_command_is_found_by_the_last_position_it_wrote(book: Book) -> None:
    one = entry("one", ("cart-1", 0, 2))
    await book.append([one, entry("two", ("cart-1", 2, 1))])
    assert await book.has_command(Stream("cart-1"), one.cause.command_id) == 2
    assert await book.has_command(Stream("cart-2"), one.cause.command_id) is None


async def test_versions_that_do_not_follow_the_expected_one_are_a_bug(book: Book) -> None:
    given = entry("one", ("cart-1", 0, 2))
    with pytest.raises(UnorderedVersionsError):
        await book.append(
            [type(given)(cause=given.cause, expected=given.expected, events=given.events[1:])]
        )
    with pytest.raises(UnorderedVersionsError):
        await book.append([type(given)(cause=given.cause, expected=[], events=given.events)])
    assert await book.head() == 0


async def test_of_each_of_several_streams_no_more_than_wanted_is_read(book: Book) -> None:
    await book.append([entry("one", ("cart-1", 0, 4)), entry("two", ("cart-2", 0, 2))])
    both = {Stream("cart-1"): 1, Stream("cart-2"): 0}
    some = await book.read_streams(both, each_max=2)
    assert [event.position for event in some] == [2, 3, 5, 6]
    assert [event.position for event in await book.read_streams(both)] == [2, 3, 4, 5, 6]


async def test_what_is_reread_while_the_book_is_held_cannot_move(book: Book) -> None:
    await book.append([entry("one", ("cart-1", 0, 2))])
    rivals: list[asyncio.Task[Appended]] = []

    async def decide(reread: Reread) -> Sequence[Entry]:
        rivals.append(asyncio.create_task(book.append([entry("rival", ("cart-1", 2, 1))])))
        tail = await reread({Stream("cart-1"): 1})
        assert [event.version for event in tail] == [2]
        assert await reread({Stream("cart-1"): 2}) == []
        return [entry("held", ("cart-1", 2, 1))]

    held = await book.append_holding(decide)
    assert (outcomes(held), positions(held)) == ([WRITTEN], [3])
    assert outcomes(await rivals[0]) == [MOVED], "whoever came meanwhile had to wait"


async def test_a_held_book_is_let_go_when_nothing_is_decided(book: Book) -> None:
    async def nothing(_reread: Reread) -> Sequence[Entry]:
        return []

    async def impossible(_reread: Reread) -> Sequence[Entry]:
        raise ZeroDivisionError

    assert list((await book.append_holding(nothing)).verdicts) == []
    with pytest.raises(ZeroDivisionError):
        await book.append_holding(impossible)
    assert outcomes(await book.append([entry("one", ("cart-1", 0, 1))])) == [WRITTEN]
