"""Which checkout sessions are due to expire."""

from datetime import datetime

from msgspec import Struct

from src.queries.reading import Reading

DUE_MAX = 500


class DueCheckout(Struct, frozen=True, kw_only=True):
    """A session that was not paid in time; the book decides whether it expires."""

    checkout_session_id: str
    cart_id: str
    expires_at: datetime


async def due(db: Reading, book: int, now: datetime, limit: int = DUE_MAX) -> list[DueCheckout]:
    """Return the sessions that were to be paid before now, longest overdue first.

    One whose money is being taken is not due.
    """
    rows = await db.fetch(_DUE, book, now, min(limit, DUE_MAX))
    return [
        DueCheckout(checkout_session_id=row[0], cart_id=row[1], expires_at=row[2]) for row in rows
    ]


_DUE = """
select checkout_session_id, cart_id, expires_at from models.open_checkouts
where book = $1 and securing is null and expires_at <= $2
order by expires_at limit $3
"""
