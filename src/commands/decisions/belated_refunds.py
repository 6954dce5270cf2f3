"""Refunds that Razorpay refused and made all the same, as an answer that came late will show."""

from src.commands.decisions.cases import case_of, close_case, open_case
from src.commands.decisions.refunds import in_place_of
from src.commands.view import Fact, View
from src.events.case import CaseKind
from src.events.identifiers import PAYMENT, stream
from src.events.payment import PaymentOrderOpened
from src.events.refund import GOING_BACK, RefundDropped, RefundProgress


def made_after_all(view: View, opened: PaymentOrderOpened, refund_id: str) -> list[Fact]:
    """Let nothing be done in place of such a refund; what was done already, a person has to see."""
    order = opened.razorpay_order_id
    payment = view.payment(order)
    case_id = case_of(CaseKind.REFUND_REFUSED, refund_id)
    if case_id in payment.cases:
        return close_case(view, order, case_id, "Razorpay made that refund all the same.")
    second_id = in_place_of(case_id)
    second = payment.refunds.get(second_id)
    if second is None or second.progress not in GOING_BACK:
        return []
    if second.progress is RefundProgress.REQUESTED:
        return [(stream(PAYMENT, order), RefundDropped(refund_id=second_id))]
    reason = "Razorpay made a refund that it had refused, and the one in its place as well."
    paid, kind = second.razorpay_payment_id, CaseKind.REFUNDED_OUTSIDE
    return open_case(view, opened, kind, second_id, paid, second.amount, reason)
