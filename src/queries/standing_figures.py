"""Figures of what stands open, and of how old the first thing is that nobody has seen."""

from collections.abc import Sequence

from msgspec import Struct

from src.projections.lag import Lag
from src.queries.reading import Reading


class OpenCases(Struct, frozen=True, kw_only=True):
    """Cases of one kind that wait for a person."""

    open: int
    oldest_seconds: float


async def open_cases_by_kind(db: Reading, book: int, counted_max: int) -> dict[str, OpenCases]:
    """Return the kinds that have any; the oldest are counted, up to a number."""
    rows = await db.fetch(_CASES, book, counted_max)
    return {
        row["kind"]: OpenCases(open=row["found"], oldest_seconds=float(row["oldest_seconds"]))
        for row in rows
    }


async def open_sessions_by_state(db: Reading, book: int, counted_max: int) -> dict[str, int]:
    """Return the states that have any, counted up to a number."""
    rows = await db.fetch(_SESSIONS, book, counted_max)
    return {row["state"]: row["found"] for row in rows}


async def behind_seconds(db: Reading, book: int, lags: Sequence[Lag]) -> dict[str, float]:
    """Return how old the first fact is that each read model has not seen; 0 for none."""
    rows = await db.fetch(_BEHIND, book, [each.position + 1 for each in lags])
    age = {row["position"]: float(row["seconds"]) for row in rows}
    return {each.name: age.get(each.position + 1, 0.0) for each in lags}


_CASES = """
select kind, count(*) as found,
    greatest(0, extract(epoch from clock_timestamp() - min(opened_at))) as oldest_seconds
from (
    select kind, opened_at from models.cases where book = $1 and status = 'open'
    order by position limit $2
) as open_ones
group by kind
"""
_SESSIONS = """
select state, count(*) as found from
    (select state from models.open_checkouts where book = $1 limit $2) as open_ones
group by state
"""
_BEHIND = """
select position, greatest(0, extract(epoch from clock_timestamp() - recorded_at)) as seconds
from khata.events where book = $1 and position = any($2::bigint[])
"""
