"""Carries the facts of checkout sessions from the book into Redis, in order.

The cursor lives in memory. Adding a fact twice is harmless, a stream that
lacks one is found out by its reader, and older facts are served from the book:
so a publisher that starts, or that finds Redis again, begins a little before
the head. Two of them at once are a waste and nothing worse.
"""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import datetime

from src.events.checkout import CheckoutStarted
from src.events.envelope import Recorded, StoredEvent
from src.events.following import Wait, follow
from src.events.identifiers import CHECKOUT, category_of, key_of
from src.events.live_facts import live_fact, understood
from src.events.ports import Book
from src.events.session_stream import SessionFact, SessionStream
from src.telemetry import logger

REPUBLISH_EVENTS = 5_000
PAGE_EVENTS = 500
"""Small enough to reach Redis well within the time that it is given."""

log = logger("session-publisher")


class SessionPublisher:
    """One reader of the book."""

    def __init__(self, book: Book, stream: SessionStream) -> None:
        self._book = book
        self._stream = stream
        self._position: int | None = None

    async def follow(self, wake: Wait, pause: Wait = asyncio.sleep) -> None:
        """Publish until cancelled; `wake` returns when there is more, or after some seconds."""
        await follow(self.catch_up, log, wake, pause)

    async def catch_up(self) -> bool:
        """Publish up to the head; return False when Redis was away."""
        position = self._position
        if position is None:
            position = max(0, await self._book.head() - REPUBLISH_EVENTS)
        more = True
        while more:
            page = await self._book.read_page(position, PAGE_EVENTS)
            if not await self._stream.add(list(_session_facts(page))):
                self._position = None  # it may come back empty
                return False
            more = len(page) == PAGE_EVENTS
            self._position = position = page[-1].position if page else position
        return True


def _session_facts(page: Iterable[StoredEvent]) -> Iterator[SessionFact]:
    for stored in page:
        # What only a newer Khata can read leaves a gap, and its readers ask the book.
        if category_of(stored.stream) == CHECKOUT and (fact := understood(stored)) is not None:
            yield SessionFact(key_of(stored.stream), live_fact(fact), _lives_until(fact))


def _lives_until(fact: Recorded) -> datetime:
    match fact.event:
        case CheckoutStarted(expires_at=expires_at):
            return max(expires_at, fact.recorded_at)
        case _:
            return fact.recorded_at
