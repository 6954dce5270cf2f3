"""The newest checkpoints, and when each was signed."""

from datetime import datetime

from msgspec import Struct

from src.queries.reading import Reading

CHECKPOINTS_SHOWN = 10


class Signed(Struct, frozen=True, kw_only=True):
    """A checkpoint: the book up to position `size` was signed."""

    size: int
    kept_at: datetime


async def newest_checkpoints(
    db: Reading, book: int, limit: int = CHECKPOINTS_SHOWN
) -> list[Signed]:
    """Return the last checkpoints, the newest first."""
    rows = await db.fetch(_NEWEST, book, limit)
    return [Signed(size=row[0], kept_at=row[1]) for row in rows]


_NEWEST = """
select size, kept_at from khata.checkpoints where book = $1 order by size desc limit $2
"""
