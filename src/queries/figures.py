"""What a shop's watchers want to know of its book, its read models and what waits for a person."""

from msgspec import Struct

from src.events import notary_rows
from src.events.notary_rows import NotaryHealth
from src.events.ports import Book
from src.projections.lag import Lag, lag
from src.queries.inquiries import Inquiries, inquiries
from src.queries.letters import Letters, letters
from src.queries.old_snapshots import SnapshotsHeld, snapshots_held
from src.queries.reading import Reading
from src.queries.standing_figures import (
    OpenCases,
    behind_seconds,
    open_cases_by_kind,
    open_sessions_by_state,
)
from src.queries.upkeep import Upkeep, upkeep

COUNTED_MAX = 10_000
"""So many rows are counted at most: a figure is asked for again and again."""


class Waiting(Struct, frozen=True, kw_only=True):
    """What waits for a person or for the worker; counts end at COUNTED_MAX."""

    open_cases: int
    oldest_case_seconds: float
    """0 where no case is open."""
    unsettled_deliveries: int
    oldest_unsettled_seconds: float
    """0 where every delivery is settled."""
    parked_of_ours: int
    parked_of_others: int
    """About money that this book did not ask for, or that nobody could read."""
    open_refunds: int
    oldest_refund_seconds: float
    """0 where no money is on its way back."""


class ShopFigures(Struct, frozen=True, kw_only=True):
    """All of it, asked within a moment but not at one."""

    notary: NotaryHealth
    read_models: list[Lag]
    waiting: Waiting
    behind_seconds: dict[str, float]
    """By read model."""
    open_cases_by_kind: dict[str, OpenCases]
    open_sessions_by_state: dict[str, int]
    upkeep: Upkeep
    inquiries: Inquiries
    letters: Letters
    snapshots: SnapshotsHeld


async def shop_figures(db: Reading, source: Book, book: int) -> ShopFigures:
    """Ask a few small questions; raises DatabaseUnavailableError."""
    lags = await lag(db, source, book)
    return ShopFigures(
        notary=await notary_rows.health(db, book),
        read_models=lags,
        behind_seconds=await behind_seconds(db, book, lags),
        waiting=await waiting(db, book),
        open_cases_by_kind=await open_cases_by_kind(db, book, COUNTED_MAX),
        open_sessions_by_state=await open_sessions_by_state(db, book, COUNTED_MAX),
        upkeep=await upkeep(db, book),
        inquiries=await inquiries(db, book, COUNTED_MAX),
        letters=await letters(db, book, COUNTED_MAX),
        snapshots=await snapshots_held(db),
    )


async def waiting(db: Reading, book: int) -> Waiting:
    """Count what waits, and say how old the first of it is."""
    row = await db.fetchrow(_WAITING, book, COUNTED_MAX)
    assert row is not None
    return Waiting(
        open_cases=row["open_cases"],
        oldest_case_seconds=float(row["oldest_case_seconds"]),
        unsettled_deliveries=row["unsettled"],
        oldest_unsettled_seconds=float(row["oldest_unsettled_seconds"]),
        parked_of_ours=row["parked_of_ours"],
        parked_of_others=row["parked"] - row["parked_of_ours"],
        open_refunds=row["open_refunds"],
        oldest_refund_seconds=float(row["oldest_refund_seconds"]),
    )


_AGE = "greatest(0, coalesce(extract(epoch from clock_timestamp() - ({oldest})), 0))"
_WAITING = f"""
select
    (select count(*) from
        (select from models.cases where book = $1 and status = 'open' limit $2) as found
    ) as open_cases,
    {
    _AGE.format(
        oldest='''
        select opened_at from models.cases where book = $1 and status = 'open'
        order by position limit 1'''
    )
} as oldest_case_seconds,
    (select count(*) from
        (select from models.webhooks where book = $1 and status = 'received' limit $2) as found
    ) as unsettled,
    {
    _AGE.format(
        oldest='''
        select received_at from models.webhooks where book = $1 and status = 'received'
        order by received_at, position limit 1'''
    )
} as oldest_unsettled_seconds,
    aside.parked, aside.parked_of_ours,
    (select count(*) from
        (select from models.refunds
         where book = $1 and status in ('requested', 'pending') limit $2) as found
    ) as open_refunds,
    {
    _AGE.format(
        oldest='''
        select requested_at from models.refunds
        where book = $1 and status in ('requested', 'pending')
        order by position limit 1'''
    )
} as oldest_refund_seconds
from (
    select count(*) as parked, count(ours.razorpay_order_id) as parked_of_ours
    from (
        select book, razorpay_order_id from models.webhooks
        where book = $1 and status = 'parked' order by received_at desc, position desc limit $2
    ) as parked
    left join models.payment_orders as ours using (book, razorpay_order_id)
) as aside
"""  # noqa: S608 - our own words
