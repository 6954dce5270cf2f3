"""Refund steps: one row a word on a refund, complete in itself, on the stream of its money."""

from typing import Any

from src.events.identifiers import PAYMENT
from src.events.refund import (
    RefundDropped,
    RefundEvent,
    RefundFailed,
    RefundFiled,
    RefundNews,
    RefundProcessed,
    RefundRefused,
    RefundRequested,
)
from src.queries.expected_rows.table import Fact, Rows, Stood, Table

STATUS: dict[type[RefundEvent], str] = {
    RefundRequested: "requested",
    RefundFiled: "pending",
    RefundProcessed: "processed",
    RefundFailed: "failed",
    RefundRefused: "refused",
    RefundDropped: "dropped",
}


def _expected(stood: Stood) -> Rows:
    heard: dict[str, list[Fact]] = {}
    for fact in stood.facts:
        if isinstance(fact.event, RefundEvent):
            heard.setdefault(fact.event.refund_id, []).append(fact)
    return {
        str(fact.position): _row(facts[: n + 1], facts[n + 1 :])
        for facts in heard.values()
        for n, fact in enumerate(facts)
    }


def _row(heard: list[Fact], later: list[Fact]) -> tuple[Any, ...]:
    """Take the cause from the first word, and from Razorpay's last what it calls it."""
    first, last = heard[0], heard[-1]
    begun = first.event
    known = [fact.event for fact in heard if isinstance(fact.event, RefundNews)]
    amount = known[-1].amount if known else begun.amount
    return (
        begun.refund_id,
        begun.cause.value if isinstance(begun, RefundRequested) else "outside",
        begun.razorpay_payment_id,
        begun.order_id,
        known[-1].razorpay_refund_id if known else None,
        amount.amount,
        amount.currency,
        STATUS[type(last.event)],
        last.event.reason if isinstance(last.event, RefundFailed | RefundRefused) else None,
        first.at,
        last.at,
        later[0].position if later else None,
    )


TABLE = Table(
    model="refund_steps",
    name="refund_steps",
    categories=(PAYMENT,),
    key="razorpay_order_id",
    inner_key="position",
    columns=(
        "refund_id",
        "cause",
        "razorpay_payment_id",
        "order_id",
        "razorpay_refund_id",
        "amount_minor",
        "currency",
        "status",
        "failure",
        "requested_at",
        "at",
        "next_position",
    ),
    needs_facts=True,
    expected=_expected,
)
