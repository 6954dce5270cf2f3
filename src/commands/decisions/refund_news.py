"""What the provider says of refunds: followed to its end, and never silent when it goes wrong."""

from src.commands.decisions.belated_refunds import made_after_all
from src.commands.decisions.cases import case_of, close_case, open_case
from src.commands.decisions.refunds import (
    left_of,
    order_paid_with,
    refundable,
    send_back,
    send_back_instead,
)
from src.commands.gateway import RefundReport, RefundStatus
from src.commands.view import Fact, View
from src.events.case import CaseKind, CaseResolved
from src.events.identifiers import PAYMENT, named, public_id, stream
from src.events.order import Cancelled
from src.events.payment import Payment, PaymentOrderOpened, Progress
from src.events.refund import (
    BY_ITSELF,
    GOING_BACK,
    Refund,
    RefundCause,
    RefundDropped,
    RefundFailed,
    RefundFiled,
    RefundNews,
    RefundProcessed,
    RefundProgress,
    RefundRefused,
)

PROGRESS = {
    RefundStatus.PENDING: RefundProgress.FILED,
    RefundStatus.PROCESSED: RefundProgress.PROCESSED,
    RefundStatus.FAILED: RefundProgress.FAILED,
}


def report_refund(view: View, said: RefundReport) -> list[Fact]:
    """Write down what the provider says of a refund, and what follows from it.

    What Razorpay returns of money that was never taken is no refund of the shop's.
    """
    payment = view.payment(said.razorpay_order_id)
    attempt = payment.attempts.get(said.razorpay_payment_id)
    if attempt is None or attempt.progress is not Progress.CAPTURED:
        return []
    refund_id = _refund_id(payment, said)
    known = payment.refunds.get(refund_id)
    if known is not None and known.progress >= PROGRESS[said.status]:
        return []
    news = _news(view, payment, said, refund_id)
    facts: list[Fact] = [(stream(PAYMENT, said.razorpay_order_id), news)]
    if payment.opened is None:
        return facts
    after = view.assuming(facts)
    return [*facts, *what_a_refund_means(after, payment.opened, refund_id)]


def what_a_refund_means(view: View, opened: PaymentOrderOpened, refund_id: str) -> list[Fact]:
    """Return whom it concerns: a failed one a person, and one from outside whoever sent goods."""
    refund = view.payment(opened.razorpay_order_id).refunds[refund_id]
    if refund.progress is RefundProgress.FAILED:
        return _failed(view, opened, refund_id, refund)
    if refund.progress not in GOING_BACK:
        return []
    is_outside = refund.cause is RefundCause.OUTSIDE
    facts = [] if is_outside else made_after_all(view, opened, refund_id)
    facts += make_room(view.assuming(facts), opened, refund.razorpay_payment_id)
    if is_outside:
        facts += _made_outside(view.assuming(facts), opened, refund_id, refund)
    return facts


def _failed(view: View, opened: PaymentOrderOpened, refund_id: str, refund: Refund) -> list[Fact]:
    """Ask a person; but where somebody else's attempt was in the way of ours, ours goes on."""
    payment = view.payment(opened.razorpay_order_id)
    mine = [
        each
        for each in payment.refunds.values()
        if each.razorpay_payment_id == refund.razorpay_payment_id and each.cause in BY_ITSELF
    ]
    if refund.cause is RefundCause.OUTSIDE and refund.order_id is None and mine:
        return send_back_instead(view, opened, refund_id, mine[0].cause)
    case_id = case_of(CaseKind.REFUNDED_OUTSIDE, refund_id)
    note = "That refund failed: the money is still here."
    reason = f"A refund failed: {refund.reason or 'Razorpay does not say why'}."
    return [
        *close_case(view, opened.razorpay_order_id, case_id, note),
        *_about(view, opened, refund_id, refund, CaseKind.REFUND_FAILED, reason),
    ]


def make_room(view: View, opened: PaymentOrderOpened, razorpay_payment_id: str) -> list[Fact]:
    """Drop wishes for money that went by another way, and wish for what is left instead."""
    order = opened.razorpay_order_id
    payment = view.payment(order)
    facts: list[Fact] = []
    for refund_id, refund in sorted(payment.refunds.items()):
        after = view.assuming(facts)
        is_wish = refund.progress is RefundProgress.REQUESTED
        if not is_wish or refund.razorpay_payment_id != razorpay_payment_id:
            continue
        if left_of(after.payment(order), razorpay_payment_id) >= 0:
            continue
        facts.append((stream(PAYMENT, order), RefundDropped(refund_id=refund_id)))
        facts += _instead(view.assuming(facts), opened, refund)
    return facts


def _instead(view: View, opened: PaymentOrderOpened, dropped: Refund) -> list[Fact]:
    """Ask for the rest of what no order stands for; of a standing one, whoever asked asks again."""
    cause = dropped.cause
    if dropped.order_id is not None:
        if not isinstance(view.order(dropped.order_id), Cancelled):
            return []
        cause = RefundCause.ORDER_CANCELLED
    payment_id = dropped.razorpay_payment_id
    reason = "A part of it went back by another way; this is the rest."
    return send_back(view, opened, payment_id, cause, reason, dropped.order_id)


def _made_outside(
    view: View, opened: PaymentOrderOpened, refund_id: str, refund: Refund
) -> list[Fact]:
    """Money of an order needs a person; money that waited for one does not any more."""
    # The news may have come before the money was known to be an order's.
    order_id = refund.order_id or order_paid_with(view, opened, refund.razorpay_payment_id)
    if order_id is not None:
        if isinstance(view.order(order_id), Cancelled):
            return []
        reason = "Money of an order was given back at Razorpay itself; the order still stands."
        return _about(view, opened, refund_id, refund, CaseKind.REFUNDED_OUTSIDE, reason)
    payment = view.payment(opened.razorpay_order_id)
    left = refundable(payment, refund.razorpay_payment_id)
    if refund.progress is not RefundProgress.PROCESSED or left.amount > 0:
        return []
    note = "All of the payment was given back at Razorpay itself."
    name = stream(PAYMENT, opened.razorpay_order_id)
    return [
        (name, CaseResolved(case_id=case_id, note=note))
        for case_id, case in sorted(payment.cases.items())
        if case.razorpay_payment_id == refund.razorpay_payment_id
    ]


def refund_refused(view: View, razorpay_order_id: str, refund_id: str, reason: str) -> list[Fact]:
    """Record Razorpay's no to a wish that still stands: a person has to look."""
    payment = view.payment(razorpay_order_id)
    refund = payment.refunds.get(refund_id)
    if refund is None or payment.opened is None:
        return []
    if refund.progress is not RefundProgress.REQUESTED:
        return []
    name = stream(PAYMENT, razorpay_order_id)
    refused: list[Fact] = [(name, RefundRefused(refund_id=refund_id, reason=reason))]
    text = f"Razorpay refused a refund: {reason}"
    after = view.assuming(refused)
    kind = CaseKind.REFUND_REFUSED
    return [*refused, *_about(after, payment.opened, refund_id, refund, kind, text)]


def _refund_id(payment: Payment, said: RefundReport) -> str:
    if said.receipt is not None and said.receipt in payment.refunds:
        return said.receipt
    for refund_id, refund in payment.refunds.items():
        if refund.razorpay_refund_id == said.razorpay_refund_id:
            return refund_id
    return public_id("refund", named("refund", said.razorpay_refund_id))


def _news(view: View, payment: Payment, said: RefundReport, refund_id: str) -> RefundNews:
    order_id = _order_of(view, payment, said, refund_id)
    if said.status is RefundStatus.FAILED:
        return RefundFailed(
            refund_id=refund_id,
            razorpay_refund_id=said.razorpay_refund_id,
            razorpay_payment_id=said.razorpay_payment_id,
            amount=said.amount,
            reason=said.reason,
            order_id=order_id,
            occurred_at=said.occurred_at,
        )
    kind = RefundFiled if said.status is RefundStatus.PENDING else RefundProcessed
    return kind(
        refund_id=refund_id,
        razorpay_refund_id=said.razorpay_refund_id,
        razorpay_payment_id=said.razorpay_payment_id,
        amount=said.amount,
        order_id=order_id,
        occurred_at=said.occurred_at,
    )


def _order_of(view: View, payment: Payment, said: RefundReport, refund_id: str) -> str | None:
    known = payment.refunds.get(refund_id)
    if known is not None:
        return known.order_id
    if payment.opened is None:
        return None
    return order_paid_with(view, payment.opened, said.razorpay_payment_id)


def _about(  # noqa: PLR0913, PLR0917 - what a case says
    view: View,
    opened: PaymentOrderOpened,
    refund_id: str,
    refund: Refund,
    kind: CaseKind,
    reason: str,
) -> list[Fact]:
    payment_id = refund.razorpay_payment_id
    return open_case(view, opened, kind, refund_id, payment_id, refund.amount, reason)
