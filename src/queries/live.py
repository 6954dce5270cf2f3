"""What happens to a checkout session, from a position on and then live.

The book answers first. From then on Redis calls when there is news and hands
it over; whenever it cannot, the book is asked again, so that a lost message,
an emptied or a silent Redis delays a fact and never hides one. A watcher reads
at its own pace: nothing is queued for a slow client.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from msgspec import Struct

from src.events.envelope import StoredEvent
from src.events.identifiers import CHECKOUT, stream
from src.events.live_facts import LiveFact, live_fact, understood
from src.events.ports import Book
from src.events.session_notices import SessionNotices
from src.events.session_stream import SessionStream


class Pace(Struct, frozen=True, kw_only=True):
    """The limits of watching."""

    poll_seconds: float = 1.0
    """A watcher that nobody called looks by itself."""
    heartbeat_seconds: float = 15.0
    """Silence after which a client is told that we are still here, and the book is asked."""
    seconds_max: float = 900.0
    """Then a feed ends; a client that is still there comes back and goes on where it was."""
    feeds_max: int = 1_000
    """Per process."""
    reads_at_once_max: int = 16
    """If all watchers are called at once they take turns."""


class TooManyWatchers(Exception):
    """This process has no room for another feed; come back later."""


class Heartbeat(Struct, frozen=True):
    """Nothing happened, and we are still here; an SSE comment."""


HEARTBEAT = Heartbeat()
News = LiveFact | Heartbeat


class SessionFeeds:
    """The feeds of one process."""

    def __init__(
        self, book: Book, stream: SessionStream, notices: SessionNotices, pace: Pace | None = None
    ) -> None:
        self._book = book
        self._stream = stream
        self._notices = notices
        self._pace = pace or Pace()
        self._turns = asyncio.Semaphore(self._pace.reads_at_once_max)
        self._has_ended = False

    def end(self) -> None:
        """End every feed after what it has read, and begin no other: this process stops."""
        self._has_ended = True
        self._notices.call_all()

    def facts(self, session_id: str, after_position: int = 0) -> AsyncGenerator[News]:
        """Yield a session's facts above a position, each once and in order, and go on watching.

        An ended session stays open: late money may still complete it. Raises
        TooManyWatchers at once, DatabaseUnavailableError while watching.
        """
        if self._has_ended or self._notices.count >= self._pace.feeds_max:
            raise TooManyWatchers(f"{self._pace.feeds_max} feeds are open")
        return self._feed(session_id, after_position)

    async def _feed(self, session_id: str, after_position: int) -> AsyncGenerator[News]:
        now = asyncio.get_running_loop().time
        place = _Place(session_id, self._book, self._stream)
        with self._notices.watching(session_id) as watch:
            ends, spoke = now() + self._pace.seconds_max, now()
            news = await self._read(place, ask_the_book=True)
            while True:
                for fact in news:
                    if fact.position > after_position:
                        yield fact
                if self._has_ended or now() >= ends:
                    return
                spoke = now() if news else spoke
                await watch.wait(self._pace.poll_seconds)
                silent = now() >= spoke + self._pace.heartbeat_seconds
                news = await self._read(place, ask_the_book=silent)
                if silent and not news:
                    yield HEARTBEAT
                    spoke = now()

    async def _read(self, place: "_Place", *, ask_the_book: bool) -> Sequence[LiveFact]:
        async with self._turns:
            return await place.advance(ask_the_book=ask_the_book)


class _Place:
    """How far one feed has come."""

    def __init__(self, session_id: str, book: Book, stream: SessionStream) -> None:
        self._session_id = session_id
        self._book = book
        self._stream = stream
        self._position = 0
        self._version = 0

    async def advance(self, *, ask_the_book: bool) -> Sequence[LiveFact]:
        """Return what is new, from Redis if that is allowed and it can tell."""
        if not ask_the_book:
            facts = await self._stream.after(self._session_id, self._position, self._version)
            if facts is not None:
                self._move(facts)
                return facts
        stored = await self._book.read_stream(
            stream(CHECKOUT, self._session_id), after=self._version
        )
        self._move(stored)
        return [live_fact(fact) for one in stored if (fact := understood(one)) is not None]

    def _move(self, facts: Sequence[LiveFact] | Sequence[StoredEvent]) -> None:
        if facts:
            self._position, self._version = facts[-1].position, facts[-1].version
