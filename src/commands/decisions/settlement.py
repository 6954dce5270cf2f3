"""What money means: the one decision that webhook, callback and poll all feed.

Whoever comes first wins, the others find it done. News only moves a payment
forward, so order and repetition of the news do not matter.
"""

from src.commands.decisions.captures import let_go, secure
from src.commands.decisions.cases import open_case
from src.commands.decisions.completion import paid, paid_late
from src.commands.decisions.disputes import what_a_dispute_means
from src.commands.decisions.endings import failed
from src.commands.decisions.merged_carts import is_bought
from src.commands.decisions.refund_news import what_a_refund_means
from src.commands.decisions.refunds import send_back
from src.commands.gateway import PaymentReport, PaymentStatus
from src.commands.rejections import CouponNotApplicable, InventoryUnavailable
from src.commands.view import Fact, View
from src.events.capture import CaptureMode
from src.events.case import CaseKind
from src.events.checkout import (
    AwaitingPayment,
    Completed,
    Confirmed,
    Ended,
    IntentRequested,
    NoCheckout,
    Started,
)
from src.events.identifiers import PAYMENT, stream
from src.events.money import Money
from src.events.order import OrderPayment
from src.events.payment import (
    Attempt,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentFailed,
    PaymentNews,
    PaymentOrderOpened,
    PaymentReturned,
    Progress,
    progress_of,
)
from src.events.refund import RefundCause

ON_ITS_WAY = frozenset({Progress.AUTHORIZED, Progress.CAPTURED})
"""What keeps a session from ending because another attempt failed."""


def report_payment(view: View, report: PaymentReport) -> list[Fact]:
    """Write down what the provider says of a payment, and everything that follows from it."""
    news = _news(report)
    if news is None:
        return []
    payment = view.payment(report.razorpay_order_id)
    known = payment.attempts.get(report.razorpay_payment_id)
    if known is not None and known.progress >= progress_of(news):
        return []
    facts: list[Fact] = [(stream(PAYMENT, report.razorpay_order_id), news)]
    if payment.opened is None:
        return facts
    after = view.assuming(facts)
    attempt = after.payment(report.razorpay_order_id).attempts[report.razorpay_payment_id]
    return [*facts, *_follow(after, payment.opened, report.razorpay_payment_id, attempt)]


def settle_known_payments(view: View, razorpay_order_id: str) -> list[Fact]:
    """Settle what had been reported before the Razorpay order was known to be ours.

    What is furthest comes first: a failed attempt must not end what another has paid.
    """
    payment = view.payment(razorpay_order_id)
    opened = payment.opened
    if opened is None:
        return []
    known = sorted(payment.attempts.items(), key=lambda each: (-each[1].progress, each[0]))
    facts: list[Fact] = []
    for payment_id, attempt in known:
        facts += _follow(view.assuming(facts), opened, payment_id, attempt)
    for refund_id in sorted(payment.refunds):
        facts += what_a_refund_means(view.assuming(facts), opened, refund_id)
    for dispute_id in sorted(payment.disputes):
        facts += what_a_dispute_means(view.assuming(facts), opened, dispute_id)
    return facts


def _news(report: PaymentReport) -> PaymentNews | None:
    """Return the fact in a report; a payment that was only tried is none yet."""
    if report.status is PaymentStatus.FAILED:
        return PaymentFailed(
            razorpay_payment_id=report.razorpay_payment_id,
            amount=report.amount,
            method=report.method,
            reason=report.reason,
            occurred_at=report.occurred_at,
        )
    kind = _good_news(report)
    if kind is None:
        return None
    return kind(
        razorpay_payment_id=report.razorpay_payment_id,
        amount=report.amount,
        method=report.method,
        occurred_at=report.occurred_at,
    )


def _good_news(
    report: PaymentReport,
) -> type[PaymentAuthorized | PaymentCaptured | PaymentReturned] | None:
    """Money that was taken counts as captured, also when some of it was given back since."""
    if report.captured or report.status is PaymentStatus.CAPTURED:
        return PaymentCaptured
    if report.status is PaymentStatus.AUTHORIZED:
        return PaymentAuthorized
    return PaymentReturned if report.status is PaymentStatus.REFUNDED else None


def _follow(
    view: View, opened: PaymentOrderOpened, payment_id: str, attempt: Attempt
) -> list[Fact]:
    match attempt.progress:
        case Progress.CAPTURED:
            return _captured(view, opened, payment_id, attempt)
        case Progress.AUTHORIZED if opened.capture is CaptureMode.MANUAL:
            return secure(view, opened, payment_id)
        case Progress.AUTHORIZED:
            return []
        case Progress.RETURNED:
            let = let_go(view, opened, payment_id, "Razorpay returned the money")
            return [*let, *_failed(view.assuming(let), opened)]
        case Progress.FAILED:
            return _failed(view, opened)


def _failed(view: View, opened: PaymentOrderOpened) -> list[Fact]:
    """End the session once an attempt failed and no other is on its way."""
    attempts = view.payment(opened.razorpay_order_id).attempts
    if any(attempt.progress in ON_ITS_WAY for attempt in attempts.values()):
        return []
    no = [(name, each) for name, each in attempts.items() if each.progress is Progress.FAILED]
    checkout = view.checkout(opened.checkout_session_id)
    if not no or not isinstance(checkout, AwaitingPayment):
        return []
    if checkout.razorpay_order_id != opened.razorpay_order_id or checkout.securing is not None:
        return []  # The customer is paying, or has paid, on the session's other Razorpay order.
    payment_id, attempt = min(no)
    return failed(checkout, payment_id, attempt.reason)


def _captured(
    view: View, opened: PaymentOrderOpened, payment_id: str, attempt: Attempt
) -> list[Fact]:
    """Make the order, or give the money back, or open a case: money never ends in silence."""
    if attempt.amount != opened.due:
        reason = _difference(opened.due, attempt.amount)
        kind = CaseKind.WRONG_AMOUNT
        return open_case(view, opened, kind, payment_id, payment_id, attempt.amount, reason)
    money = OrderPayment(
        razorpay_order_id=opened.razorpay_order_id,
        razorpay_payment_id=payment_id,
        amount=attempt.amount,
        method=attempt.method,
    )
    checkout = view.checkout(opened.checkout_session_id)
    match checkout:
        case IntentRequested() | AwaitingPayment():
            return paid(checkout, money)
        case Ended():
            return _late(view, opened, checkout, money)
        case Completed() | Confirmed():
            reason = "The session was already paid with another payment."
            return send_back(view, opened, payment_id, RefundCause.PAID_TWICE, reason)
        case NoCheckout() | Started():
            raise AssertionError("a Razorpay order is opened after its session asked for it")


def _late(
    view: View, opened: PaymentOrderOpened, checkout: Ended, money: OrderPayment
) -> list[Fact]:
    if checkout.intent is None:
        raise AssertionError("a Razorpay order is opened after its session asked for it")
    payment_id = money.razorpay_payment_id
    if is_bought(view, opened.cart_id):
        reason = "The cart had already become an order through another session."
        return send_back(view, opened, payment_id, RefundCause.CART_ORDERED, reason)
    try:
        return paid_late(view, checkout, checkout.intent, money)
    except InventoryUnavailable as short:
        skus = ", ".join(line.sku for line in short.lines)
        reason = f"The money came after the session had ended, and {skus} is sold out."
        return send_back(view, opened, payment_id, RefundCause.STOCK_GONE, reason)
    except CouponNotApplicable as refusal:
        reason = f"The money came after the session had ended. {refusal}"
        return send_back(view, opened, payment_id, RefundCause.COUPON_GONE, reason)


def _difference(due: Money, came: Money) -> str:
    return f"{came.amount} {came.currency} came, {due.amount} {due.currency} was due."
