"""What money means: the one decision that webhook, callback and poll all feed.

Whoever comes first wins, the others find it done. News only moves a payment
forward, so order and repetition of the news do not matter.
"""

from src.commands.decisions.completion import paid, paid_late
from src.commands.decisions.endings import failed
from src.commands.gateway import PaymentReport, PaymentStatus
from src.commands.rejections import CouponNotApplicable, InventoryUnavailable
from src.commands.view import Fact, View
from src.events.cart import OrderedCart
from src.events.case import CaseKind, CaseOpened
from src.events.checkout import (
    AwaitingPayment,
    Completed,
    Confirmed,
    Ended,
    IntentRequested,
    NoCheckout,
    Started,
)
from src.events.identifiers import PAYMENT, named, public_id, stream
from src.events.money import Money
from src.events.order import OrderPayment
from src.events.payment import (
    Attempt,
    Payment,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentFailed,
    PaymentNews,
    PaymentOrderOpened,
    Progress,
)


def report_payment(view: View, report: PaymentReport) -> list[Fact]:
    """Write down what the provider says of a payment, and everything that follows from it."""
    news = _news(report)
    if news is None:
        return []
    payment = view.payment(report.razorpay_order_id)
    known = payment.attempts.get(report.razorpay_payment_id)
    if known is not None and known.progress >= _progress(news):
        return []
    facts: list[Fact] = [(stream(PAYMENT, report.razorpay_order_id), news)]
    if payment.opened is None:
        return facts
    return [*facts, *_follow(view.assuming(facts), payment.opened, news)]


def settle_known_payments(view: View, razorpay_order_id: str) -> list[Fact]:
    """Settle what had been reported before the Razorpay order was known to be ours."""
    payment = view.payment(razorpay_order_id)
    facts: list[Fact] = []
    for payment_id, attempt in sorted(payment.attempts.items()):
        if attempt.progress is Progress.CAPTURED and payment.opened is not None:
            after = view.assuming(facts)
            facts += _captured(after, payment.opened, payment_id, attempt)
    return facts


def _news(report: PaymentReport) -> PaymentNews | None:
    """Return the fact in a report; created and refunded payments are none here."""
    match report.status:
        case PaymentStatus.AUTHORIZED:
            kind: type[PaymentAuthorized | PaymentCaptured] = PaymentAuthorized
        case PaymentStatus.CAPTURED:
            kind = PaymentCaptured
        case PaymentStatus.CREATED if report.captured:
            kind = PaymentCaptured  # A status that is new to us, on money that was taken.
        case PaymentStatus.FAILED:
            return PaymentFailed(
                razorpay_payment_id=report.razorpay_payment_id,
                amount=report.amount,
                method=report.method,
                reason=report.reason,
                occurred_at=report.occurred_at,
            )
        case PaymentStatus.CREATED | PaymentStatus.REFUNDED:
            return None
    return kind(
        razorpay_payment_id=report.razorpay_payment_id,
        amount=report.amount,
        method=report.method,
        occurred_at=report.occurred_at,
    )


def _progress(news: PaymentNews) -> Progress:
    match news:
        case PaymentFailed():
            return Progress.FAILED
        case PaymentAuthorized():
            return Progress.AUTHORIZED
        case PaymentCaptured():
            return Progress.CAPTURED


def _follow(view: View, opened: PaymentOrderOpened, news: PaymentNews) -> list[Fact]:
    match news:
        case PaymentCaptured():
            attempt = view.payment(opened.razorpay_order_id).attempts[news.razorpay_payment_id]
            return _captured(view, opened, news.razorpay_payment_id, attempt)
        case PaymentFailed():
            return _failed(view, opened, news)
        case PaymentAuthorized():
            return []


def _failed(view: View, opened: PaymentOrderOpened, news: PaymentFailed) -> list[Fact]:
    """End the session, unless another payment of the same Razorpay order is on its way."""
    payment = view.payment(opened.razorpay_order_id)
    if any(attempt.progress > Progress.FAILED for attempt in payment.attempts.values()):
        return []
    checkout = view.checkout(opened.checkout_session_id)
    if not isinstance(checkout, AwaitingPayment):
        return []
    if checkout.razorpay_order_id != opened.razorpay_order_id:
        return []  # The customer is paying the session's own Razorpay order.
    return failed(checkout, news.razorpay_payment_id, news.reason)


def _captured(
    view: View, opened: PaymentOrderOpened, payment_id: str, attempt: Attempt
) -> list[Fact]:
    """Make the order, or open a case: captured money never ends in silence."""
    money = OrderPayment(
        razorpay_order_id=opened.razorpay_order_id,
        razorpay_payment_id=payment_id,
        amount=attempt.amount,
        method=attempt.method,
    )
    if attempt.amount != opened.due:
        return _case(view, opened, money, CaseKind.WRONG_AMOUNT, _difference(opened.due, money))
    checkout = view.checkout(opened.checkout_session_id)
    match checkout:
        case IntentRequested() | AwaitingPayment():
            return paid(checkout, money)
        case Ended():
            return _late(view, opened, checkout, money)
        case Completed() | Confirmed():
            reason = "The session was already paid with another payment."
            return _case(view, opened, money, CaseKind.PAID_TWICE, reason)
        case NoCheckout() | Started():
            raise AssertionError("a Razorpay order is opened after its session asked for it")


def _late(
    view: View, opened: PaymentOrderOpened, checkout: Ended, money: OrderPayment
) -> list[Fact]:
    if checkout.intent is None:
        raise AssertionError("a Razorpay order is opened after its session asked for it")
    if isinstance(view.cart(opened.cart_id), OrderedCart):
        reason = "The cart had already become an order through another session."
        return _case(view, opened, money, CaseKind.CART_ORDERED, reason)
    try:
        return paid_late(view, checkout, checkout.intent, money)
    except InventoryUnavailable as short:
        skus = ", ".join(line.sku for line in short.lines)
        reason = f"The money came after the session had ended, and {skus} is sold out."
        return _case(view, opened, money, CaseKind.STOCK_GONE, reason)
    except CouponNotApplicable as refusal:
        reason = f"The money came after the session had ended. {refusal}"
        return _case(view, opened, money, CaseKind.COUPON_GONE, reason)


def _difference(due: Money, money: OrderPayment) -> str:
    due_text = f"{due.amount} {due.currency}"
    return f"{money.amount.amount} {money.amount.currency} came, {due_text} was due."


def _case(
    view: View, opened: PaymentOrderOpened, money: OrderPayment, kind: CaseKind, reason: str
) -> list[Fact]:
    case_id = public_id("case", named("case", kind, money.razorpay_payment_id))
    payment: Payment = view.payment(opened.razorpay_order_id)
    if case_id in payment.cases_ever:
        return []
    case = CaseOpened(
        case_id=case_id,
        kind=kind,
        reason=reason,
        razorpay_order_id=money.razorpay_order_id,
        razorpay_payment_id=money.razorpay_payment_id,
        amount=money.amount,
        checkout_session_id=opened.checkout_session_id,
    )
    return [(stream(PAYMENT, opened.razorpay_order_id), case)]
