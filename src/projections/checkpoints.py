"""How far each read model has come, and why one stands still."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from src.events.connection import Connection, Row
from src.projections.projection import Projection

REASON_CHARACTERS_MAX = 500

DDL = """
create table if not exists read.checkpoints (
    book           int    not null,
    projection     text   collate "C" not null,
    version        int    not null,
    position       bigint not null default 0,
    stopped_at     bigint,
    stopped_reason text,
    primary key (book, projection, version)
);
"""


class Fetching(Protocol):
    """A connection, or a pool of them."""

    async def fetch(self, query: str, *args: object) -> list[Row]: ...


class Checkpoint(Struct, frozen=True, kw_only=True):
    """One read model has seen everything up to `position`."""

    projection: str
    version: int
    position: int
    stopped_at: int | None = None
    """The position of the fact that it cannot take."""
    stopped_reason: str | None = None


async def begin(db: Connection, book: int, projections: Sequence[Projection]) -> None:
    """Put new read models at position 0."""
    await db.execute(_BEGIN, book, *_names(projections))


async def load(db: Fetching, book: int) -> dict[tuple[str, int], Checkpoint]:
    """Return the checkpoints of a book by name and version."""
    rows = await db.fetch(_LOAD, book)
    return {
        (row[0], row[1]): Checkpoint(
            projection=row[0],
            version=row[1],
            position=row[2],
            stopped_at=row[3],
            stopped_reason=row[4],
        )
        for row in rows
    }


async def advance(
    db: Connection, book: int, group: Sequence[Projection], after: int, to: int
) -> bool:
    """Move and lock all of these checkpoints, or say that somebody else has moved one."""
    answer = await db.execute(_ADVANCE, book, *_names(group), after, to)
    return answer == f"UPDATE {len(group)}"


async def stop(db: Connection, book: int, projection: Projection, after: int, reason: str) -> None:
    """Say that the fact after this checkpoint cannot be taken, unless somebody has moved it."""
    short = reason[:REASON_CHARACTERS_MAX]
    await db.execute(_STOP, book, projection.NAME, projection.VERSION, after, short)


async def retry(db: Connection, book: int, projections: Sequence[Projection]) -> None:
    """Let what stands still try again: a newer Khata may know what the older one did not."""
    await db.execute(_RETRY, book, *_names(projections))


async def rewind(db: Connection, book: int, projection: Projection) -> None:
    """Put one back to the beginning; its rows are locked until the transaction ends."""
    await db.execute(_REWIND, book, projection.NAME, projection.VERSION)


def _names(projections: Sequence[Projection]) -> tuple[list[str], list[int]]:
    return [each.NAME for each in projections], [each.VERSION for each in projections]


_BEGIN = """
insert into read.checkpoints (book, projection, version)
select $1, * from unnest($2::text[], $3::int[]) on conflict do nothing
"""
_LOAD = """
select projection, version, position, stopped_at, stopped_reason
from read.checkpoints where book = $1
"""
_ADVANCE = """
with held as (
    select projection, version from read.checkpoints
    where book = $1 and position = $4 and stopped_at is null
        and (projection, version) in (select * from unnest($2::text[], $3::int[]))
    order by projection, version for update
)
update read.checkpoints as known set position = $5 from held
where known.book = $1 and known.projection = held.projection and known.version = held.version
"""
_STOP = """
update read.checkpoints set stopped_at = $4 + 1, stopped_reason = $5
where book = $1 and projection = $2 and version = $3 and position = $4
"""
_RETRY = """
update read.checkpoints set stopped_at = null, stopped_reason = null
where book = $1 and stopped_at is not null
    and (projection, version) in (select * from unnest($2::text[], $3::int[]))
"""
_REWIND = """
update read.checkpoints set position = 0, stopped_at = null, stopped_reason = null
where book = $1 and projection = $2 and version = $3
"""
