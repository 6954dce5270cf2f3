"""How long somebody has been holding an old view of the database, which slows down every append.

The head of the book is one row that every append replaces. While a view of it
lives, none of its former versions can go, and each append has to pass them all.
"""

from msgspec import Struct

from src.queries.reading import Reading


class SnapshotsHeld(Struct, frozen=True, kw_only=True):
    """The views that sessions of this database hold now, the one that asks left out."""

    oldest_seconds: float
    """Since the transaction of the oldest began, of those whose age may be seen; 0 for none."""
    unknown: int
    """Of other roles, whose age is for members of pg_read_all_stats alone."""


async def snapshots_held(db: Reading) -> SnapshotsHeld:
    """Ask PostgreSQL."""
    row = await db.fetchrow(_HELD)
    assert row is not None
    return SnapshotsHeld(oldest_seconds=float(row[0]), unknown=row[1])


# `backend_xmin` is everybody's to see, `xact_start` is not; a vacuum has no role, and drags nobody.
_HELD = """
select greatest(0, coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0)),
    count(*) filter (where xact_start is null)
from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
    and backend_xmin is not null and usesysid is not null
"""
