"""A checkout session as its owner reads it, and as it is kept in Redis."""

from datetime import datetime

from msgspec import Struct

from src.commands.rejections import SessionExpired, Unknown
from src.commands.view import View
from src.events.checkout import (
    ENDINGS,
    AwaitingPayment,
    Checkout,
    CheckoutExpired,
    CheckoutState,
    Completed,
    Confirmed,
    Ended,
    NoCheckout,
    PaymentIntentRequested,
    Started,
    public_state,
)
from src.events.pricing import AppliedCoupon, PricedLine, ShippingChoice, Totals
from src.http.documents.cart import frozen_totals


class CheckoutRetry(Struct, frozen=True):
    """Whether checkout.js may offer a second attempt by itself."""

    enabled: bool = False


class CheckoutOptions(Struct, frozen=True, kw_only=True):
    """What to pass on to checkout.js, so that its window ends when the session ends."""

    timeout: int
    """Seconds."""
    retry: CheckoutRetry = CheckoutRetry()


class PaymentIntentDocument(Struct, frozen=True, kw_only=True):
    """Razorpay's order, with `amount` and `currency` as checkout.js takes them."""

    id: str
    amount: int
    currency: str
    key_id: str
    status: str
    checkout_options: CheckoutOptions
    provider: str = "razorpay"


class CheckoutDocument(Struct, frozen=True, kw_only=True):
    """A checkout session."""

    checkout_session_id: str
    cart_id: str
    state: CheckoutState
    expires_at: datetime
    items: tuple[PricedLine, ...]
    coupon: AppliedCoupon | None
    shipping: ShippingChoice | None
    totals: Totals
    payment_intent: PaymentIntentDocument | None
    order_id: str | None
    order_number: str | None
    ended: str | None


def checkout_document(
    view: View, checkout_session_id: str, key_id: str, now: datetime
) -> CheckoutDocument:
    """Show a session; raises Unknown, or SessionExpired once that is in the book."""
    checkout = view.checkout(checkout_session_id)
    if isinstance(checkout, NoCheckout):
        raise Unknown("checkout session", checkout_session_id)
    if isinstance(checkout, Ended) and isinstance(checkout.ending, CheckoutExpired):
        raise SessionExpired(checkout_session_id, checkout.basis.cart_id)
    return shown(checkout, key_id, now)


def shown(checkout: Checkout, key_id: str, now: datetime) -> CheckoutDocument:
    """Show a session in whatever state it is."""
    if isinstance(checkout, NoCheckout):
        raise AssertionError("there is nothing to show")
    basis = checkout.basis
    intent = None if isinstance(checkout, Started) else checkout.intent
    completed = checkout if isinstance(checkout, Completed) else None
    return CheckoutDocument(
        checkout_session_id=basis.checkout_session_id,
        cart_id=basis.cart_id,
        state=public_state(checkout),
        expires_at=basis.expires_at,
        items=basis.lines,
        coupon=basis.coupon,
        shipping=basis.shipping if intent is None else intent.shipping,
        totals=frozen_totals(checkout),
        payment_intent=None if intent is None else _intent(checkout, intent, key_id, now),
        order_id=None if completed is None else completed.order_id,
        order_number=None if completed is None else completed.order_number,
        ended=ENDINGS[type(checkout.ending)] if isinstance(checkout, Ended) else None,
    )


def _intent(
    checkout: Checkout, intent: PaymentIntentRequested, key_id: str, now: datetime
) -> PaymentIntentDocument | None:
    match checkout:
        case AwaitingPayment():
            status, order_id = "created", checkout.razorpay_order_id
        case Completed() | Confirmed() if checkout.razorpay_order_id is not None:
            status, order_id = "paid", checkout.razorpay_order_id
        case _:
            return None
    left = checkout.basis.expires_at - now
    due = intent.totals.total
    return PaymentIntentDocument(
        id=order_id,
        amount=due.amount,
        currency=due.currency,
        key_id=key_id,
        status=status,
        checkout_options=CheckoutOptions(timeout=max(0, int(left.total_seconds()))),
    )
