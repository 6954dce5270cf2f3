"""The book from a position on, as it was written: what auditors and other systems pull.

Positions have no gaps and are committed in their order, so a reader that
remembers one number has seen everything up to it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from src.events.connection import Row
from src.events.envelope import StoredEvent
from src.queries.reading import Reading

FEED_LIMIT_DEFAULT = 100
SCANNED_EVENTS_MAX = 10_000
"""So many events are looked at for one page, however few of them are wanted."""


class WrittenEvent(Struct, frozen=True, kw_only=True):
    """An event with its envelope, in the shape it was written in; what is sealed stays sealed."""

    position: int
    stream: str
    version: int
    type: str
    schema_version: int
    event_id: UUID
    recorded_at: datetime
    actor: str
    command_id: UUID
    correlation_id: UUID
    causation_id: UUID | None
    fact: dict[str, Any]


class FeedPage(Struct, frozen=True, kw_only=True):
    """Some events, and where to go on."""

    items: list[WrittenEvent]
    next_after: int
    """Send it as `after`, now or when there is news; a page may be empty and not the last."""
    head: int
    """The last position of the book."""


async def feed(
    db: Reading, book: int, after: int, *, type_name: str | None = None, limit: int
) -> FeedPage:
    """Return events above a position, oldest first."""
    head: int = await db.fetchval(_HEAD, book)
    to = max(after, min(head, after + SCANNED_EVENTS_MAX))
    rows = await db.fetch(_FEED, book, after, to, type_name, limit)
    return _page(rows, limit, to, head)


async def feed_of_stream(  # noqa: PLR0913  # which book, which stream, and which part of it
    db: Reading, book: int, name: str, after: int, *, type_name: str | None = None, limit: int
) -> FeedPage:
    """Return events of one stream above a position, oldest first."""
    head: int = await db.fetchval(_HEAD, book)
    to = max(after, head)
    rows = await db.fetch(_STREAM, book, name, after, to, type_name, limit)
    return _page(rows, limit, to, head)


async def has_stream(db: Reading, book: int, name: str) -> bool:
    """Whether anything was ever written to a stream."""
    found: bool = await db.fetchval(_HAS_STREAM, book, name)
    return found


def written_event(stored: StoredEvent) -> WrittenEvent:
    """Show an event in the shape that it was written in."""
    return WrittenEvent(
        position=stored.position,
        stream=stored.stream,
        version=stored.version,
        type=stored.type,
        schema_version=stored.schema_version,
        event_id=stored.event_id,
        recorded_at=stored.recorded_at,
        actor=stored.actor,
        command_id=stored.command_id,
        correlation_id=stored.correlation_id,
        causation_id=stored.causation_id,
        fact=msgspec.json.decode(stored.payload),
    )


def _page(rows: list[Row], limit: int, to: int, head: int) -> FeedPage:
    items = list(_written(rows))
    next_after = items[-1].position if len(items) == limit else to
    return FeedPage(items=items, next_after=next_after, head=head)


def _written(rows: Iterable[Row]) -> Iterable[WrittenEvent]:
    for row in rows:
        yield WrittenEvent(
            position=row[0],
            stream=row[1],
            version=row[2],
            type=row[3],
            schema_version=row[4],
            event_id=UUID(bytes=row[5].bytes),
            recorded_at=row[6],
            actor=row[7],
            command_id=UUID(bytes=row[8].bytes),
            correlation_id=UUID(bytes=row[9].bytes),
            causation_id=None if row[10] is None else UUID(bytes=row[10].bytes),
            fact=msgspec.json.decode(row[11]),
        )


_COLUMNS = """
select position, stream, version, type, schema_version, event_id, recorded_at, actor,
    command_id, correlation_id, causation_id, payload::text
from khata.events where book = $1
"""
_FEED = f"""
{_COLUMNS} and position > $2 and position <= $3 and ($4::text is null or type = $4)
order by position limit $5
"""
_STREAM = f"""
{_COLUMNS} and stream = $2 and position > $3 and position <= $4 and ($5::text is null or type = $5)
order by version limit $6
"""
_HEAD = "select position from khata.books where book = $1"
_HAS_STREAM = "select exists(select from khata.events where book = $1 and stream = $2)"
