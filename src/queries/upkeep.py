"""Whether somebody keeps up what the shop leaves for later, and whether the book fits this code."""

from msgspec import Struct

from src.projections.runner import FEEDING
from src.queries.reading import Reading

COUNTED_MAX = 1_000
"""So many rows are counted at most: health is asked for again and again."""
LATE_SECONDS = 60
"""A worker looks each second or so; what has waited for so long, nobody looks for."""
ERRAND_LATE_SECONDS = 600
"""Razorpay may be away for a while; then a person wants to know."""
LETTER_LATE_SECONDS = 600
"""The same of whoever takes mail."""


class Upkeep(Struct, frozen=True, kw_only=True):
    """How it stands; counts end at COUNTED_MAX."""

    migrated: str
    """The last migration that the database has."""
    is_fed: bool
    """Whether a worker holds the read models' lock, on this machine or another."""
    late_sessions: int
    """Checkout sessions whose time is over, and which hold their stock all the same."""
    late_deliveries: int
    late_errands: int
    """Refunds and captures that the book wants and Razorpay has not confirmed."""
    late_letters: int


async def upkeep(db: Reading, book: int) -> Upkeep:
    """Ask one small question; raises DatabaseUnavailableError."""
    row = await db.fetchrow(
        _UPKEEP, book, FEEDING, COUNTED_MAX, LATE_SECONDS, ERRAND_LATE_SECONDS, LETTER_LATE_SECONDS
    )
    assert row is not None
    return Upkeep(
        migrated=row["migrated"],
        is_fed=row["is_fed"],
        late_sessions=row["late_sessions"],
        late_deliveries=row["late_deliveries"],
        late_errands=row["late_refunds"] + row["late_captures"],
        late_letters=row["late_letters"],
    )


_LATE = "(select count(*) from (select from {} limit $3) as found)"
_BEFORE = "< clock_timestamp() - make_interval(secs => ${})"
_UPKEEP = f"""
select
    (select version_num from khata.migrated) as migrated,
    exists (
        select from pg_locks
        where locktype = 'advisory' and classid::bigint = $2 and objid::bigint = $1 and granted
        and database = (select oid from pg_database where datname = current_database())
    ) as is_fed,
    {
    _LATE.format(
        "models.open_checkouts where book = $1 and securing is null and expires_at "
        + _BEFORE.format(4)
    )
} as late_sessions,
    {
    _LATE.format(
        "models.webhooks where book = $1 and status = 'received' and received_at "
        + _BEFORE.format(4)
    )
} as late_deliveries,
    {
    _LATE.format(
        "models.refunds where book = $1 and status = 'requested' and requested_at "
        + _BEFORE.format(5)
    )
} as late_refunds,
    {
    _LATE.format(
        "models.payments where book = $1 and status = 'authorized' and taking = 'wanted'"
        " and changed_at " + _BEFORE.format(5)
    )
} as late_captures,
    {_LATE.format("edge.letters where book = $1 and asked_at " + _BEFORE.format(6))} as late_letters
"""  # noqa: S608 - our own words
