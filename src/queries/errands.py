"""What the book wants of Razorpay and nobody has seen done: refunds, and promised money."""

from datetime import datetime

from msgspec import Struct

from src.queries.reading import Reading

WANTED_MAX = 5_000
"""So many of each are looked at together; the rest waits until some of these are done."""


class WantedRefund(Struct, frozen=True, kw_only=True):
    """Money that is to go back."""

    razorpay_order_id: str
    refund_id: str


class WantedCapture(Struct, frozen=True, kw_only=True):
    """Money that a bank has promised, and that is to be taken."""

    razorpay_order_id: str
    razorpay_payment_id: str
    promised_at: datetime
    """When we heard of it."""


async def wanted_refunds(
    db: Reading, book: int, before: datetime, limit: int = WANTED_MAX
) -> list[WantedRefund]:
    """Return the refunds that were wished for before a time, oldest first."""
    rows = await db.fetch(_REFUNDS, book, before, min(limit, WANTED_MAX))
    return [WantedRefund(razorpay_order_id=row[0], refund_id=row[1]) for row in rows]


async def wanted_captures(
    db: Reading, book: int, before: datetime, limit: int = WANTED_MAX
) -> list[WantedCapture]:
    """Return the money that was promised before a time and is to be taken, oldest first."""
    rows = await db.fetch(_CAPTURES, book, before, min(limit, WANTED_MAX))
    return [
        WantedCapture(razorpay_order_id=row[0], razorpay_payment_id=row[1], promised_at=row[2])
        for row in rows
    ]


_REFUNDS = """
select razorpay_order_id, refund_id from models.refunds
where book = $1 and status = 'requested' and requested_at < $2 order by position limit $3
"""
_CAPTURES = """
select razorpay_order_id, payment_id, changed_at from models.payments
where book = $1 and status = 'authorized' and taking = 'wanted' and changed_at < $2
order by changed_at limit $3
"""
