"""Whatever is appended, in whatever order and however often: the log stays whole.

PostgreSQL and memory are given the same entries and must say the same; the
invariants are then read from the stored rows alone.
"""

import asyncio
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.events.envelope import Appended, Entry, Outcome, StoredEvent
from src.events.ledger import PostgresBook, open_book
from tests.databases import BookDatabase, connected
from tests.events.entries import entry
from tests.memory import MemoryBook

EXAMPLES_MAX = 60
BOOKS = count(2)
"""Each example has a book of its own, in one database."""

streams = st.sampled_from(["cart-1", "stock-1", "stock-2"])
writes = st.dictionaries(streams, st.tuples(st.integers(0, 4), st.integers(0, 2)), min_size=1)


def _entry(places: dict[str, tuple[int, int]]) -> Entry:
    """What asks for the same is the same command, sent again; or decided again, in other order."""
    return entry(
        repr(sorted(places.items())), *((stream, *rest) for stream, rest in places.items())
    )


appends = st.lists(st.lists(writes.map(_entry), min_size=1, max_size=6), min_size=1, max_size=6)


@given(appends)
@settings(
    max_examples=EXAMPLES_MAX,
    # The database is shared by the examples on purpose: each opens its own book in it.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_log_is_whole_whatever_is_appended(
    book_database: BookDatabase, tried: list[list[Entry]]
) -> None:
    asyncio.run(_try(book_database, next(BOOKS), tried))


async def _try(database: BookDatabase, number: int, tried: list[list[Entry]]) -> None:
    await connected(
        database.owner_url,
        lambda owner: owner.execute("insert into khata.books (book) values ($1)", number),
    )
    real = await open_book(database.app_url, number)
    try:
        await _compare(real, MemoryBook(), tried)
    finally:
        await real.close()


async def _compare(real: PostgresBook, model: MemoryBook, tried: list[list[Entry]]) -> None:
    answers = [(entries, await real.append(entries)) for entries in tried]
    for entries, answer in answers:
        _agree(answer, await model.append(entries))
    events = list(await real.read_page(0, 1_000))
    _is_dense(events)
    _is_acknowledged(answers, events)
    await _is_found_again(real, answers, len(events))


def _agree(real: Appended, model: Appended) -> None:
    assert [(v.outcome, v.position) for v in real.verdicts] == [
        (v.outcome, v.position) for v in model.verdicts
    ]
    assert [(e.position, e.event_id) for e in real.tails] == [
        (e.position, e.event_id) for e in model.tails
    ]


def _is_dense(events: list[StoredEvent]) -> None:
    """Nothing twice, no position missing, no version missing, time in order."""
    assert len({event.event_id for event in events}) == len(events)
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    for stream in {event.stream for event in events}:
        versions = [event.version for event in events if event.stream == stream]
        assert versions == list(range(1, len(versions) + 1))
    assert sorted(events, key=lambda event: event.recorded_at) == events


def _is_acknowledged(
    answers: list[tuple[list[Entry], Appended]], events: list[StoredEvent]
) -> None:
    """What was acknowledged is there, at the position that was said; nothing else is."""
    by_id = {event.event_id: event for event in events}
    written = set()
    for entries, answer in answers:
        for tried, verdict in zip(entries, answer.verdicts, strict=True):
            if verdict.outcome is not Outcome.MOVED and tried.events:
                last = by_id[tried.events[-1].event_id]
                assert (last.position, last.recorded_at) == (verdict.position, verdict.recorded_at)
                written |= {event.event_id for event in tried.events}
    assert written == set(by_id)


async def _is_found_again(
    book: PostgresBook, answers: list[tuple[list[Entry], Appended]], head: int
) -> None:
    """An unknown outcome resolves: sending again what was written changes nothing."""
    for entries, answer in answers:
        written = [
            (tried, verdict.position)
            for tried, verdict in zip(entries, answer.verdicts, strict=True)
            if verdict.outcome is not Outcome.MOVED and tried.events
        ]
        again = await book.append([tried for tried, _ in written])
        assert {verdict.outcome for verdict in again.verdicts} <= {Outcome.ALREADY_WRITTEN}
        assert [verdict.position for verdict in again.verdicts] == [at for _, at in written]
    assert await book.head() == head
