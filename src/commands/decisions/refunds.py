"""Money that goes back: wished for once, and never more than was captured."""

from src.commands.decisions.cases import money_of, resolve_case
from src.commands.decisions.start import AMOUNT_MIN
from src.commands.rejections import AmountBelowMinimum, NothingToRefund, RefundTooLarge, Unknown
from src.commands.view import Fact, View
from src.events.checkout import Completed
from src.events.dispute import Dispute, DisputeStatus
from src.events.identifiers import PAYMENT, Stream, key_of, named, public_id, stream
from src.events.money import Money
from src.events.order import NoOrder
from src.events.payment import Payment, PaymentOrderOpened, Progress
from src.events.refund import GOING_BACK, RefundCause, RefundProgress, RefundRequested


def refundable(payment: Payment, razorpay_payment_id: str) -> Money:
    """Return what is left of a captured payment; raises Unknown when nothing was captured."""
    attempt = payment.attempts.get(razorpay_payment_id)
    if attempt is None or attempt.progress is not Progress.CAPTURED:
        raise Unknown("captured payment", razorpay_payment_id)
    return Money(max(0, left_of(payment, razorpay_payment_id)), attempt.amount.currency)


def left_of(payment: Payment, razorpay_payment_id: str) -> int:
    """Return what is left, below zero while more is wished for than can go back."""
    gone = sum(
        refund.amount.amount
        for refund in payment.refunds.values()
        if refund.razorpay_payment_id == razorpay_payment_id and refund.progress in GOING_BACK
    )
    lost = sum(
        _lost_by(dispute)
        for dispute in payment.disputes.values()
        if dispute.razorpay_payment_id == razorpay_payment_id
        and dispute.status is DisputeStatus.LOST
    )
    return payment.attempts[razorpay_payment_id].amount.amount - gone - lost


def _lost_by(dispute: Dispute) -> int:
    """Return what a lost dispute took; a bank that has not said so yet will take all of it."""
    deducted = 0 if dispute.deducted is None else dispute.deducted.amount
    return deducted or dispute.amount.amount


def send_back(  # noqa: PLR0913, PLR0917 - what a refund says
    view: View,
    opened: PaymentOrderOpened,
    razorpay_payment_id: str,
    cause: RefundCause,
    reason: str,
    order_id: str | None = None,
) -> list[Fact]:
    """Give back, by itself and once, all that is left of a payment.

    Only a refund that was dropped is followed by another one.
    """
    payment = view.payment(opened.razorpay_order_id)
    left = refundable(payment, razorpay_payment_id)
    refund_id = _by_itself(payment, razorpay_payment_id)
    if left.amount == 0 or refund_id in payment.refunds:
        return []
    wanted = RefundRequested(
        refund_id=refund_id,
        razorpay_payment_id=razorpay_payment_id,
        amount=left,
        cause=cause,
        reason=reason,
        order_id=order_id,
    )
    return [(stream(PAYMENT, opened.razorpay_order_id), wanted)]


def send_back_instead(
    view: View, opened: PaymentOrderOpened, failed_id: str, cause: RefundCause
) -> list[Fact]:
    """Give back what somebody else tried to give back and could not, as far as it is still here.

    Other refunds of the payment may be on their way, or wait for a person: they are left alone.
    """
    payment = view.payment(opened.razorpay_order_id)
    failed = payment.refunds[failed_id]
    left = refundable(payment, failed.razorpay_payment_id)
    amount = min(left.amount, failed.amount.amount)
    refund_id = public_id("refund", named("refund", failed.razorpay_payment_id, failed_id))
    if amount == 0 or refund_id in payment.refunds:
        return []
    wanted = RefundRequested(
        refund_id=refund_id,
        razorpay_payment_id=failed.razorpay_payment_id,
        amount=Money(amount, left.currency),
        cause=cause,
        reason="Another refund of this payment failed.",
    )
    return [(stream(PAYMENT, opened.razorpay_order_id), wanted)]


def _by_itself(payment: Payment, razorpay_payment_id: str) -> str:
    dropped = sum(
        refund.progress is RefundProgress.DROPPED
        for refund in payment.refunds.values()
        if refund.razorpay_payment_id == razorpay_payment_id
    )
    return public_id("refund", named("refund", razorpay_payment_id, str(dropped)))


def refund_order(
    view: View, order_id: str, amount: Money | None, reason: str, refund_id: str
) -> list[Fact]:
    """Give back a part of what an order cost, or all that is left; stock stays where it is.

    The same refund asked for again changes nothing.
    """
    order = view.order(order_id)
    if isinstance(order, NoOrder):
        raise Unknown("order", order_id)
    paid = order.order.payment
    if paid is None:
        raise NothingToRefund
    payment = view.payment(paid.razorpay_order_id)
    if refund_id in payment.refunds:
        return []
    left = refundable(payment, paid.razorpay_payment_id)
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
    attempt = payment.attempts.get(case.razorpay_payment_id)
    if attempt is None or attempt.progress is not Progress.CAPTURED:
        raise NothingToRefund
    left = refundable(payment, case.razorpay_payment_id)
    amount = Money(min(left.amount, case.amount.amount), left.currency)
    wanted = RefundRequested(
        refund_id=in_place_of(case_id),
        razorpay_payment_id=case.razorpay_payment_id,
        amount=_allowed(left, amount),
        cause=RefundCause.CASE,
        reason=case.reason,
        order_id=order_paid_with(view, payment.opened, case.razorpay_payment_id),
    )
    return [*resolved, (about, wanted)]


def in_place_of(case_id: str) -> str:
    """Return the id of the one refund by which a case can be settled."""
    return public_id("refund", named("refund", case_id))


def _allowed(left: Money, amount: Money | None) -> Money:
    if left.amount == 0:
        raise NothingToRefund
    wanted = left if amount is None else amount
    if wanted.currency != left.currency or wanted.amount > left.amount:
        raise RefundTooLarge(left)
    if wanted.amount < AMOUNT_MIN:
        raise AmountBelowMinimum(AMOUNT_MIN, wanted.currency)
    return wanted


def order_paid_with(view: View, opened: PaymentOrderOpened, razorpay_payment_id: str) -> str | None:
    """Return the order that this payment became, None when it became none."""
    checkout = view.checkout(opened.checkout_session_id)
    is_its = isinstance(checkout, Completed) and checkout.razorpay_payment_id == razorpay_payment_id
    return checkout.order_id if isinstance(checkout, Completed) and is_its else None
