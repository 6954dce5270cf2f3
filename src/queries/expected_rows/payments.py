"""Payments: one row each by its last news, and one a Razorpay order that is ours."""

from typing import Any

from src.events.identifiers import PAYMENT
from src.events.payment import (
    Attempt,
    Payment,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentFailed,
    PaymentOrderOpened,
    PaymentReturned,
)
from src.queries.expected_rows.table import NONE, Fact, Rows, Stood, Table, one

NEWS = (PaymentAuthorized, PaymentCaptured, PaymentFailed, PaymentReturned)


def _payments(stood: Stood) -> Rows:
    """Take the state from the fold, and from the facts when it was heard and how it was paid."""
    payment: Payment = stood.state
    heard: dict[str, list[Fact]] = {name: [] for name in payment.attempts}
    for fact in stood.facts:
        if isinstance(fact.event, NEWS):
            heard[fact.event.razorpay_payment_id].append(fact)
    ours = payment.opened is not None
    return {name: (*_row(payment.attempts[name], facts), ours) for name, facts in heard.items()}


def _row(attempt: Attempt, heard: list[Fact]) -> tuple[Any, ...]:
    methods = [fact.event.method for fact in heard if fact.event.method is not None]
    status = attempt.progress.name.lower()
    money = (attempt.amount.amount, attempt.amount.currency)
    method = methods[-1] if methods else None
    times = (heard[0].at, heard[-1].at)
    return (status, *money, method, attempt.reason, *times, attempt.taking.value)


def _order(stood: Stood) -> Rows:
    for fact in stood.facts:
        if isinstance(fact.event, PaymentOrderOpened):
            due = fact.event.due
            about = (fact.event.checkout_session_id, fact.event.cart_id)
            mode = fact.event.capture.value
            return one(*about, due.amount, due.currency, fact.at, mode)
    return NONE


PAYMENTS = Table(
    model="payments",
    name="payments",
    categories=(PAYMENT,),
    key="razorpay_order_id",
    inner_key="payment_id",
    columns=(
        "status",
        "amount_minor",
        "currency",
        "method",
        "reason",
        "first_seen",
        "changed_at",
        "taking",
        "ours",
    ),
    needs_facts=True,
    expected=_payments,
)
ORDERS = Table(
    model="payments",
    name="payment_orders",
    categories=(PAYMENT,),
    key="razorpay_order_id",
    columns=("checkout_session_id", "cart_id", "due_minor", "currency", "opened_at", "capture"),
    needs_facts=True,
    expected=_order,
)
