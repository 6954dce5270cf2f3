"""The past as it was written: the facts of one stream, up to any moment."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import reduce
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from src.events.catalogue import fold_of
from src.events.codec import recorded
from src.events.envelope import Recorded, StoredEvent
from src.events.identifiers import ORDER, Stream, stream
from src.events.order import Placed
from src.events.ports import Book
from src.projections.order_document import OrderDocument, document_of

Moment = int | datetime
"""A position, or a time; both inclusive."""

POSITION_MAX = 2**53 - 1


class BadMoment(ValueError):
    """Neither a position nor an RFC 3339 time."""


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
        raise BadMoment("the position is beyond every book")
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadMoment("neither a position nor an RFC 3339 time") from error
    if time.tzinfo is None:
        raise BadMoment("a time needs its zone, for example Z")
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise BadMoment("the time is beyond the calendar") from error


async def history(source: Book, name: Stream, up_to: Moment | None = None) -> list[HistoricFact]:
    """Return a stream's facts, oldest first."""
    return [historic(recorded(each)) for each in await _stored(source, name, up_to)]


async def state_at(source: Book, name: Stream, up_to: Moment | None = None) -> Any:  # noqa: ANN401  # the state that the stream's own module declares
    """Return what a stream's facts added up to at a moment."""
    fold = fold_of(name)
    facts = (recorded(each).event for each in await _stored(source, name, up_to))
    return reduce(fold.evolve, facts, fold.nothing_yet)


async def order_as_of(
    source: Book, order_id: str, up_to: Moment | None = None
) -> OrderDocument | None:
    """Return an order as it stood at a moment, straight from the book."""
    facts = [recorded(each) for each in await _stored(source, stream(ORDER, order_id), up_to)]
    fold = fold_of(stream(ORDER, order_id))
    state = reduce(fold.evolve, (each.event for each in facts), fold.nothing_yet)
    if not isinstance(state, Placed):
        return None
    return document_of(state.order, facts[0].recorded_at)


async def _stored(source: Book, name: Stream, up_to: Moment | None) -> Sequence[StoredEvent]:
    events = await source.read_stream(name)
    match up_to:
        case None:
            return events
        case int():
            return [each for each in events if each.position <= up_to]
        case datetime():
            return [each for each in events if each.recorded_at <= up_to]


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
