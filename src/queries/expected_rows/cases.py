"""Cases: one row each that was ever opened, on the stream of a payment or a delivery."""

from typing import Any

from src.events.case import CaseOpened, CaseResolved
from src.events.identifiers import PAYMENT, WEBHOOK
from src.queries.expected_rows.table import Fact, Rows, Stood, Table

OPEN, RESOLVED = "open", "resolved"


def _expected(stood: Stood) -> Rows:
    rows: dict[str, tuple[Any, ...]] = {}
    for fact in stood.facts:
        if isinstance(fact.event, CaseOpened):
            rows[fact.event.case_id] = (*_opened(fact), OPEN, None, None)
        elif isinstance(fact.event, CaseResolved):
            before = rows[fact.event.case_id][:-3]
            rows[fact.event.case_id] = (*before, RESOLVED, fact.at, fact.event.note)
    return rows


def _opened(fact: Fact) -> tuple[Any, ...]:
    case: CaseOpened = fact.event
    amount = case.amount
    money = (None, None) if amount is None else (amount.amount, amount.currency)
    about = (case.razorpay_order_id, case.razorpay_payment_id, *money, case.checkout_session_id)
    return (case.kind.value, case.reason, *about, fact.at, fact.position)


TABLE = Table(
    model="cases",
    name="cases",
    categories=(PAYMENT, WEBHOOK),
    key="stream",
    inner_key="case_id",
    columns=(
        "kind",
        "reason",
        "razorpay_order_id",
        "razorpay_payment_id",
        "amount_minor",
        "currency",
        "checkout_session_id",
        "opened_at",
        "position",
        "status",
        "resolved_at",
        "note",
    ),
    needs_facts=True,
    expected=_expected,
)
