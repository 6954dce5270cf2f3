"""Rows of the book as they are stored, each beside the leaf that stands with it."""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from src.events.connection import Row
from src.events.envelope import StoredEvent
from src.events.hashed_page import Asking
from src.events.identifiers import Stream
from src.events.leaf import leaf

VERSIONS_PER_PAGE = 2_000


class StoredRow(NamedTuple):
    """An event and its leaf; nobody has compared them yet."""

    event: StoredEvent
    kept: bytes

    def leaf_at(self, book: int, position: int) -> bytes:
        """Return the leaf that this event would have at another position."""
        return leaf(book, replace(self.event, position=position))


async def rows_between(db: Asking, book: int, after: int, to: int) -> list[StoredRow]:
    """Return what stands at the positions above `after` and up to `to`, in order."""
    return [_row(row) for row in await db.fetch(_BETWEEN, book, after, to)]


async def rows_at(db: Asking, book: int, positions: Sequence[int]) -> list[StoredRow]:
    """Return what stands at these positions, in order."""
    return [_row(row) for row in await db.fetch(_AT, book, positions)]


async def rows_of(db: Asking, book: int, name: Stream, after: int) -> list[StoredRow]:
    """Return a page of a stream: the versions above `after`, oldest first."""
    to = after + VERSIONS_PER_PAGE
    return [_row(row) for row in await db.fetch(_OF, book, name, after, to)]


def _row(row: Row) -> StoredRow:
    *event, kept = row
    return StoredRow(StoredEvent(*event), kept)


_ROW = """
select position, stream, version, type, schema_version, event_id, recorded_at, command_id,
    correlation_id, causation_id, actor, convert_to(payload::text, 'UTF8'), leaf
from khata.events where book = $1
"""
_BETWEEN = _ROW + " and position > $2 and position <= $3 order by position"
_AT = _ROW + " and position = any($2::bigint[]) order by position"
_OF = _ROW + " and stream = $2 and version > $3 and version <= $4 order by version"
