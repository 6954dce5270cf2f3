"""What went back of an order's money, or is on its way: read from the facts of its payment."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from src.events import payment
from src.events.envelope import Recorded
from src.events.money import Money
from src.events.refund import (
    GOING_BACK,
    Refund,
    RefundEvent,
    RefundProgress,
    RefundRequested,
)

STATUS: dict[RefundProgress, str] = {
    RefundProgress.REQUESTED: "requested",
    RefundProgress.DROPPED: "dropped",
    RefundProgress.REFUSED: "refused",
    RefundProgress.FILED: "pending",
    RefundProgress.PROCESSED: "processed",
    RefundProgress.FAILED: "failed",
}
"""How far a refund has come, in the word that clients see."""


class OrderRefund(Struct, frozen=True, kw_only=True):
    """Money of an order that was to go back, and what became of it."""

    refund_id: str
    amount: Money
    status: str
    cause: str
    reason: str | None
    """Why it was asked for; None for what was made at Razorpay itself."""
    razorpay_refund_id: str | None
    requested_at: datetime


def order_refunds(facts: Iterable[Recorded], razorpay_payment_id: str) -> tuple[OrderRefund, ...]:
    """Return the refunds of one payment, oldest first; an amount is what Razorpay says it is."""
    money, first = payment.UNKNOWN, dict[str, Recorded]()
    for fact in facts:
        money = payment.evolve(money, fact.event)
        if isinstance(fact.event, RefundEvent):
            first.setdefault(fact.event.refund_id, fact)
    return tuple(
        _shown(refund_id, money.refunds[refund_id], begun)
        for refund_id, begun in first.items()
        if begun.event.razorpay_payment_id == razorpay_payment_id
    )


def refunded(refunds: Iterable[OrderRefund], currency: str) -> Money:
    """Return how much went back or is going back."""
    going = {STATUS[progress] for progress in GOING_BACK}
    return Money(sum(each.amount.amount for each in refunds if each.status in going), currency)


def _shown(refund_id: str, refund: Refund, first: Recorded) -> OrderRefund:
    event = first.event
    return OrderRefund(
        refund_id=refund_id,
        amount=refund.amount,
        status=STATUS[refund.progress],
        cause=refund.cause.value,
        reason=event.reason if isinstance(event, RefundRequested) else None,
        razorpay_refund_id=refund.razorpay_refund_id,
        requested_at=first.recorded_at,
    )
