"""The newest facts of the book in words, as they come, for those who watch all of it.

One reader of a process follows the book while anybody watches, and keeps the
newest facts; every watcher takes from there what it has not seen. Positions are
dense, so whoever was away or is too slow is told how many facts it was not shown.
Nothing is queued for anybody.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from src.events.envelope import StoredEvent
from src.events.live_facts import understood
from src.events.ports import Book, DatabaseUnavailableError
from src.queries.live import HEARTBEAT, Heartbeat, TooManyWatchers
from src.queries.words import describe
from src.telemetry import logger

FACTS_MAX = 200
"""So many of the newest facts are kept, and so many are told at once."""
PAGE_EVENTS = 1_000

Pause = Callable[[float], Awaitable[object]]
log = logger("live book")


class BookPace(Struct, frozen=True, kw_only=True):
    """The limits of watching the book."""

    watchers_max: int = 50
    """Per process."""
    rest_seconds: float = 0.25
    """Between two looks at the book: a busy one is told page by page."""
    poll_seconds: float = 1.0
    """The reader looks by itself, also if nobody calls."""
    heartbeat_seconds: float = 15.0
    """Silence after which a watcher is told that we are still here."""
    seconds_max: float = 900.0
    """Then a feed ends; who is still there comes back and goes on where it was."""


class BookMoment(Struct, frozen=True, kw_only=True):
    """One fact in words that name no person."""

    position: int
    recorded_at: datetime
    stream: str
    event: str
    text: str


class BookNews(Struct, frozen=True, kw_only=True):
    """What came since the last news: the newest facts of it, oldest first."""

    moments: list[BookMoment]
    missed: int
    """So many facts before them are not told."""


class Ear(Protocol):
    """Hears of news; what it hears while nobody waits is not lost."""

    async def wait(self, timeout_seconds: float) -> None: ...


class BookFeed:
    """The watchers of one process, and the one reader that they share."""

    def __init__(
        self,
        book: Book,
        listen: Callable[[], Ear],
        pace: BookPace | None = None,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._book = book
        self._listen = listen
        self._pace = pace or BookPace()
        self._pause = pause
        self._kept: deque[BookMoment] = deque(maxlen=FACTS_MAX)
        self._changed = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self._has_ended = False
        self.watchers = 0

    def end(self) -> None:
        """End every feed, and begin no other: this process stops."""
        self._has_ended = True
        self._call()

    async def newest(self, length: int) -> list[BookMoment]:
        """Return the last facts, the newest first."""
        page = await self._book.read_page(max(0, await self._book.head() - length), length)
        return [told(stored) for stored in reversed(page)]

    def news(self, after: int) -> AsyncGenerator[BookNews | Heartbeat]:
        """Yield what comes after a position, and go on watching.

        Raises TooManyWatchers at once.
        """
        if self._has_ended or self.watchers >= self._pace.watchers_max:
            raise TooManyWatchers(f"{self._pace.watchers_max} watch the book")
        return self._watch(after)

    async def _watch(self, after: int) -> AsyncGenerator[BookNews | Heartbeat]:
        now = asyncio.get_running_loop().time
        with self._watching() as reader:
            ends, seen = now() + self._pace.seconds_max, after
            while not self._has_ended and now() < ends:
                changed = self._changed
                if found := self._since(seen):
                    missed = found[0].position - seen - 1
                    seen = found[-1].position
                    yield BookNews(moments=found, missed=missed)
                elif reader.done():
                    return  # whoever watches comes back, and a new reader begins
                elif not await _happens(changed, self._pace.heartbeat_seconds):
                    yield HEARTBEAT

    def _since(self, seen: int) -> list[BookMoment]:
        newer: list[BookMoment] = []
        for moment in reversed(self._kept):
            if moment.position <= seen:
                break
            newer.append(moment)
        return newer[::-1]

    @contextmanager
    def _watching(self) -> Generator[asyncio.Task[None]]:
        """Keep the reader at work while anybody watches."""
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._follow())
        self.watchers += 1
        try:
            yield self._reader
        finally:
            self.watchers -= 1
            if self.watchers == 0:
                self._rest()

    def _rest(self) -> None:
        """Stop reading: nobody watches."""
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None

    async def _follow(self) -> None:
        """Read the book from its newest facts on; what the last reader kept may be old."""
        ear = self._listen()
        position = None
        try:
            while True:
                with suppress(DatabaseUnavailableError):  # the next look may be answered
                    position = await self._read(position)
                await self._pause(self._pace.rest_seconds)
                await ear.wait(self._pace.poll_seconds)
        finally:
            self._call()

    async def _read(self, position: int | None) -> int:
        if position is None:
            self._kept.clear()
            position = max(0, await self._book.head() - FACTS_MAX)
        while page := await self._book.read_page(position, PAGE_EVENTS):
            self._take(page)
            position = page[-1].position
            if len(page) < PAGE_EVENTS:
                break
        return position

    def _take(self, page: Sequence[StoredEvent]) -> None:
        self._kept.extend(told(stored) for stored in page[-FACTS_MAX:])
        self._call()

    def _call(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def told(stored: StoredEvent) -> BookMoment:
    """Say what a fact says, as far as this Khata knows its words."""
    fact = understood(stored)
    words = f"A newer Khata wrote {stored.type}." if fact is None else describe(fact.event)
    return BookMoment(
        position=stored.position,
        recorded_at=stored.recorded_at,
        stream=stored.stream,
        event=stored.type if fact is None else type(fact.event).__name__,
        text=words,
    )


async def _happens(event: asyncio.Event, timeout_seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout_seconds):
            await event.wait()
    return event.is_set()
