"""Refunds: one row each that was requested here or seen at Razorpay, on the stream of its money."""

from typing import Any

from src.events.identifiers import PAYMENT
from src.events.payment import Payment
from src.events.refund import Refund, RefundEvent, RefundProgress, RefundRequested
from src.queries.expected_rows.table import Fact, Rows, Stood, Table

STATUS = {
    RefundProgress.REQUESTED: "requested",
    RefundProgress.FILED: "pending",
    RefundProgress.PROCESSED: "processed",
    RefundProgress.FAILED: "failed",
    RefundProgress.REFUSED: "refused",
    RefundProgress.DROPPED: "dropped",
}


def _expected(stood: Stood) -> Rows:
    """Take the state from the fold, and from the facts when it was heard and why it was wanted."""
    payment: Payment = stood.state
    heard: dict[str, list[Fact]] = {refund_id: [] for refund_id in payment.refunds}
    for fact in stood.facts:
        if isinstance(fact.event, RefundEvent):
            heard[fact.event.refund_id].append(fact)
    return {name: _row(payment.refunds[name], facts) for name, facts in heard.items()}


def _row(refund: Refund, heard: list[Fact]) -> tuple[Any, ...]:
    first, last = heard[0], heard[-1]
    reason = first.event.reason if isinstance(first.event, RefundRequested) else None
    return (
        refund.razorpay_payment_id,
        refund.razorpay_refund_id,
        refund.order_id,
        refund.cause.value,
        reason,
        refund.reason,
        refund.amount.amount,
        refund.amount.currency,
        STATUS[refund.progress],
        first.at,
        last.at,
        first.position,
    )


TABLE = Table(
    model="refunds",
    name="refunds",
    categories=(PAYMENT,),
    key="razorpay_order_id",
    inner_key="refund_id",
    columns=(
        "razorpay_payment_id",
        "razorpay_refund_id",
        "order_id",
        "cause",
        "reason",
        "failure",
        "amount_minor",
        "currency",
        "status",
        "requested_at",
        "changed_at",
        "position",
    ),
    needs_facts=True,
    expected=_expected,
)
