"""Cases: opened once for one reason, and closed by a person or by what happens later."""

from src.commands.rejections import NothingToRefund, Unknown
from src.commands.view import Fact, View
from src.events.case import CaseKind, CaseOpened, CaseResolved
from src.events.identifiers import (
    PAYMENT,
    WEBHOOK,
    Stream,
    category_of,
    key_of,
    named,
    public_id,
    stream,
)
from src.events.money import Money
from src.events.payment import PaymentOrderOpened

MONEY_IS_GONE = frozenset({CaseKind.REFUNDED_OUTSIDE, CaseKind.DISPUTE_LOST})
"""What such a case is about went back already, by another way."""


def case_of(kind: CaseKind, about: str) -> str:
    """Return the id of the one case that there can be of a kind about a thing."""
    return public_id("case", named("case", kind, about))


def open_case(  # noqa: PLR0913, PLR0917 - what a case says
    view: View,
    opened: PaymentOrderOpened,
    kind: CaseKind,
    about: str,
    razorpay_payment_id: str,
    amount: Money,
    reason: str,
) -> list[Fact]:
    """Ask a person to look at money; about the same thing only once."""
    case_id = case_of(kind, about)
    if case_id in view.payment(opened.razorpay_order_id).cases_ever:
        return []
    case = CaseOpened(
        case_id=case_id,
        kind=kind,
        reason=reason,
        razorpay_order_id=opened.razorpay_order_id,
        razorpay_payment_id=razorpay_payment_id,
        amount=amount,
        checkout_session_id=opened.checkout_session_id,
    )
    return [(stream(PAYMENT, opened.razorpay_order_id), case)]


def close_case(view: View, razorpay_order_id: str, case_id: str, note: str) -> list[Fact]:
    """Close a case that has settled itself, if it is open."""
    if case_id not in view.payment(razorpay_order_id).cases:
        return []
    return [(stream(PAYMENT, razorpay_order_id), CaseResolved(case_id=case_id, note=note))]


def resolve_case(view: View, about: Stream, case_id: str, note: str) -> list[Fact]:
    """Close a case; closing it again changes nothing."""
    opened, ever = _cases(view, about)
    if case_id not in ever:
        raise Unknown("case", case_id)
    if case_id not in opened:
        return []
    return [(about, CaseResolved(case_id=case_id, note=note))]


def money_of(view: View, about: Stream, case_id: str) -> CaseOpened:
    """Return an open case about money that is still here; raises NothingToRefund for any other."""
    case = view.payment(key_of(about)).cases.get(case_id) if _is_money(about) else None
    if case is None or case.kind in MONEY_IS_GONE:
        raise NothingToRefund
    return case


def _is_money(about: Stream) -> bool:
    return category_of(about) == PAYMENT


def _cases(view: View, about: Stream) -> tuple[frozenset[str], frozenset[str]]:
    if category_of(about) == WEBHOOK:
        webhook = view.webhook(key_of(about))
        return webhook.open_cases, webhook.cases_ever
    payment = view.payment(key_of(about))
    return frozenset(payment.cases), payment.cases_ever
