"""Money on its way back: wished for by us or seen at Razorpay, and what became of it.

A refund of ours carries its id to Razorpay as receipt and idempotency key, so
whoever tells of it can be understood, and it is made once however often it is
asked for. One that was made at Razorpay itself gets an id that follows from
Razorpay's.

The names and fields of the events are the storage format. Nothing here is
renamed or removed: a changed shape gets a new version, and upcasters.py lifts
the old one.
"""

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import assert_never

from immutables import Map
from msgspec import Struct
from msgspec.structs import replace

from src.events.money import Money


class RefundCause(StrEnum):
    """Why money goes back."""

    STOCK_GONE = "late-money-stock-gone"
    COUPON_GONE = "late-money-coupon-gone"
    CART_ORDERED = "late-money-cart-ordered"
    PAID_TWICE = "paid-twice"
    ORDER_CANCELLED = "order-cancelled"
    STAFF = "staff"
    CASE = "case"
    OUTSIDE = "outside"


BY_ITSELF = frozenset(
    {
        RefundCause.STOCK_GONE,
        RefundCause.COUPON_GONE,
        RefundCause.CART_ORDERED,
        RefundCause.PAID_TWICE,
    }
)
"""What goes back without anybody asking for it."""


class RefundRequested(Struct, frozen=True, kw_only=True):
    """We want this money to go back; Razorpay is to be asked for it."""

    refund_id: str
    razorpay_payment_id: str
    amount: Money
    cause: RefundCause
    reason: str
    order_id: str | None = None
    """The order that this money had paid for; None where it never became one."""


class RefundFiled(Struct, frozen=True, kw_only=True):
    """Razorpay has the refund, and works on it."""

    refund_id: str
    razorpay_refund_id: str
    razorpay_payment_id: str
    amount: Money
    order_id: str | None = None
    occurred_at: datetime | None = None


class RefundProcessed(Struct, frozen=True, kw_only=True):
    """The money went back."""

    refund_id: str
    razorpay_refund_id: str
    razorpay_payment_id: str
    amount: Money
    order_id: str | None = None
    occurred_at: datetime | None = None


class RefundFailed(Struct, frozen=True, kw_only=True):
    """Razorpay tried, and the money did not go back."""

    refund_id: str
    razorpay_refund_id: str
    razorpay_payment_id: str
    amount: Money
    reason: str | None = None
    order_id: str | None = None
    occurred_at: datetime | None = None


class RefundRefused(Struct, frozen=True, kw_only=True):
    """Razorpay said no: there is no such refund."""

    refund_id: str
    reason: str


class RefundDropped(Struct, frozen=True, kw_only=True):
    """There is nothing left to give back: the money went by another refund."""

    refund_id: str


RefundNews = RefundFiled | RefundProcessed | RefundFailed
RefundEvent = RefundRequested | RefundNews | RefundRefused | RefundDropped


class RefundProgress(IntEnum):
    """How far a refund has come; it never goes back."""

    REQUESTED = 1
    DROPPED = 2
    REFUSED = 3
    FILED = 4
    PROCESSED = 5
    FAILED = 6


GOING_BACK = frozenset({RefundProgress.REQUESTED, RefundProgress.FILED, RefundProgress.PROCESSED})
"""What cannot be given back a second time."""
UNANSWERED = frozenset({RefundProgress.REQUESTED, RefundProgress.FILED})
"""What Razorpay is still to be asked about."""


class Refund(Struct, frozen=True, kw_only=True):
    """What is known of one refund."""

    progress: RefundProgress
    razorpay_payment_id: str
    amount: Money
    cause: RefundCause
    order_id: str | None
    razorpay_refund_id: str | None = None
    reason: str | None = None
    """Why it failed or was refused, in Razorpay's words."""


Refunds = Map[str, Refund]
"""By our refund id."""


def evolve(refunds: Refunds, event: RefundEvent) -> Refunds:
    """Facts are not argued with: evolve never rejects, and an impossible fact is a bug."""
    match event:
        case RefundRequested():
            return refunds.set(event.refund_id, _requested(refunds, event))
        case RefundFiled():
            return _news(refunds, event, RefundProgress.FILED)
        case RefundProcessed():
            return _news(refunds, event, RefundProgress.PROCESSED)
        case RefundFailed():
            return _news(refunds, event, RefundProgress.FAILED)
        case RefundRefused():
            refused = _moved(refunds, event.refund_id, RefundProgress.REFUSED)
            return refunds.set(event.refund_id, replace(refused, reason=event.reason))
        case RefundDropped():
            dropped = _moved(refunds, event.refund_id, RefundProgress.DROPPED)
            return refunds.set(event.refund_id, dropped)
        case _:
            assert_never(event)


def _requested(refunds: Refunds, event: RefundRequested) -> Refund:
    if event.refund_id in refunds:
        raise AssertionError(f"{event.refund_id} is requested once")
    return Refund(
        progress=RefundProgress.REQUESTED,
        razorpay_payment_id=event.razorpay_payment_id,
        amount=event.amount,
        cause=event.cause,
        order_id=event.order_id,
    )


def _news(refunds: Refunds, event: RefundNews, progress: RefundProgress) -> Refunds:
    """What was never requested here was made at Razorpay itself."""
    outside = Refund(
        progress=RefundProgress.REQUESTED,
        razorpay_payment_id=event.razorpay_payment_id,
        amount=event.amount,
        cause=RefundCause.OUTSIDE,
        order_id=event.order_id,
    )
    known = refunds.set(event.refund_id, refunds.get(event.refund_id, outside))
    moved = replace(
        _moved(known, event.refund_id, progress),
        razorpay_refund_id=event.razorpay_refund_id,
        amount=event.amount,
        reason=event.reason if isinstance(event, RefundFailed) else None,
    )
    return known.set(event.refund_id, moved)


def _moved(refunds: Refunds, refund_id: str, progress: RefundProgress) -> Refund:
    known = refunds.get(refund_id)
    if known is None or known.progress >= progress:
        raise AssertionError(f"{refund_id} only goes forward")
    return replace(known, progress=progress)
