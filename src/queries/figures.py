"""What a shop's watchers want to know of its book, its read models and what waits for a person."""

from msgspec import Struct

from src.events import notary_rows
from src.events.notary_rows import NotaryHealth
from src.events.ports import Book
from src.projections.lag import Lag, lag
from src.queries.old_snapshots import SnapshotsHeld, snapshots_held
from src.queries.reading import Reading

COUNTED_MAX = 10_000
"""So many rows are counted at most: a figure is asked for again and again."""


class Waiting(Struct, frozen=True, kw_only=True):
    """What waits for a person or for the worker; counts end at COUNTED_MAX."""

    open_cases: int
    oldest_case_seconds: float
    """0 where no case is open."""
    unsettled_deliveries: int


class ShopFigures(Struct, frozen=True, kw_only=True):
    """All of it, asked within a moment but not at one."""

    notary: NotaryHealth
    read_models: list[Lag]
    waiting: Waiting
    snapshots: SnapshotsHeld


async def shop_figures(db: Reading, source: Book, book: int) -> ShopFigures:
    """Ask a few small questions; raises DatabaseUnavailableError."""
    return ShopFigures(
        notary=await notary_rows.health(db, book),
        read_models=await lag(db, source, book),
        waiting=await _waiting(db, book),
        snapshots=await snapshots_held(db),
    )


async def _waiting(db: Reading, book: int) -> Waiting:
    row = await db.fetchrow(_WAITING, book, COUNTED_MAX)
    assert row is not None
    return Waiting(
        open_cases=row[0], oldest_case_seconds=float(row[1]), unsettled_deliveries=row[2]
    )


_WAITING = """
select
    (select count(*) from
        (select from read.cases where book = $1 and status = 'open' limit $2) as found),
    greatest(0, coalesce(extract(epoch from clock_timestamp() -
        (select opened_at from read.cases where book = $1 and status = 'open'
         order by position limit 1)), 0)),
    (select count(*) from
        (select from read.webhooks where book = $1 and status = 'received' limit $2) as found)
"""
