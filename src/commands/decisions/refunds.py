"""Money that goes back: asked for once, never more than was captured, followed to its end."""

from src.commands.decisions.cases import (
    money_of,
    open_case,
    resolve_case,
)
from src.commands.decisions.start import check_minimum
from src.commands.gateway import RefundReport, RefundStatus
from src.commands.rejections import NothingToRefund, RefundTooLarge, Unknown
from src.commands.view import Fact, View
from src.events.case import CaseKind, CaseResolved
from src.events.checkout import Completed
from src.events.dispute import DisputeStatus
from src.events.identifiers import PAYMENT, Stream, key_of, named, public_id, stream
from src.events.money import Money
from src.events.order import Cancelled, NoOrder
from src.events.payment import Payment, PaymentOrderOpened, Progress
from src.events.refund import (
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
    RefundRequested,
)

PROGRESS = {
    RefundStatus.PENDING: RefundProgress.FILED,
    RefundStatus.PROCESSED: RefundProgress.PROCESSED,
    RefundStatus.FAILED: RefundProgress.FAILED,
}


def refundable(payment: Payment, razorpay_payment_id: str) -> Money:
    """Return what is left of a captured payment; raises Unknown when nothing was captured."""
    attempt = payment.attempts.get(razorpay_payment_id)
    if attempt is None or attempt.progress is not Progress.CAPTURED:
        raise Unknown("captured payment", razorpay_payment_id)
    gone = sum(
        refund.amount.amount
        for refund in payment.refunds.values()
        if refund.razorpay_payment_id == razorpay_payment_id and refund.progress in GOING_BACK
    )
    lost = sum(
        (dispute.deducted or dispute.amount).amount
        for dispute in payment.disputes.values()
        if dispute.razorpay_payment_id == razorpay_payment_id
        and dispute.status is DisputeStatus.LOST
    )
    return Money(max(0, attempt.amount.amount - gone - lost), attempt.amount.currency)


def send_back(
    view: View,
    opened: PaymentOrderOpened,
    razorpay_payment_id: str,
    cause: RefundCause,
    reason: str,
) -> list[Fact]:
    """Give back, by itself and once, all that is left of a payment that became no order."""
    payment = view.payment(opened.razorpay_order_id)
    left = refundable(payment, razorpay_payment_id)
    refund_id = public_id("refund", named("refund", razorpay_payment_id))
    if left.amount == 0 or refund_id in payment.refunds:
        return []
    wanted = RefundRequested(
        refund_id=refund_id,
        razorpay_payment_id=razorpay_payment_id,
        amount=left,
        cause=cause,
        reason=reason,
    )
    return [(stream(PAYMENT, opened.razorpay_order_id), wanted)]


def refund_order(
    view: View, order_id: str, amount: Money | None, reason: str, refund_id: str
) -> list[Fact]:
    """Give back a part of what an order cost, or all that is left; stock stays where it is."""
    order = view.order(order_id)
    if isinstance(order, NoOrder):
        raise Unknown("order", order_id)
    paid = order.order.payment
    if paid is None:
        raise NothingToRefund
    left = refundable(view.payment(paid.razorpay_order_id), paid.razorpay_payment_id)
    wanted = RefundRequested(
        refund_id=refund_id,
        razorpay_payment_id=paid.razorpay_payment_id,
        amount=_allowed(left, amount),
        cause=RefundCause.STAFF,
        reason=reason,
        order_id=order_id,
    )
    return [(stream(PAYMENT, paid.razorpay_order_id), wanted)]


def refund_case(view: View, about: Stream, case_id: str, note: str) -> list[Fact]:
    """Close a case by giving its money back, as far as it is still here."""
    resolved = resolve_case(view, about, case_id, note)
    if not resolved:
        return []
    case = money_of(view, about, case_id)
    payment = view.payment(key_of(about))
    if case.razorpay_payment_id is None or case.amount is None or payment.opened is None:
        raise NothingToRefund
    left = refundable(payment, case.razorpay_payment_id)
    amount = Money(min(left.amount, case.amount.amount), left.currency)
    wanted = RefundRequested(
        refund_id=public_id("refund", named("refund", case_id)),
        razorpay_payment_id=case.razorpay_payment_id,
        amount=_allowed(left, amount),
        cause=RefundCause.CASE,
        reason=case.reason,
        order_id=order_paid_with(view, payment.opened, case.razorpay_payment_id),
    )
    return [*resolved, (about, wanted)]


def _allowed(left: Money, amount: Money | None) -> Money:
    if left.amount == 0:
        raise NothingToRefund
    wanted = left if amount is None else amount
    if wanted.currency != left.currency or wanted.amount > left.amount:
        raise RefundTooLarge(left)
    check_minimum(wanted.amount, wanted.currency)
    return wanted


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
    facts: list[Fact] = []
    if refund.progress is RefundProgress.FAILED:
        reason = f"A refund failed: {refund.reason or 'Razorpay does not say why'}."
        facts += _about(view, opened, refund_id, refund, CaseKind.REFUND_FAILED, reason)
    elif refund.cause is RefundCause.OUTSIDE:
        facts += _made_outside(view, opened, refund_id, refund)
    return facts


def _made_outside(
    view: View, opened: PaymentOrderOpened, refund_id: str, refund: Refund
) -> list[Fact]:
    """Money of an order needs a person; money that waited for one does not any more."""
    if refund.order_id is not None:
        if isinstance(view.order(refund.order_id), Cancelled):
            return []
        reason = "Money of an order was given back at Razorpay itself; the order still stands."
        return _about(view, opened, refund_id, refund, CaseKind.REFUNDED_OUTSIDE, reason)
    payment = view.payment(opened.razorpay_order_id)
    if refundable(payment, refund.razorpay_payment_id).amount > 0:
        return []
    note = "All of the payment was given back at Razorpay itself."
    name = stream(PAYMENT, opened.razorpay_order_id)
    return [
        (name, CaseResolved(case_id=case_id, note=note))
        for case_id, case in sorted(payment.cases.items())
        if case.razorpay_payment_id == refund.razorpay_payment_id
    ]


def refund_refused(view: View, razorpay_order_id: str, refund_id: str, reason: str) -> list[Fact]:
    """Record Razorpay's no: a case, unless the money went back by another way meanwhile."""
    payment = view.payment(razorpay_order_id)
    refund = payment.refunds.get(refund_id)
    if refund is None or payment.opened is None:
        return []
    if refund.progress is not RefundProgress.REQUESTED:
        return []
    name = stream(PAYMENT, razorpay_order_id)
    dropped: list[Fact] = [(name, RefundDropped(refund_id=refund_id))]
    without = view.assuming(dropped).payment(razorpay_order_id)
    if refundable(without, refund.razorpay_payment_id).amount < refund.amount.amount:
        return dropped
    refused: list[Fact] = [(name, RefundRefused(refund_id=refund_id, reason=reason))]
    text = f"Razorpay refused a refund: {reason}"
    after = view.assuming(refused)
    kind = CaseKind.REFUND_REFUSED
    return [*refused, *_about(after, payment.opened, refund_id, refund, kind, text)]


def order_paid_with(view: View, opened: PaymentOrderOpened, razorpay_payment_id: str) -> str | None:
    """Return the order that this payment became, None when it became none."""
    checkout = view.checkout(opened.checkout_session_id)
    is_its = isinstance(checkout, Completed) and checkout.razorpay_payment_id == razorpay_payment_id
    return checkout.order_id if isinstance(checkout, Completed) and is_its else None


def _refund_id(payment: Payment, said: RefundReport) -> str:
    if said.receipt is not None and said.receipt in payment.refunds:
        return said.receipt
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
