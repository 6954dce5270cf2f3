"""The streams of sessions: the book's order, each fact once, and no pretending to be complete."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from redis.asyncio import Redis

from src.events.cart import CartOpened
from src.events.identifiers import CART, stream
from src.events.ports import DatabaseUnavailableError
from src.events.redis_client import Entries
from src.events.redis_link import RedisLink
from src.events.session_publisher import PAGE_EVENTS, REPUBLISH_EVENTS, SessionPublisher
from src.events.session_stream import KEEP_SECONDS, SessionStream
from tests.memory import MemoryBook
from tests.redis.proxy import Proxy
from tests.redis.sessions import (
    CANCELLED,
    CONFIRMED,
    CREATED,
    ORDERED,
    REQUESTED,
    names,
    started,
    write,
    write_to,
)

pytestmark = pytest.mark.anyio

KEY = "checkout:session:cs_1:events"
CART_OPENED = CartOpened(cart_id="cart_1", customer_id=None, currency="INR")
STORY = (REQUESTED, CREATED, CONFIRMED, ORDERED)


@pytest.fixture
def book() -> MemoryBook:
    return MemoryBook()


async def entries_of(redis: Redis, session: str = "cs_1") -> Entries:
    return cast("Entries", await redis.xrange(f"checkout:session:{session}:events"))


async def published(redis: Redis, session: str = "cs_1") -> list[str]:
    return [fields[b"type"].decode() for _, fields in await entries_of(redis, session)]


async def test_facts_stand_in_the_stream_at_their_positions(
    link: RedisLink, redis: Redis, book: MemoryBook
) -> None:
    await write(book, "cs_1", started("cs_1"))
    await write(book, "cs_2", started("cs_2"))
    await write(book, "cs_1", *STORY)
    assert await SessionPublisher(book, SessionStream(link)).catch_up()
    entries = await entries_of(redis)
    assert [entry_id for entry_id, _ in entries] == [b"1-0", b"3-0", b"4-0", b"5-0", b"6-0"]
    assert [int(fields[b"version"]) for _, fields in entries] == [1, 2, 3, 4, 5]
    assert await published(redis) == names(started("cs_1"), *STORY)
    assert await published(redis, "cs_2") == ["CheckoutStarted"]


async def test_nothing_sealed_and_no_keyed_hash_reaches_redis(
    link: RedisLink, redis: Redis, book: MemoryBook
) -> None:
    await write(book, "cs_1", started("cs_1"), *STORY)
    await SessionPublisher(book, SessionStream(link)).catch_up()
    text = str(await redis.xrange(KEY))
    assert "order_1" in text
    assert not [secret for secret in ("keyed-hash", "c2VhbGVk", "inside") if secret in text]


async def test_only_checkouts_are_published(
    link: RedisLink, redis: Redis, book: MemoryBook
) -> None:
    await write_to(book, stream(CART, "cart_1"), CART_OPENED)
    assert await SessionPublisher(book, SessionStream(link)).catch_up()
    assert await redis.keys("*") == []


async def test_publishing_twice_is_harmless(
    link: RedisLink, redis: Redis, book: MemoryBook
) -> None:
    await write(book, "cs_1", started("cs_1"), *STORY)
    for _ in range(3):
        assert await SessionPublisher(book, SessionStream(link)).catch_up()
    assert await published(redis) == names(started("cs_1"), *STORY)
    assert link.counts.refused == 0


async def test_two_publishers_at_once_make_one_stream_in_order(
    link: RedisLink, frail: RedisLink, redis: Redis, book: MemoryBook
) -> None:
    stop = asyncio.Event()

    async def publish(over: RedisLink) -> None:
        publisher = SessionPublisher(book, SessionStream(over))
        while not stop.is_set():
            assert await publisher.catch_up()
            await asyncio.sleep(0)
        assert await publisher.catch_up()

    publishing = [asyncio.create_task(publish(over)) for over in (link, frail, link)]
    for n in range(40):
        await write(book, f"cs_{n}", started(f"cs_{n}"))
        await asyncio.sleep(0.001)  # so that pages end in different places
        await write(book, f"cs_{n}", *STORY)
    stop.set()
    await asyncio.gather(*publishing)
    for n in range(40):
        assert await published(redis, f"cs_{n}") == names(started(""), *STORY)


async def test_a_publisher_that_starts_begins_a_little_before_the_head(
    link: RedisLink, redis: Redis, book: MemoryBook
) -> None:
    await write(book, "cs_1", started("cs_1"))
    await write(book, "cs_2", started("cs_2"), *[REQUESTED] * REPUBLISH_EVENTS)
    await SessionPublisher(book, SessionStream(link)).catch_up()
    assert await published(redis) == []
    assert len(await published(redis, "cs_2")) > PAGE_EVENTS // 2


async def test_what_was_written_while_redis_was_away_is_published_once_it_is_back(
    frail: RedisLink, proxy: Proxy, redis: Redis, book: MemoryBook
) -> None:
    publisher = SessionPublisher(book, SessionStream(frail))
    await write(book, "cs_1", started("cs_1"))
    assert await publisher.catch_up()
    await proxy.cut()
    await write(book, "cs_1", *STORY)
    assert not await publisher.catch_up()
    await redis.flushall()  # it comes back empty
    await proxy.open()
    async with asyncio.timeout(10):
        while not await publisher.catch_up():  # noqa: ASYNC110  # a foreign process comes back
            await asyncio.sleep(0.05)  # the circuit's own period
    assert await published(redis) == names(started("cs_1"), *STORY)


async def test_a_stream_outlives_its_session_by_a_while(
    link: RedisLink, redis: Redis, book: MemoryBook
) -> None:
    expires_at = datetime.now(UTC) + timedelta(hours=10)
    await write(book, "cs_1", started("cs_1", expires_at))
    publisher = SessionPublisher(book, SessionStream(link))
    await publisher.catch_up()
    expected = 10 * 3_600 + KEEP_SECONDS
    assert expected - 60 < await redis.ttl(KEY) <= expected
    await write(book, "cs_1", CANCELLED)
    await publisher.catch_up()
    assert expected - 60 < await redis.ttl(KEY) <= expected


async def test_late_facts_keep_their_stream_for_a_while(
    link: RedisLink, redis: Redis, book: MemoryBook
) -> None:
    publisher = SessionPublisher(book, SessionStream(link))
    await write(book, "cs_1", started("cs_1", datetime.now(UTC) - timedelta(minutes=30)), REQUESTED)
    await publisher.catch_up()
    assert KEEP_SECONDS - 60 < await redis.ttl(KEY) <= KEEP_SECONDS
    await redis.flushall()
    await write(book, "cs_1", CREATED)
    await publisher.catch_up()
    assert KEEP_SECONDS - 60 < await redis.ttl(KEY) <= KEEP_SECONDS


async def test_long_gone_sessions_are_not_brought_back(link: RedisLink, redis: Redis) -> None:
    book = MemoryBook(now=lambda: datetime(2020, 1, 1, tzinfo=UTC))
    await write(book, "cs_1", started("cs_1", datetime(2020, 1, 1, 0, 30, tzinfo=UTC)), *STORY)
    assert await SessionPublisher(book, SessionStream(link)).catch_up()
    assert await redis.keys("*") == []


async def test_a_stream_tells_what_follows_a_fact(link: RedisLink, book: MemoryBook) -> None:
    streams = SessionStream(link)
    await write(book, "cs_1", started("cs_1"), *STORY)
    await SessionPublisher(book, streams).catch_up()
    rest = await streams.after("cs_1", 2, 2)
    assert rest is not None
    assert [fact.name for fact in rest] == names(CREATED, CONFIRMED, ORDERED)
    assert await streams.after("cs_1", 5, 5) == []


async def test_a_stream_that_cannot_tell_says_so(
    link: RedisLink, redis: Redis, dead: RedisLink, book: MemoryBook
) -> None:
    streams = SessionStream(link)
    await write(book, "cs_1", started("cs_1"), *STORY)
    await SessionPublisher(book, streams).catch_up()
    assert await streams.after("never", 1, 1) is None
    assert await streams.after("cs_1", 6, 6) is None
    assert await streams.after("cs_1", 2, 1) is None
    await redis.xdel(KEY, "4-0")
    assert await streams.after("cs_1", 3, 3) is None
    assert await SessionStream(dead).after("cs_1", 1, 1) is None
    await redis.xadd("checkout:session:cs_2:events", {"rubbish": "x"}, id="1-0")
    assert await streams.after("cs_2", 1, 1) is None


async def test_a_redis_that_takes_no_writes_is_tried_again(
    link: RedisLink, redis: Redis, book: MemoryBook
) -> None:
    await write(book, "cs_1", started("cs_1"))
    publisher = SessionPublisher(book, SessionStream(link))
    await redis.config_set("min-replicas-to-write", 1)
    try:
        assert not await publisher.catch_up()
    finally:
        await redis.config_set("min-replicas-to-write", 0)
    assert await publisher.catch_up()
    assert await published(redis) == ["CheckoutStarted"]


async def test_one_session_that_cannot_be_published_does_not_stop_the_others(
    link: RedisLink, redis: Redis, book: MemoryBook
) -> None:
    await redis.set(KEY, "somebody else uses this key")
    await write(book, "cs_1", started("cs_1"))
    await write(book, "cs_2", started("cs_2"))
    assert await SessionPublisher(book, SessionStream(link)).catch_up()
    assert await published(redis, "cs_2") == ["CheckoutStarted"]
    assert await SessionStream(link).after("cs_1", 1, 1) is None


async def test_following_survives_a_database_that_is_away(link: RedisLink, redis: Redis) -> None:
    book = Unsteady()
    rounds = 0

    async def wake(_: float) -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            book.away = False
            await write(book, "cs_1", started("cs_1"))
        elif rounds == 2:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await SessionPublisher(book, SessionStream(link)).follow(wake)
    assert await published(redis) == ["CheckoutStarted"]


class Unsteady(MemoryBook):
    """A book whose database is away at first."""

    away = True

    async def head(self) -> int:
        if self.away:
            raise DatabaseUnavailableError
        return await super().head()
