"""Payments and refunds as the book knows them, for whoever compares them with Razorpay's lists."""

from collections.abc import Collection, Iterable
from datetime import datetime

from msgspec import Struct

from src.events.connection import Row
from src.events.money import Money
from src.queries.reading import Reading

IDS_AT_ONCE = 1_000


class BookPayment(Struct, frozen=True, kw_only=True):
    """One payment on a Razorpay order of ours."""

    razorpay_order_id: str
    razorpay_payment_id: str
    status: str
    amount: Money


class BookRefund(Struct, frozen=True, kw_only=True):
    """One refund of such a payment."""

    razorpay_order_id: str
    razorpay_payment_id: str
    refund_id: str
    razorpay_refund_id: str | None
    status: str
    amount: Money


async def ours_among(db: Reading, book: int, orders: Collection[str]) -> set[str]:
    """Return those of these Razorpay orders that this book made."""
    return {row[0] for row in await _each(db, _OURS, book, orders)}


async def orders_of_payments(db: Reading, book: int, payments: Collection[str]) -> dict[str, str]:
    """Return the Razorpay order of each of these payments that is on one of ours."""
    return {row[0]: row[1] for row in await _each(db, _ORDERS_OF, book, payments)}


async def orders_opened(db: Reading, book: int, since: datetime, until: datetime) -> list[str]:
    """Return the Razorpay orders that were made from `since` until just before `until`."""
    return [row[0] for row in await db.fetch(_OPENED, book, since, until)]


async def payments_of_orders(db: Reading, book: int, orders: Collection[str]) -> list[BookPayment]:
    """Return every payment on these Razorpay orders."""
    return [
        BookPayment(
            razorpay_order_id=row["razorpay_order_id"],
            razorpay_payment_id=row["payment_id"],
            status=row["status"],
            amount=Money(row["amount_minor"], row["currency"]),
        )
        for row in await _each(db, _PAYMENTS, book, orders)
    ]


async def refunds_of_orders(db: Reading, book: int, orders: Collection[str]) -> list[BookRefund]:
    """Return every refund of money on these Razorpay orders."""
    return [_refund(row) for row in await _each(db, _REFUNDS_OF, book, orders)]


async def refunds_requested(
    db: Reading, book: int, since: datetime, until: datetime
) -> list[BookRefund]:
    """Return the refunds first heard of from `since` until just before `until`."""
    return [_refund(row) for row in await db.fetch(_REQUESTED, book, since, until)]


def _refund(row: Row) -> BookRefund:
    return BookRefund(
        razorpay_order_id=row["razorpay_order_id"],
        razorpay_payment_id=row["razorpay_payment_id"],
        refund_id=row["refund_id"],
        razorpay_refund_id=row["razorpay_refund_id"],
        status=row["status"],
        amount=Money(row["amount_minor"], row["currency"]),
    )


async def _each(db: Reading, statement: str, book: int, ids: Iterable[str]) -> list[Row]:
    """Ask about many ids, some at a time: each question is a short one."""
    rows: list[Row] = []
    for some in _batches(sorted(set(ids))):
        rows += await db.fetch(statement, book, some)
    return rows


def _batches(ids: list[str]) -> Iterable[list[str]]:
    return (ids[at : at + IDS_AT_ONCE] for at in range(0, len(ids), IDS_AT_ONCE))


_OURS = """
select razorpay_order_id from models.payment_orders
where book = $1 and razorpay_order_id = any($2::text[])
"""
_ORDERS_OF = """
select payment_id, razorpay_order_id from models.payments
where book = $1 and payment_id = any($2::text[]) and checkout_session_id is not null
"""
_OPENED = """
select razorpay_order_id from models.payment_orders
where book = $1 and opened_at >= $2 and opened_at < $3 order by opened_at, razorpay_order_id
"""
_PAYMENTS = """
select razorpay_order_id, payment_id, status, amount_minor, currency from models.payments
where book = $1 and razorpay_order_id = any($2::text[]) and checkout_session_id is not null
"""
_REFUND = """
select razorpay_order_id, razorpay_payment_id, refund_id, razorpay_refund_id, status,
    amount_minor, currency
from models.refunds
"""
_REFUNDS_OF = f"{_REFUND} where book = $1 and razorpay_order_id = any($2::text[])"
_REQUESTED = f"{_REFUND} where book = $1 and requested_at >= $2 and requested_at < $3"
