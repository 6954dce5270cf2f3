"""How far an answer has come: the position and the time up to which it is true."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from src.queries.reading import Reading


class Freshness(Struct, frozen=True, kw_only=True):
    """Every fact up to `position` is counted in; it was recorded at `true_at`."""

    position: int
    true_at: datetime | None
    """None before the first fact."""


async def freshness(db: Reading, book: int, views: Sequence[str]) -> Freshness:
    """Return how far the slowest of these views has come."""
    row = await db.fetchrow(_SLOWEST, book, list(views))
    return (
        Freshness(position=row[0], true_at=row[1]) if row else Freshness(position=0, true_at=None)
    )


async def position_at(db: Reading, book: int, moment: datetime) -> int:
    """Return the last position recorded at a moment or before it; this asks the book."""
    found: int = await db.fetchval(_UP_TO, book, moment)
    return found


_SLOWEST = """
select position, true_at from read.about
where book = $1 and relation = any($2::text[]) order by position limit 1
"""
# Positions and times rise together; a binary search by position needs no index on the time.
_UP_TO = """
with recursive search as (
    select 0::bigint as low, (select position from khata.books where book = $1) as high
    union all
    select case when at.recorded_at <= $2 then middle else low end,
           case when at.recorded_at <= $2 then high else middle - 1 end
    from search, lateral (select (low + high + 1) / 2 as middle) as half,
        lateral (select recorded_at from khata.events
                 where book = $1 and position = half.middle) as at
    where low < high
)
select low from search where low = high
"""
