"""Disputes: one row each that a bank ever opened, on the stream of the money it is about."""

from typing import Any

from src.events.dispute import Dispute, DisputeEvent, DisputeOpened
from src.events.identifiers import PAYMENT
from src.events.payment import Payment
from src.queries.expected_rows.table import Fact, Rows, Stood, Table


def _expected(stood: Stood) -> Rows:
    payment: Payment = stood.state
    heard: dict[str, list[Fact]] = {name: [] for name in payment.disputes}
    for fact in stood.facts:
        if isinstance(fact.event, DisputeEvent):
            heard[fact.event.dispute_id].append(fact)
    return {name: _row(payment.disputes[name], facts) for name, facts in heard.items()}


def _row(dispute: Dispute, heard: list[Fact]) -> tuple[Any, ...]:
    first, last = heard[0], heard[-1]
    opened: DisputeOpened = first.event
    return (
        dispute.razorpay_payment_id,
        opened.reason_code,
        dispute.amount.amount,
        dispute.amount.currency,
        None if dispute.deducted is None else dispute.deducted.amount,
        dispute.status.value,
        opened.respond_by,
        first.at,
        last.at,
        first.position,
    )


TABLE = Table(
    model="disputes",
    name="disputes",
    categories=(PAYMENT,),
    key="razorpay_order_id",
    inner_key="dispute_id",
    columns=(
        "razorpay_payment_id",
        "reason_code",
        "amount_minor",
        "currency",
        "deducted_minor",
        "status",
        "respond_by",
        "opened_at",
        "changed_at",
        "position",
    ),
    needs_facts=True,
    expected=_expected,
)
