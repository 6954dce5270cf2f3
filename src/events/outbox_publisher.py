"""Carries all facts from the book into its outbox, in order, each once.

The cursor is the stream's own end, so it can never disagree with the stream:
whatever became of Redis (wiped, restored, gone for a day), publishing goes on
from the end that is found there. A stream that was wiped begins anew as far
back as it keeps facts. An end that this book does not have is not built upon.
"""

import asyncio
from collections.abc import Sequence

from msgspec import Struct

from src.events.envelope import StoredEvent
from src.events.following import Wait, follow
from src.events.outbox import PAGE_EVENTS, End, Outbox, end_with, page_of
from src.events.ports import Book
from src.telemetry import logger

log = logger("outbox")


class Standing(Struct, frozen=True, kw_only=True):
    """How far the outbox is behind the book."""

    position: int
    """The last fact in it; 0 for none."""
    behind: int
    trouble: str | None
    """Why it stands still, and what to do; nothing in it is personal data."""


class OutboxPublisher:
    """One reader of the book, one of any number."""

    def __init__(self, book: Book, outbox: Outbox) -> None:
        self._book = book
        self._outbox = outbox
        self._end = End()
        self._stands_still = False

    async def follow(self, wake: Wait, pause: Wait = asyncio.sleep) -> None:
        """Publish until cancelled; `wake` returns when there is more, or after some seconds."""
        await follow(self.catch_up, log, wake, pause)

    async def catch_up(self) -> bool:
        """Publish up to the head, or to where it cannot go on; return False if Redis was away."""
        while True:
            facts = await _facts_after(self._book, self._end, self._outbox.keep)
            found = await self._outbox.add(self._end, facts or ())
            if found is None:
                return False
            if found != self._end:
                self._go_on_from(found)
            elif facts:
                self._end = end_with(facts[-1])
            else:
                self._tell(stands_still=facts is None)
                return True

    def _go_on_from(self, found: End) -> None:
        """Another publisher was faster, or Redis is not what it was."""
        was, now = self._end.position or 0, found.position or 0
        if now < was:
            log.warning("the outbox went back", was=was, now=now)
        self._end = found

    def _tell(self, *, stands_still: bool) -> None:
        if stands_still and not self._stands_still:
            log.error("the outbox stands still", why=_trouble(self._outbox, self._end))
        elif self._stands_still and not stands_still:
            log.info("the outbox goes on")
        self._stands_still = stands_still


async def standing(book: Book, outbox: Outbox) -> Standing | None:
    """Return how far the outbox is, asked from any process; None if Redis is away."""
    end = await outbox.end()
    if end is None:
        return None
    ours = await _facts_after(book, end, outbox.keep, 0) is not None
    head = await book.head()
    position = end.position or 0
    trouble = None if ours else _trouble(outbox, end)
    return Standing(position=position, behind=max(0, head - position), trouble=trouble)


async def _facts_after(
    book: Book, end: End, keep: int, length: int = PAGE_EVENTS
) -> Sequence[StoredEvent] | None:
    """Return what follows this end, or None if the book has no such end."""
    position = end.position
    if position is None:
        return None
    if position == 0:
        return page_of(await book.read_page(max(0, await book.head() - keep), length))
    facts = await book.read_page(position - 1, 1 + length)
    # Without its last entry nobody can tell more than that the book is long enough.
    ours = bool(facts) and end.event_id in {"", str(facts[0].event_id)}
    return page_of(facts[1:]) if ours else None


def _trouble(outbox: Outbox, end: End) -> str:
    if end.position is None:
        return f"{outbox.key} in Redis is not Khata's: rename it, and the outbox begins anew"
    return (
        f"{outbox.key} in Redis ends at {end.position} with a fact that this book does not have:"
        " delete it, unless it is another shop's, and the outbox begins anew, as its readers must"
    )
