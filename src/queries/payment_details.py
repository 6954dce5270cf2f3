"""What belongs to some payments: their refunds, disputes and open cases, and what they paid for."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import TypeVar

from msgspec import Struct

from src.events.connection import Row
from src.events.money import Money
from src.queries.reading import Reading

GOING_BACK = frozenset({"requested", "pending", "processed"})

T = TypeVar("T")


class PaymentRefund(Struct, frozen=True, kw_only=True):
    """Money on its way back, in short."""

    refund_id: str
    razorpay_refund_id: str | None
    amount: Money
    status: str
    cause: str

    @property
    def goes_back(self) -> bool:
        """Whether this money went back, or may still."""
        return self.status in GOING_BACK


class PaymentDispute(Struct, frozen=True, kw_only=True):
    """What a customer's bank wants back, in short."""

    dispute_id: str
    amount: Money
    status: str
    respond_by: datetime | None


class Details(Struct, frozen=True, kw_only=True):
    """All of it by Razorpay payment id, the oldest first."""

    refunds: dict[str, tuple[PaymentRefund, ...]]
    disputes: dict[str, tuple[PaymentDispute, ...]]
    open_cases: dict[str, tuple[str, ...]]
    paid_for: dict[str, str]
    """The order that a payment paid for."""


async def details_of(
    db: Reading, book: int, razorpay_orders: Collection[str], orders: Collection[str]
) -> Details:
    """Ask about the payments on these Razorpay orders, and about orders they may have paid for."""
    about = sorted(razorpay_orders)
    placed = await db.fetch(_PLACED, book, sorted(orders))
    return Details(
        refunds=_by_payment(await db.fetch(_REFUNDS, book, about), _refund),
        disputes=_by_payment(await db.fetch(_DISPUTES, book, about), _dispute),
        open_cases=_by_payment(await db.fetch(_CASES, book, about), lambda row: row["case_id"]),
        paid_for={row["razorpay_payment_id"]: row["order_id"] for row in placed},
    )


def _by_payment(rows: Iterable[Row], shown: Callable[[Row], T]) -> dict[str, tuple[T, ...]]:
    found: defaultdict[str, list[T]] = defaultdict(list)
    for row in rows:
        found[row["razorpay_payment_id"]].append(shown(row))
    return {payment: tuple(each) for payment, each in found.items()}


def _refund(row: Row) -> PaymentRefund:
    return PaymentRefund(
        refund_id=row["refund_id"],
        razorpay_refund_id=row["razorpay_refund_id"],
        amount=Money(row["amount_minor"], row["currency"]),
        status=row["status"],
        cause=row["cause"],
    )


def _dispute(row: Row) -> PaymentDispute:
    return PaymentDispute(
        dispute_id=row["dispute_id"],
        amount=Money(row["amount_minor"], row["currency"]),
        status=row["status"],
        respond_by=row["respond_by"],
    )


_REFUNDS = """
select razorpay_payment_id, refund_id, razorpay_refund_id, amount_minor, currency, status, cause
from models.refunds
where book = $1 and razorpay_order_id = any($2::text[]) order by position
"""
_DISPUTES = """
select razorpay_payment_id, dispute_id, amount_minor, currency, status, respond_by
from models.disputes
where book = $1 and razorpay_order_id = any($2::text[]) order by position
"""
_CASES = """
select razorpay_payment_id, case_id from models.cases
where book = $1 and status = 'open' and razorpay_order_id = any($2::text[]) order by position
"""
_PLACED = """
select order_id, document -> 'payment' ->> 'razorpay_payment_id' as razorpay_payment_id
from models.orders where book = $1 and order_id = any($2::text[])
"""
