"""Watching a session: every fact once and in order, whatever happens to Redis meanwhile."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, asynccontextmanager

import msgspec
import pytest
from msgspec import Struct
from redis.asyncio import Redis

from src.events.channels import Channels
from src.events.envelope import StoredEvent
from src.events.identifiers import Stream
from src.events.live_facts import LiveFact
from src.events.redis_link import RedisLink
from src.events.session_notices import SessionNotices
from src.events.session_publisher import SessionPublisher
from src.events.session_stream import SessionStream
from src.events.wake import Wake
from src.queries.live import HEARTBEAT, News, Pace, SessionFeeds, TooManyWatchers
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
)

pytestmark = pytest.mark.anyio

STORY = (started("cs_1"), REQUESTED, CREATED, CONFIRMED, ORDERED)
QUICK = Pace(poll_seconds=0.05)
NEVER_BY_ITSELF = Pace(poll_seconds=60.0)


class WatchedBook(MemoryBook):
    """A book that counts how often it is asked for a stream."""

    asked = 0

    async def read_stream(
        self, stream: Stream, *, after: int = 0, up_to: int | None = None
    ) -> Sequence[StoredEvent]:
        self.asked += 1
        return await super().read_stream(stream, after=after, up_to=up_to)


class Shop(Struct):
    """A book, and a process that publishes from it and feeds watchers."""

    book: WatchedBook
    wake: Wake
    channels: Channels
    feeds: SessionFeeds
    notices: SessionNotices

    async def write(self, session: str, *facts: Struct) -> None:
        self.wake.announce(await write(self.book, session, *facts))

    async def listening(self) -> None:
        async with asyncio.timeout(15):
            while not self.channels.connected:  # noqa: ASYNC110  # the state of a foreign process
                await asyncio.sleep(0.01)


async def soon(_: float) -> None:
    await asyncio.sleep(0.05)


@asynccontextmanager
async def shop(
    link: RedisLink, pace: Pace = QUICK, *, publishes: bool = True
) -> AsyncGenerator[Shop]:
    book, streams, channels = WatchedBook(), SessionStream(link), Channels(link)
    wake, notices = Wake(link, channels), SessionNotices(channels)
    tasks = [asyncio.create_task(channels.listen(soon))]
    if publishes:
        publishing = SessionPublisher(book, streams).follow(wake.follower().wait)
        tasks.append(asyncio.create_task(publishing))
    yield Shop(book, wake, channels, SessionFeeds(book, streams, notices, pace), notices)
    await wake.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def take(feed: AsyncGenerator[News], number: int) -> list[str]:
    """The names of the next facts."""
    async with asyncio.timeout(15):
        return [await next_name(feed) for _ in range(number)]


async def next_name(feed: AsyncGenerator[News]) -> str:
    news = await anext(feed)
    assert isinstance(news, LiveFact)
    return news.name


async def test_what_the_book_has_comes_first(link: RedisLink) -> None:
    async with shop(link) as here:
        await here.write("cs_1", *STORY)
        async with aclosing(here.feeds.facts("cs_1")) as feed:
            assert await take(feed, 5) == names(*STORY)


async def test_only_what_follows_the_position_is_told(link: RedisLink) -> None:
    async with shop(link) as here:
        await here.write("cs_2", started("cs_2"))
        await here.write("cs_1", *STORY)
        async with aclosing(here.feeds.facts("cs_1", 4)) as feed:
            assert await take(feed, 2) == names(CONFIRMED, ORDERED)


async def test_a_fact_says_where_it_stands_and_what_happened(link: RedisLink) -> None:
    async with shop(link) as here:
        await here.write("cs_1", *STORY)
        stored = (await here.book.read_page(2, 1))[0]
        async with aclosing(here.feeds.facts("cs_1", 2)) as feed:
            fact = await anext(feed)
        assert isinstance(fact, LiveFact)
        assert (fact.position, fact.version, fact.recorded_at) == (3, 3, stored.recorded_at)
        assert msgspec.json.decode(fact.payload)["razorpay_order_id"] == "order_1"


async def test_news_come_at_once_and_without_asking_the_book(link: RedisLink) -> None:
    async with shop(link, NEVER_BY_ITSELF) as here:
        await here.listening()
        await here.write("cs_1", STORY[0])
        async with aclosing(here.feeds.facts("cs_1")) as feed:
            assert await take(feed, 1) == names(STORY[0])
            asked = here.book.asked
            for fact in STORY[1:]:
                told = asyncio.create_task(take(feed, 1))
                await write_apart(here, fact)
                assert await told == names(fact)
            assert here.book.asked - asked == len(STORY[1:])  # by the writer of this test alone


async def write_apart(here: Shop, fact: Struct) -> None:
    """Write once the watcher waits, and the stream has what came before."""
    await asyncio.sleep(0.05)  # a fact in one page with its predecessor would prove less
    await here.write("cs_1", fact)


async def test_a_live_fact_is_the_same_from_redis_as_from_the_book(link: RedisLink) -> None:
    async with shop(link) as here:
        await here.listening()
        async with aclosing(here.feeds.facts("cs_1")) as feed:
            first = asyncio.create_task(anext(feed))
            await here.write("cs_1", STORY[0])
            lived = [await first]
            for fact in STORY[1:]:
                await here.write("cs_1", fact)
                lived.append(await anext(feed))
        async with aclosing(here.feeds.facts("cs_1")) as feed:
            read = [await anext(feed) for _ in STORY]
        assert lived == read


async def test_without_redis_the_book_is_asked_now_and_then(dead: RedisLink) -> None:
    async with shop(dead) as here, aclosing(here.feeds.facts("cs_1")) as feed:
        told = asyncio.create_task(take(feed, 5))
        for fact in STORY:
            await here.write("cs_1", fact)
            await asyncio.sleep(0.01)
        assert await told == names(*STORY)


async def test_a_silent_redis_hides_nothing(silent: RedisLink) -> None:
    async with shop(silent) as here, aclosing(here.feeds.facts("cs_1")) as feed:
        told = asyncio.create_task(take(feed, 5))
        for fact in STORY:
            await here.write("cs_1", fact)
            await asyncio.sleep(0.1)
        assert await told == names(*STORY)


async def test_flushing_redis_at_any_moment_loses_nothing(link: RedisLink, redis: Redis) -> None:
    for moment in range(len(STORY)):
        session = f"cs_{moment}"
        async with shop(link) as here, aclosing(here.feeds.facts(session)) as feed:
            told = asyncio.create_task(take(feed, len(STORY)))
            for n, fact in enumerate(STORY):
                await here.write(session, fact)
                if n == moment:
                    await redis.flushall()
                await asyncio.sleep(0.01)  # let the publisher and the watcher meet the hole
            assert await told == names(*STORY)


async def test_a_watcher_that_saw_nothing_before_a_flush_still_sees_everything(
    link: RedisLink, redis: Redis
) -> None:
    async with shop(link, NEVER_BY_ITSELF) as here:
        await here.listening()
        await here.write("cs_1", STORY[0])
        async with aclosing(here.feeds.facts("cs_1")) as feed:
            assert await take(feed, 1) == names(STORY[0])
            await here.write("cs_1", *STORY[1:3])
            await asyncio.sleep(0.1)  # published, and not read by this slow watcher
            await redis.flushall()
            await here.write("cs_1", *STORY[3:])
            assert await take(feed, 4) == names(*STORY[1:])


async def test_what_an_emptied_redis_never_gets_again_is_asked_of_the_book(
    link: RedisLink, redis: Redis
) -> None:
    async with shop(link, publishes=False) as here:
        await here.write("cs_1", STORY[0])
        await SessionPublisher(here.book, SessionStream(link)).catch_up()
        async with aclosing(here.feeds.facts("cs_1")) as feed:
            assert await take(feed, 1) == names(STORY[0])
            await redis.flushall()
            await here.write("cs_1", *STORY[1:])
            assert await take(feed, 4) == names(*STORY[1:])


async def test_redis_going_and_coming_loses_nothing(frail: RedisLink, proxy: Proxy) -> None:
    async with shop(frail) as here, aclosing(here.feeds.facts("cs_1")) as feed:
        told = asyncio.create_task(take(feed, 5))
        await here.write("cs_1", STORY[0])
        await here.listening()
        await proxy.cut()
        await here.write("cs_1", *STORY[1:3])
        await asyncio.sleep(0.1)  # while it is away
        await proxy.open()
        await here.listening()
        await here.write("cs_1", *STORY[3:])
        assert await told == names(*STORY)


async def test_a_publisher_that_died_delays_a_fact_and_hides_none(link: RedisLink) -> None:
    pace = Pace(poll_seconds=0.02, heartbeat_seconds=0.2)
    async with shop(link, pace, publishes=False) as here:
        await here.write("cs_1", STORY[0])
        await SessionPublisher(here.book, SessionStream(link)).catch_up()
        async with aclosing(here.feeds.facts("cs_1")) as feed:
            assert await take(feed, 1) == names(STORY[0])
            await here.write("cs_1", *STORY[1:])
            assert await take(feed, 4) == names(*STORY[1:])


async def test_every_watcher_of_a_session_is_told(link: RedisLink) -> None:
    async with shop(link) as here:
        await here.write("cs_1", STORY[0])
        feeds = [here.feeds.facts("cs_1") for _ in range(50)]
        told = asyncio.gather(*[take(feed, 5) for feed in feeds])
        for fact in STORY[1:]:
            await here.write("cs_1", fact)
            await asyncio.sleep(0.02)
        assert await told == [names(*STORY)] * 50
        assert here.notices.count == 50
        for feed in feeds:
            await feed.aclose()
        assert here.notices.count == 0


async def test_a_session_that_ended_may_still_be_completed(link: RedisLink) -> None:
    late = (REQUESTED, CREATED, CANCELLED, CONFIRMED, ORDERED)
    async with shop(link) as here, aclosing(here.feeds.facts("cs_1")) as feed:
        await here.write("cs_1", STORY[0], *late[:3])
        assert await take(feed, 4) == names(STORY[0], *late[:3])
        await here.write("cs_1", *late[3:])
        assert await take(feed, 2) == names(CONFIRMED, ORDERED)


async def test_silence_is_filled_with_heartbeats(link: RedisLink) -> None:
    pace = Pace(poll_seconds=0.01, heartbeat_seconds=0.05)
    async with shop(link, pace) as here:
        await here.write("cs_1", STORY[0])
        async with aclosing(here.feeds.facts("cs_1")) as feed:
            assert await take(feed, 1) == names(STORY[0])
            assert [await anext(feed), await anext(feed)] == [HEARTBEAT, HEARTBEAT]


async def test_a_feed_ends_after_its_time(link: RedisLink) -> None:
    async with shop(link, Pace(poll_seconds=0.01, seconds_max=0.1)) as here:
        await here.write("cs_1", *STORY)
        async with asyncio.timeout(15):
            told = [fact async for fact in here.feeds.facts("cs_1")]
        assert [fact.name for fact in told if isinstance(fact, LiveFact)] == names(*STORY)
        assert here.notices.count == 0


async def test_there_is_a_limit_to_watchers(link: RedisLink) -> None:
    async with shop(link, Pace(poll_seconds=0.05, feeds_max=1)) as here:
        await here.write("cs_1", *STORY)
        async with aclosing(here.feeds.facts("cs_1")) as feed:
            await take(feed, 1)
            with pytest.raises(TooManyWatchers):
                here.feeds.facts("cs_1")
        async with aclosing(here.feeds.facts("cs_1")) as feed:
            assert await take(feed, 1) == names(STORY[0])
