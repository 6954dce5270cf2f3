"""The past as it was written: the facts of one stream, page by page, up to any moment."""

from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from src.events.codec import recorded
from src.events.envelope import Recorded, StoredEvent
from src.events.identifiers import Stream
from src.events.ports import Book

Moment = int | datetime
"""A position, or a time; both inclusive."""

POSITION_MAX = 2**53 - 1
PAGE_EVENTS = 2_000
"""So many facts of a stream are in memory at once, however long it is."""


class BadMoment(ValueError):
    """Neither a position nor an RFC 3339 time; the words fit behind the name of what was asked."""


class HistoricFact(Struct, frozen=True, kw_only=True):
    """A fact with its envelope, readable by people and programs."""

    position: int
    stream: str
    version: int
    type: str
    event_id: UUID
    recorded_at: datetime
    actor: str
    command_id: UUID
    correlation_id: UUID
    causation_id: UUID | None
    fact: dict[str, Any]


def moment(text: str) -> Moment:
    """Read a position or an RFC 3339 time; a time without a zone is refused."""
    if text.isascii() and text.isdigit():
        if len(text) <= len(str(POSITION_MAX)) and int(text) <= POSITION_MAX:
            return int(text)
        raise BadMoment("is beyond every book")
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadMoment(
            "is neither a position of the book nor a time such as 2026-01-15T12:00:00Z"
        ) from error
    if time.tzinfo is None:
        raise BadMoment("needs its offset, for example Z")
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise BadMoment("is beyond the calendar") from error


def had_come(event: StoredEvent | Recorded, up_to: Moment | None) -> bool:
    """Whether an event stood in the book at a moment."""
    match up_to:
        case None:
            return True
        case int():
            return event.position <= up_to
        case datetime():
            return event.recorded_at <= up_to


async def history(
    source: Book, name: Stream, up_to: Moment | None = None
) -> AsyncGenerator[list[HistoricFact]]:
    """Yield a stream's facts up to a moment, oldest first, page by page."""
    async for page in pages(source, name, up_to):
        yield [historic(recorded(each)) for each in page]


async def pages(
    source: Book, name: Stream, up_to: Moment | None = None
) -> AsyncGenerator[Sequence[StoredEvent]]:
    """Yield what stood on a stream at a moment, oldest first; no page is empty.

    Versions have no gaps and never run against positions or times: the first
    page that is not full of what had come is the last.
    """
    for after in count(0, PAGE_EVENTS):
        page = await source.read_stream(name, after=after, up_to=after + PAGE_EVENTS)
        come = [each for each in page if had_come(each, up_to)]
        if come:
            yield come
        if len(come) < PAGE_EVENTS:
            return


def historic(fact: Recorded) -> HistoricFact:
    """Write a decoded fact down as plain JSON; what is sealed stays sealed."""
    return HistoricFact(
        position=fact.position,
        stream=fact.stream,
        version=fact.version,
        type=type(fact.event).__name__,
        event_id=fact.event_id,
        recorded_at=fact.recorded_at,
        actor=fact.cause.actor,
        command_id=fact.cause.command_id,
        correlation_id=fact.cause.correlation_id,
        causation_id=fact.cause.causation_id,
        fact=msgspec.to_builtins(fact.event),
    )
