"""Watching the whole book: every fact in order, by one reader, and what was missed is said."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import pytest

from src.events.envelope import StoredEvent
from src.events.ports import DatabaseUnavailableError
from src.queries.live import HEARTBEAT, Heartbeat, TooManyWatchers
from src.queries.live_book import FACTS_MAX, BookFeed, BookNews, BookPace
from tests.memory import MemoryBook
from tests.redis.sessions import CANCELLED, CREATED, REQUESTED, started, write

pytestmark = pytest.mark.anyio

STORY = (started("cs_1"), REQUESTED, CREATED, CANCELLED)
QUICK = BookPace(rest_seconds=0.0, poll_seconds=0.01)
NEVER_BY_ITSELF = BookPace(rest_seconds=0.0, poll_seconds=60.0)


class Bell:
    """An ear that hears when it is rung."""

    def __init__(self) -> None:
        self.rung = asyncio.Event()

    async def wait(self, timeout_seconds: float) -> None:
        async with asyncio.timeout(timeout_seconds):
            await self.rung.wait()
        self.rung.clear()


class Quiet:
    """An ear that hears nothing, and returns when it is time to look."""

    async def wait(self, timeout_seconds: float) -> None:
        await asyncio.sleep(timeout_seconds)


class ReadBook(MemoryBook):
    """A book that counts its reads, and can be away."""

    reads = 0
    away = 0

    async def read_page(
        self, after: int, length: int, *, without: Sequence[str] = ()
    ) -> Sequence[StoredEvent]:
        self.reads += 1
        if self.away:
            self.away -= 1
            raise DatabaseUnavailableError
        return await super().read_page(after, length, without=without)


Feed = AsyncGenerator[BookNews | Heartbeat]


async def next_news(feed: Feed) -> BookNews:
    async with asyncio.timeout(15):
        news = await anext(feed)
    assert isinstance(news, BookNews)
    return news


async def positions(feed: Feed, up_to: int) -> list[int]:
    """Every position that is told, up to one."""
    told: list[int] = []
    while not told or told[-1] < up_to:
        told += [each.position for each in (await next_news(feed)).moments]
    return told


async def test_what_is_there_comes_first_and_what_is_written_follows() -> None:
    book = ReadBook()
    await write(book, "cs_1", *STORY)
    async with aclosing(BookFeed(book, Quiet, QUICK).news(1)) as feed:
        assert await positions(feed, 4) == [2, 3, 4]
        await write(book, "cs_2", started("cs_2"))
        assert await positions(feed, 5) == [5]


async def test_a_fact_is_told_in_words_with_its_place() -> None:
    book = ReadBook()
    await write(book, "cs_1", *STORY)
    async with aclosing(BookFeed(book, Quiet, QUICK).news(3)) as feed:
        news = await next_news(feed)
    told = news.moments[0]
    assert (told.position, told.event, told.stream) == (4, "CheckoutCancelled", "checkout-cs_1")
    assert told.text.startswith("The checkout was cancelled")
    assert news.missed == 0


async def test_a_call_is_enough_and_nobody_waits_for_the_next_look() -> None:
    book, bell = ReadBook(), Bell()
    await write(book, "cs_1", started("cs_1"))
    async with aclosing(BookFeed(book, lambda: bell, NEVER_BY_ITSELF).news(0)) as feed:
        assert await positions(feed, 1) == [1]
        await write(book, "cs_2", started("cs_2"))
        bell.rung.set()
        assert await positions(feed, 2) == [2]


async def test_all_watchers_share_one_reader() -> None:
    book, bell = ReadBook(), Bell()
    await write(book, "cs_1", *STORY)
    feeds = BookFeed(book, lambda: bell, NEVER_BY_ITSELF)
    watching = [feeds.news(0) for _ in range(10)]
    for feed in watching:
        assert await positions(feed, 4) == [1, 2, 3, 4]
    assert (book.reads, feeds.watchers) == (1, 10)
    for feed in watching:
        await feed.aclose()
    assert feeds.watchers == 0


async def test_whoever_was_away_for_long_is_told_how_much_was_missed() -> None:
    book = ReadBook()
    for number in range(FACTS_MAX + 10):
        await write(book, f"cs_{number}", started(f"cs_{number}"))
    async with aclosing(BookFeed(book, Quiet, QUICK).news(3)) as feed:
        news = await next_news(feed)
    assert len(news.moments) == FACTS_MAX
    assert news.missed == 10 - 3
    assert news.moments[0].position == 11


async def test_a_new_reader_does_not_tell_what_the_last_one_kept() -> None:
    book = ReadBook()
    await write(book, "cs_1", *STORY)
    feeds = BookFeed(book, Quiet, QUICK)
    async with aclosing(feeds.news(0)) as feed:
        assert await positions(feed, 4) == [1, 2, 3, 4]
    await write(book, "cs_2", started("cs_2"))
    async with aclosing(feeds.news(4)) as feed:
        assert await positions(feed, 5) == [5]


async def test_a_database_that_is_away_for_a_while_delays_facts_and_hides_none() -> None:
    book = ReadBook()
    await write(book, "cs_1", *STORY)
    book.away = 3
    async with aclosing(BookFeed(book, Quiet, QUICK).news(0)) as feed:
        assert await positions(feed, 4) == [1, 2, 3, 4]


async def test_silence_is_broken_by_a_sign_of_life() -> None:
    pace = BookPace(rest_seconds=0.0, poll_seconds=0.01, heartbeat_seconds=0.01)
    async with aclosing(BookFeed(ReadBook(), Quiet, pace).news(0)) as feed:
        async with asyncio.timeout(15):
            assert await anext(feed) is HEARTBEAT


async def test_more_watchers_than_there_is_room_for_are_told_so() -> None:
    book = ReadBook()
    await write(book, "cs_1", *STORY)
    feeds = BookFeed(book, Quiet, BookPace(rest_seconds=0.0, poll_seconds=0.01, watchers_max=1))
    async with aclosing(feeds.news(0)) as feed:
        await next_news(feed)
        with pytest.raises(TooManyWatchers):
            feeds.news(0)


async def test_a_process_that_stops_ends_every_feed_and_begins_no_other() -> None:
    feeds = BookFeed(ReadBook(), Quiet, QUICK)
    feed = feeds.news(0)
    waiting = asyncio.ensure_future(anext(feed, None))
    await asyncio.sleep(0)
    feeds.end()
    async with asyncio.timeout(15):
        assert await waiting is None
    with pytest.raises(TooManyWatchers):
        feeds.news(0)


async def test_the_newest_facts_are_shown_newest_first() -> None:
    book = ReadBook()
    await write(book, "cs_1", *STORY)
    newest = await BookFeed(book, Quiet, QUICK).newest(2)
    assert [each.position for each in newest] == [4, 3]
