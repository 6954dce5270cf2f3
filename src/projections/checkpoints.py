"""How far each read model has come, and why one stands still."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from src.events.connection import Connection, Row
from src.projections.places import LIVE
from src.projections.projection import Projection

REASON_CHARACTERS_MAX = 500

DDL = """
create table if not exists checkpoints (
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


async def load(db: Fetching, book: int, place: str = LIVE) -> dict[tuple[str, int], Checkpoint]:
    """Return the checkpoints of a book by name and version, whatever the search path."""
    rows = await db.fetch(_LOAD.format(place), book)
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


async def stop(  # noqa: PLR0913, PLR0917  # who, where and why
    db: Connection, book: int, projection: Projection, after: int, at: int, reason: str
) -> None:
    """Say that the fact at `at`, the first after this checkpoint that it handles, is too much.

    Nothing is said if somebody has moved the checkpoint.
    """
    short = reason[:REASON_CHARACTERS_MAX]
    await db.execute(_STOP, book, projection.NAME, projection.VERSION, after, at, short)


async def retry(db: Connection, book: int, projections: Sequence[Projection]) -> None:
    """Let what stands still try again: a newer Khata may know what the older one did not."""
    await db.execute(_RETRY, book, *_names(projections))


def _names(projections: Sequence[Projection]) -> tuple[list[str], list[int]]:
    return [each.NAME for each in projections], [each.VERSION for each in projections]


_BEGIN = """
insert into checkpoints (book, projection, version)
select $1, * from unnest($2::text[], $3::int[]) on conflict do nothing
"""
_LOAD = """
select projection, version, position, stopped_at, stopped_reason
from {}.checkpoints where book = $1
"""
_ADVANCE = """
with held as (
    select projection, version from checkpoints
    where book = $1 and position = $4 and stopped_at is null
        and (projection, version) in (select * from unnest($2::text[], $3::int[]))
    order by projection, version for update
)
update checkpoints as known set position = $5 from held
where known.book = $1 and known.projection = held.projection and known.version = held.version
"""
_STOP = """
update checkpoints set position = $5::bigint - 1, stopped_at = $5, stopped_reason = $6
where book = $1 and projection = $2 and version = $3 and position = $4
"""
_RETRY = """
update checkpoints set stopped_at = null, stopped_reason = null
where book = $1 and stopped_at is not null
    and (projection, version) in (select * from unnest($2::text[], $3::int[]))
"""
