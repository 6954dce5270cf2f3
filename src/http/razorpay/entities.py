"""Razorpay's own orders and payments, read tolerantly, and what they mean to us.

Only what decides about money is checked: ids, amounts, currencies. Everything
else may be missing, null, an empty list instead of an object, or new.
"""

from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

import msgspec
from msgspec import Meta, Struct

from src.commands.gateway import PaymentReport, PaymentStatus, ProviderOrder
from src.events.money import Money
from src.http.razorpay.ids import ORDER_ID, PAYMENT_ID

AMOUNT_MAX = 2**53 - 1
"""The largest whole number that every JSON reader keeps exact."""
WORDS_LENGTH = 200
"""How much of Razorpay's free text is kept."""
UNIX_SECONDS_MAX = 253_402_300_799
"""The last second of the year 9999, where datetime ends."""

T = TypeVar("T")
OrderId = Annotated[str, Meta(pattern=ORDER_ID)]
PaymentId = Annotated[str, Meta(pattern=PAYMENT_ID)]
Minor = Annotated[int, Meta(ge=0, le=AMOUNT_MAX)]
Currency = Annotated[str, Meta(pattern=r"\A[A-Z]{3}\Z")]


class OrderEntity(Struct, frozen=True):
    """A Razorpay order as the REST API describes it."""

    id: OrderId
    amount: Minor
    currency: Currency
    receipt: object = None
    status: object = None
    created_at: object = None


class PaymentEntity(Struct, frozen=True):
    """A Razorpay payment as the REST API and webhooks describe it."""

    id: PaymentId
    amount: Minor
    currency: Currency
    status: str
    order_id: OrderId | None = None
    captured: object = None
    method: object = None
    error_reason: object = None
    created_at: object = None


class Listed(Struct, Generic[T], frozen=True):
    """A list of anything of Razorpay's, or a page of one."""

    items: list[T]


UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""Everything that reading foreign JSON into these shapes can raise."""


def provider_order(order: OrderEntity) -> ProviderOrder:
    """Return the order in our words."""
    return ProviderOrder(
        razorpay_order_id=order.id,
        receipt=order.receipt if isinstance(order.receipt, str) else None,
        due=Money(order.amount, order.currency),
        status=words(order.status) or "unknown",
    )


def payment_report(
    payment: PaymentEntity, razorpay_order_id: str, occurred_at: datetime | None
) -> PaymentReport:
    """Return the payment in our words."""
    return PaymentReport(
        razorpay_order_id=razorpay_order_id,
        razorpay_payment_id=payment.id,
        status=_status(payment.status),
        amount=Money(payment.amount, payment.currency),
        captured=_was_taken(payment),
        method=words(payment.method),
        reason=words(payment.error_reason),
        occurred_at=occurred_at,
    )


def moment(unix_seconds: object) -> datetime | None:
    """Return Razorpay's seconds as a time, or None for anything that is no such time."""
    if type(unix_seconds) is not int or not 0 <= unix_seconds <= UNIX_SECONDS_MAX:
        return None
    return datetime.fromtimestamp(unix_seconds, UTC)


def words(text: object) -> str | None:
    """Return free text shortened and without U+0000, which PostgreSQL cannot keep."""
    if not isinstance(text, str):
        return None
    return text.replace("\0", "")[:WORDS_LENGTH] or None


def _status(status: str) -> PaymentStatus:
    try:
        return PaymentStatus(status)
    except ValueError:
        # A state we do not know (`pending` of cash on delivery is one) proves nothing:
        # it counts as the weakest, and `captured` still tells whether money was taken.
        return PaymentStatus.CREATED


def _was_taken(payment: PaymentEntity) -> bool:
    match payment.status:
        case PaymentStatus.CAPTURED:
            return True
        case PaymentStatus.CREATED | PaymentStatus.FAILED:
            # The documentation's sample of a failed card payment claims `captured: true`.
            return False
        case _:
            return payment.captured in (True, 1)
