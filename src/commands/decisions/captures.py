"""Promised money that only we can take: first everything is held, then we ask for it.

What cannot be held is left where it is, and Razorpay gives it back: the
customer never pays for what we do not have.
"""

from src.commands.decisions.holds import redeemers_of, reserve_coupon, reserve_stock
from src.commands.rejections import CouponNotApplicable, InventoryUnavailable
from src.commands.view import Fact, View
from src.events.capture import CheckoutRevived, HoldExtended, HoldLapsed
from src.events.cart import CartLocked, OpenCart
from src.events.checkout import (
    AwaitingPayment,
    Ended,
)
from src.events.identifiers import CART, CHECKOUT, PAYMENT, stream
from src.events.payment import (
    CaptureDeclined,
    CaptureRefused,
    CaptureRequested,
    PaymentOrderOpened,
    Progress,
    Taking,
)


class _Impossible(Exception):
    """The money cannot be taken, and why."""


def secure(view: View, opened: PaymentOrderOpened, payment_id: str) -> list[Fact]:
    """Hold beyond the deadline, or again, what the session is about, and ask for the money."""
    name = stream(PAYMENT, opened.razorpay_order_id)
    attempt = view.payment(opened.razorpay_order_id).attempts[payment_id]
    try:
        held = _held(view, opened, payment_id)
    except _Impossible as why:
        return [(name, CaptureDeclined(razorpay_payment_id=payment_id, reason=str(why)))]
    wanted = CaptureRequested(razorpay_payment_id=payment_id, amount=attempt.amount)
    return [*held, (name, wanted)]


def is_wanted(view: View, razorpay_order_id: str, payment_id: str) -> bool:
    """Whether the money is still to be taken: its session waits for this very payment."""
    payment = view.payment(razorpay_order_id)
    attempt = payment.attempts.get(payment_id)
    if payment.opened is None or attempt is None or attempt.taking is not Taking.WANTED:
        return False
    return _secured(view, payment.opened, payment_id) is not None


def give_up_capture(
    view: View, razorpay_order_id: str, payment_id: str, reason: str, *, refused: bool
) -> list[Fact]:
    """Record that the money was not taken, by Razorpay's no or because we do not want it now."""
    payment = view.payment(razorpay_order_id)
    attempt = payment.attempts.get(payment_id)
    if payment.opened is None or attempt is None or attempt.taking is not Taking.WANTED:
        return []
    if attempt.progress is not Progress.AUTHORIZED:
        return []
    kind = CaptureRefused if refused else CaptureDeclined
    facts: list[Fact] = [
        (stream(PAYMENT, razorpay_order_id), kind(razorpay_payment_id=payment_id, reason=reason))
    ]
    return [*facts, *let_go(view, payment.opened, payment_id, reason)]


def let_go(view: View, opened: PaymentOrderOpened, payment_id: str, reason: str) -> list[Fact]:
    """Let the session be as it was, if it waited for this payment: it may expire again."""
    checkout = _secured(view, opened, payment_id)
    if checkout is None:
        return []
    lapsed = HoldLapsed(razorpay_payment_id=payment_id, reason=reason)
    return [(stream(CHECKOUT, checkout.basis.checkout_session_id), lapsed)]


def _secured(view: View, opened: PaymentOrderOpened, payment_id: str) -> AwaitingPayment | None:
    checkout = view.checkout(opened.checkout_session_id)
    if isinstance(checkout, AwaitingPayment) and checkout.securing == payment_id:
        return checkout
    return None


def _held(view: View, opened: PaymentOrderOpened, payment_id: str) -> list[Fact]:
    attempt = view.payment(opened.razorpay_order_id).attempts[payment_id]
    if attempt.amount != opened.due:
        raise _Impossible("the amount is not the one that was due")
    checkout = view.checkout(opened.checkout_session_id)
    match checkout:
        case AwaitingPayment(securing=None):
            name = stream(CHECKOUT, opened.checkout_session_id)
            return [(name, HoldExtended(razorpay_payment_id=payment_id))]
        case AwaitingPayment():
            raise _Impossible("another payment of the session is being taken")
        case Ended():
            return _revived(view, opened, checkout, payment_id)
        case _:
            raise _Impossible("the session is paid already")


def _revived(
    view: View, opened: PaymentOrderOpened, checkout: Ended, payment_id: str
) -> list[Fact]:
    """Take stock and coupon again, all or none, and lock the cart once more."""
    basis, intent = checkout.basis, checkout.intent
    if intent is None:
        raise AssertionError("a Razorpay order is opened after its session asked for it")
    if not isinstance(view.cart(basis.cart_id), OpenCart):
        raise _Impossible("what was in the cart is being bought, or was bought, otherwise")
    session = basis.checkout_session_id
    redeemers = redeemers_of(intent.customer_id, intent.mailbox, guest=intent.guest)
    revived = CheckoutRevived(
        razorpay_order_id=opened.razorpay_order_id,
        razorpay_payment_id=payment_id,
        cart_id=basis.cart_id,
        expires_at=basis.expires_at,
    )
    try:
        return [
            (stream(CHECKOUT, session), revived),
            *reserve_stock(view, session, basis.lines),
            *reserve_coupon(view, session, basis.coupon, redeemers),
            (stream(CART, basis.cart_id), CartLocked(checkout_session_id=session)),
        ]
    except InventoryUnavailable as short:
        skus = ", ".join(line.sku for line in short.lines)
        raise _Impossible(f"the session had ended, and {skus} is sold out") from short
    except CouponNotApplicable as refusal:
        raise _Impossible(f"the session had ended. {refusal}") from refusal
