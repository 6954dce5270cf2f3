"""The outbox: every fact once, in the book's order and without a gap, whatever becomes of Redis."""

import asyncio
import json
from collections.abc import Iterator, MutableMapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from src.events import outbox_publisher, redis_link
from src.events.cart import CartOpened
from src.events.following import PACE_SECONDS
from src.events.identifiers import CART, CHECKOUT, Stream, stream
from src.events.ledger import open_book
from src.events.outbox import PAGE_BYTES_MAX, PAGE_EVENTS, End, Outbox, end_with, page_of
from src.events.outbox_publisher import OutboxPublisher, Standing, standing
from src.events.ports import Book, DatabaseUnavailableError
from src.events.redis_client import Entries
from src.events.redis_link import RedisLink
from src.telemetry import logger
from tests.databases import BookDatabase
from tests.memory import MemoryBook
from tests.redis.proxy import Proxy
from tests.redis.sessions import BOX, CANCELLED, CREATED, REQUESTED, started, write, write_to

pytestmark = pytest.mark.anyio

KEY = "khata:book:1"
KEEP = 1_000
PATIENCE_SECONDS = 10.0
NODE_ENTRIES = 100
"""A Redis stream is trimmed by whole nodes, and this many entries are one."""
Lines = Sequence[MutableMapping[str, Any]]
CART_OPENED = CartOpened(cart_id="cart_1", customer_id=None, currency="INR")


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is not a Redis that is away."""
    monkeypatch.setattr(redis_link, "TIMEOUT_SECONDS", PATIENCE_SECONDS)


@pytest.fixture
def book() -> MemoryBook:
    return MemoryBook()


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """A logger of its own: one that was used before may be bound to another output."""
    monkeypatch.setattr(outbox_publisher, "log", logger("outbox"))
    with capture_logs() as lines:
        yield lines


def told(log: Lines) -> list[str]:
    """What the outbox wrote into the log."""
    return [line["event"] for line in log if line.get("part") == "outbox"]


async def entries_of(redis: Redis) -> Entries:
    return cast("Entries", await redis.xrange(KEY))


async def positions(redis: Redis) -> list[int]:
    ids = [entry_id.decode() for entry_id, _ in await entries_of(redis)]
    assert all(each.endswith("-0") for each in ids)
    return [int(each.removesuffix("-0")) for each in ids]


async def fill(book: Book, facts: int, session: str = "cs_1") -> int:
    """Append some facts and return the position of the last."""
    return await write(book, session, *[CREATED] * facts)


async def publish(link: RedisLink, book: Book, keep: int = KEEP) -> None:
    assert await OutboxPublisher(book, Outbox(link, keep)).catch_up()


async def test_every_fact_of_every_stream_stands_at_its_position(
    link: RedisLink, redis: Redis, book: MemoryBook
) -> None:
    await write_to(book, stream(CART, "cart_1"), CART_OPENED)
    await write(book, "cs_1", started("cs_1"), REQUESTED)
    await publish(link, book)
    assert await positions(redis) == [1, 2, 3]
    fields = [entry for _, entry in await entries_of(redis)]
    assert [entry[b"type"] for entry in fields] == [
        b"CartOpened",
        b"CheckoutStarted",
        b"PaymentIntentRequested",
    ]
    assert [entry[b"stream"] for entry in fields] == [
        b"cart-cart_1",
        b"checkout-cs_1",
        b"checkout-cs_1",
    ]
    await publish(link, book)
    assert await positions(redis) == [1, 2, 3]


async def test_an_entry_is_the_whole_envelope_and_the_books_own_bytes(
    link: RedisLink, redis: Redis, book_database: BookDatabase
) -> None:
    book = await open_book(book_database.app_url)
    await write(book, "cs_1", started("cs_1"), REQUESTED)
    await publish(link, book)
    for fact, (entry_id, fields) in zip(
        await book.read_page(0, 10), await entries_of(redis), strict=True
    ):
        assert entry_id.decode() == f"{fact.position}-0"
        assert fields[b"payload"] == bytes(fact.payload)
        text = {name.decode(): found.decode() for name, found in fields.items()}
        recorded_at = datetime.fromisoformat(text.pop("recorded_at"))
        assert (recorded_at, recorded_at.tzinfo) == (fact.recorded_at, UTC)
        assert text == {
            "stream": fact.stream,
            "version": str(fact.version),
            "type": fact.type,
            "schema_version": str(fact.schema_version),
            "event_id": str(fact.event_id),
            "command_id": str(fact.command_id),
            "correlation_id": str(fact.correlation_id),
            "causation_id": "",
            "actor": "guest:test",
            "payload": bytes(fact.payload).decode(),
        }
    await book.close()


async def test_what_is_sealed_in_the_book_is_sealed_in_the_outbox(
    link: RedisLink, redis: Redis, book: MemoryBook
) -> None:
    await write(book, "cs_1", REQUESTED)
    await publish(link, book)
    ((_, fields),) = await entries_of(redis)
    sealed = json.loads(fields[b"payload"])
    assert sealed["contact"] == {"key_id": BOX.key_id, "box": BOX.box}
    assert sealed["shipping_address"] == sealed["contact"]


async def test_publishers_that_race_make_one_stream_without_gap_or_repetition(
    link: RedisLink, frail: RedisLink, redis: Redis, book: MemoryBook
) -> None:
    stop = asyncio.Event()

    async def race(over: RedisLink) -> None:
        publisher = OutboxPublisher(book, Outbox(over, 10_000))
        while not stop.is_set():
            assert await publisher.catch_up()
            await asyncio.sleep(0)
        assert await publisher.catch_up()

    racing = [asyncio.create_task(race(over)) for over in (link, frail, link)]
    for n in range(60):
        await fill(book, 1 + 37 * n % 50, f"cs_{n}")
        await asyncio.sleep(0.001)  # so that pages end in different places
    stop.set()
    await asyncio.gather(*racing)
    assert await positions(redis) == list(range(1, await book.head() + 1))
    kept = [fields[b"event_id"].decode() for _, fields in await entries_of(redis)]
    assert kept == [str(fact.event_id) for fact in await book.read_page(0, 10_000)]


async def test_a_page_is_added_to_the_end_that_was_seen_or_not_at_all(
    link: RedisLink, redis: Redis, book: MemoryBook
) -> None:
    await fill(book, 6)
    outbox = Outbox(link, KEEP)
    facts = await book.read_page(0, 6)
    assert await outbox.add(End(), facts[:3]) == End()
    end = end_with(facts[2])
    assert await outbox.add(End(), facts[:6]) == end
    assert await outbox.add(end_with(facts[1]), facts[2:]) == end
    assert await outbox.add(End("3-0", "another event"), facts[3:]) == end
    assert await positions(redis) == [1, 2, 3]
    assert await outbox.add(end, facts[3:]) == end
    assert await positions(redis) == [1, 2, 3, 4, 5, 6]


async def test_it_keeps_about_as_much_as_it_is_told(
    link: RedisLink, redis: Redis, book: MemoryBook
) -> None:
    head = await fill(book, 3 * PAGE_EVENTS)
    await publish(link, book, keep=head)
    await fill(book, 3 * PAGE_EVENTS)
    await publish(link, book, keep=300)
    kept = await positions(redis)
    assert kept == list(range(kept[0], 2 * head + 1))
    assert 300 <= len(kept) < 300 + NODE_ENTRIES


async def test_a_wiped_stream_begins_again_as_far_back_as_it_keeps(
    link: RedisLink, redis: Redis, book: MemoryBook
) -> None:
    publisher = OutboxPublisher(book, Outbox(link, 100))
    await fill(book, 250)
    assert await publisher.catch_up()
    await redis.flushall()
    await fill(book, 20)
    assert await publisher.catch_up()
    assert await positions(redis) == list(range(171, 271))
    await redis.flushall()
    assert await publisher.catch_up(), "without a new fact, too"
    assert await positions(redis) == list(range(171, 271))


async def test_a_stream_that_a_reader_made_before_the_first_fact_is_filled_as_any(
    link: RedisLink, redis: Redis, book: MemoryBook
) -> None:
    await redis.xgroup_create(KEY, "warehouse", "0", mkstream=True)
    await fill(book, 3)
    await publish(link, book)
    assert await positions(redis) == [1, 2, 3]


async def test_a_stream_that_was_restored_from_the_past_goes_on_from_there(
    link: RedisLink, redis: Redis, book: MemoryBook, log: Lines
) -> None:
    publisher = OutboxPublisher(book, Outbox(link, KEEP))
    await fill(book, 40)
    assert await publisher.catch_up()
    past = await redis.dump(KEY)
    assert past is not None
    await fill(book, 40)
    assert await publisher.catch_up()
    await redis.restore(KEY, 0, past, replace=True)
    assert await positions(redis) == list(range(1, 41))
    await fill(book, 5)
    assert await publisher.catch_up()
    assert await positions(redis) == list(range(1, 86))
    assert told(log) == ["the outbox went back"]


async def test_a_publisher_that_starts_goes_on_where_the_stream_ends(
    link: RedisLink, redis: Redis, book: MemoryBook
) -> None:
    await fill(book, 3)
    await publish(link, book)
    await fill(book, 2 * KEEP)
    await publish(link, book, keep=10 * KEEP)
    assert await positions(redis) == list(range(1, 2 * KEEP + 4))
    await redis.xtrim(KEY, maxlen=0)
    await fill(book, 2)
    await publish(link, book)
    assert await positions(redis) == [2 * KEEP + 4, 2 * KEEP + 5]


async def test_what_was_written_while_redis_was_away_follows_once_it_is_back(
    frail: RedisLink, proxy: Proxy, redis: Redis, book: MemoryBook
) -> None:
    publisher = OutboxPublisher(book, Outbox(frail, KEEP))
    await fill(book, 3)
    assert await publisher.catch_up()
    await proxy.cut()
    await fill(book, 5)
    assert not await publisher.catch_up()
    assert await standing(book, Outbox(frail, KEEP)) is None
    await proxy.open()
    async with asyncio.timeout(10):
        while not await publisher.catch_up():  # noqa: ASYNC110  # a foreign process comes back
            await asyncio.sleep(0.05)  # the circuit's own period
    assert await positions(redis) == list(range(1, 9))


async def test_a_page_whose_answer_was_lost_is_not_added_twice(
    frail: RedisLink,
    proxy: Proxy,
    redis: Redis,
    book: MemoryBook,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publisher = OutboxPublisher(book, Outbox(frail, KEEP))
    await fill(book, 3)
    assert await publisher.catch_up()
    await fill(book, 5)
    proxy.fall_silent()  # it takes the page, and passes it on too late for the publisher
    monkeypatch.setattr(redis_link, "TIMEOUT_SECONDS", 0.25)
    assert not await publisher.catch_up()
    monkeypatch.setattr(redis_link, "TIMEOUT_SECONDS", PATIENCE_SECONDS)
    proxy.speak()
    async with asyncio.timeout(10):
        while not await publisher.catch_up():  # noqa: ASYNC110  # a foreign process comes back
            await asyncio.sleep(0.05)  # the circuit's own period
    assert await positions(redis) == list(range(1, 9))


@pytest.mark.parametrize("garbage", ["text", "a stream of another", "an entry at a position"])
async def test_a_key_of_somebody_else_is_left_alone_and_told_once(
    link: RedisLink, redis: Redis, book: MemoryBook, log: Lines, garbage: str
) -> None:
    match garbage:
        case "text":
            await redis.set(KEY, b"\xff")
        case "a stream of another":
            await redis.xadd(KEY, {"event_id": b"\xff"})
        case _:
            await redis.xadd(KEY, {"colour": "red"}, id="2-0")
    before = await redis.dump(KEY)
    await fill(book, 3)
    publisher = OutboxPublisher(book, Outbox(link, KEEP))
    for _ in range(3):
        assert await publisher.catch_up()
    assert await redis.dump(KEY) == before
    assert told(log) == ["the outbox stands still"]
    found = await standing(book, Outbox(link, KEEP))
    assert found is not None
    assert found.trouble is not None
    assert KEY in found.trouble
    await redis.rename(KEY, "kept aside")
    assert await publisher.catch_up()
    assert await positions(redis) == [1, 2, 3]
    assert "the outbox goes on" in told(log)
    assert link.counts.refused == 0


@pytest.mark.parametrize("grown", [0, 8])
async def test_a_stream_ahead_of_a_restored_book_is_never_built_upon(
    link: RedisLink, redis: Redis, book: MemoryBook, log: Lines, grown: int
) -> None:
    await fill(book, 9)
    await publish(link, book)
    restored = MemoryBook()
    await fill(restored, 5 + grown)
    publisher = OutboxPublisher(restored, Outbox(link, KEEP))
    assert await publisher.catch_up()
    assert await positions(redis) == list(range(1, 10))
    assert told(log) == ["the outbox stands still"]
    found = await standing(restored, Outbox(link, KEEP))
    assert found == Standing(
        position=9,
        behind=max(0, grown - 4),
        trouble=f"{KEY} in Redis ends at 9 with a fact that this book does not have:"
        " delete it, unless it is another shop's, and the outbox begins anew, as its readers must",
    )
    await redis.delete(KEY)
    assert await publisher.catch_up()
    assert await positions(redis) == list(range(1, 6 + grown))


async def test_it_says_how_far_it_is_behind(link: RedisLink, book: MemoryBook) -> None:
    outbox = Outbox(link, KEEP)
    assert await standing(book, outbox) == Standing(position=0, behind=0, trouble=None)
    await fill(book, 3)
    await publish(link, book)
    await fill(book, 2)
    assert await standing(book, outbox) == Standing(position=3, behind=2, trouble=None)


async def test_a_page_of_great_facts_is_a_short_one(book: MemoryBook) -> None:
    huge = started("x" * (PAGE_BYTES_MAX // 2 + 1))
    await write_to(book, Stream(f"{CHECKOUT}-cs_1"), huge, huge, CANCELLED, CANCELLED)
    facts = await book.read_page(0, 4)
    assert [fact.version for fact in page_of(facts)] == [1]
    assert [fact.version for fact in page_of(facts[2:])] == [3, 4]
    assert page_of([]) == []


async def test_great_facts_arrive_all_the_same(
    link: RedisLink, redis: Redis, book: MemoryBook
) -> None:
    await write(book, "cs_1", *[started("x" * PAGE_BYTES_MAX)] * 3)
    await publish(link, book)
    assert await positions(redis) == [1, 2, 3]


async def test_following_survives_a_database_that_is_away(
    link: RedisLink, redis: Redis, log: Lines
) -> None:
    book = Unsteady()
    rested: list[float] = []

    async def pause(seconds: float) -> None:
        rested.append(seconds)

    async def wake(_: float) -> None:
        if len(rested) == 2:
            book.away = False
            await fill(book, 2)
        elif len(rested) == 3:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await OutboxPublisher(book, Outbox(link, KEEP)).follow(wake, pause)
    assert rested == [PACE_SECONDS] * 3
    assert await positions(redis) == [1, 2]
    assert told(log) == ["waiting for the database"]


class Unsteady(MemoryBook):
    """A book whose database is away at first."""

    away = True

    async def head(self) -> int:
        if self.away:
            raise DatabaseUnavailableError
        return await super().head()
