"""Case steps: one row each that was opened, and one that was resolved, complete in itself."""

from typing import Any

from src.events.case import CaseOpened, CaseResolved
from src.events.identifiers import PAYMENT, WEBHOOK
from src.queries.expected_rows.table import Fact, Rows, Stood, Table


def _expected(stood: Stood) -> Rows:
    opened = {f.event.case_id: f for f in stood.facts if isinstance(f.event, CaseOpened)}
    resolved = {f.event.case_id: f for f in stood.facts if isinstance(f.event, CaseResolved)}
    rows: dict[str, tuple[Any, ...]] = {}
    for case_id, first in opened.items():
        end = resolved.get(case_id)
        rows[str(first.position)] = _row(first, "open", first, end.position if end else None)
        if end is not None:
            rows[str(end.position)] = _row(first, "resolved", end, None)
    return rows


def _row(first: Fact, status: str, step: Fact, next_position: int | None) -> tuple[Any, ...]:
    case: CaseOpened = first.event
    return (
        case.case_id,
        status,
        case.kind.value,
        None if case.amount is None else case.amount.amount,
        None if case.amount is None else case.amount.currency,
        case.razorpay_order_id,
        case.razorpay_payment_id,
        case.checkout_session_id,
        first.at,
        step.at,
        next_position,
    )


TABLE = Table(
    model="case_steps",
    name="case_steps",
    categories=(PAYMENT, WEBHOOK),
    key="stream",
    inner_key="position",
    columns=(
        "case_id",
        "status",
        "kind",
        "amount_minor",
        "currency",
        "razorpay_order_id",
        "razorpay_payment_id",
        "checkout_session_id",
        "opened_at",
        "at",
        "next_position",
    ),
    needs_facts=True,
    expected=_expected,
)
