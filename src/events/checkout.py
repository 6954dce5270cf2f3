"""One attempt to pay for a cart: the state machine of Khata.

    CART_PENDING → CHECKOUT_STARTED → PAYMENT_PENDING → PAYMENT_CONFIRMED → ORDER_CREATED

Failure, cancel, expiry and being superseded lead back to CART_PENDING; money
that comes after that may still complete the very same session.

The names and fields of the events are the storage format. Nothing here is
renamed or removed: a changed shape gets a new version, and upcasters.py lifts
the old one.
"""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from src.events.capture import CheckoutRevived, HoldExtended, HoldLapsed
from src.events.money import Money
from src.events.ports import Sealed
from src.events.pricing import AppliedCoupon, PricedLine, ShippingChoice, Totals


class CheckoutState(StrEnum):
    """What a client calls the state of a session."""

    CART_PENDING = "CART_PENDING"
    CHECKOUT_STARTED = "CHECKOUT_STARTED"
    PAYMENT_PENDING = "PAYMENT_PENDING"
    PAYMENT_CONFIRMED = "PAYMENT_CONFIRMED"
    ORDER_CREATED = "ORDER_CREATED"


class CheckoutStarted(Struct, frozen=True, kw_only=True):
    """Prices and discounts are frozen, the stock is reserved, the cart is locked."""

    checkout_session_id: str
    cart_id: str
    customer_id: str | None
    currency: str
    lines: tuple[PricedLine, ...]
    coupon: AppliedCoupon | None
    shipping: ShippingChoice | None
    expires_at: datetime


class PaymentIntentRequested(Struct, frozen=True, kw_only=True):
    """The buyer, the addresses and shipping are frozen; Razorpay is to be asked for an order."""

    customer_id: str
    guest: bool
    mailbox: str
    contact: Sealed
    shipping_address: Sealed
    billing_address: Sealed | None
    shipping: ShippingChoice
    totals: Totals
    wish: str
    """Keyed hash of what the buyer asked for: the same request again, or another one?"""


class PaymentIntentCreated(Struct, frozen=True, kw_only=True):
    """Razorpay made an order for this session."""

    razorpay_order_id: str
    due: Money


class PaymentWaived(Struct, frozen=True, kw_only=True):
    """There is nothing to pay."""

    total: Money


class PaymentConfirmed(Struct, frozen=True, kw_only=True):
    """The money was captured."""

    razorpay_order_id: str
    razorpay_payment_id: str
    amount: Money


class OrderCreated(Struct, frozen=True, kw_only=True):
    """The session became an order."""

    order_id: str
    order_number: str


class CheckoutFailed(Struct, frozen=True, kw_only=True):
    """The payment failed."""

    razorpay_payment_id: str
    reason: str | None


class CheckoutCancelled(Struct, frozen=True, kw_only=True):
    """Somebody gave the session up."""

    reason: str


class CheckoutExpired(Struct, frozen=True, kw_only=True):
    """The session was not paid in time."""

    expires_at: datetime


class CheckoutSuperseded(Struct, frozen=True, kw_only=True):
    """Another session of the same cart was paid first."""

    by: str


CheckoutEnding = CheckoutFailed | CheckoutCancelled | CheckoutExpired | CheckoutSuperseded
CheckoutEvent = (
    CheckoutStarted
    | PaymentIntentRequested
    | PaymentIntentCreated
    | PaymentWaived
    | PaymentConfirmed
    | OrderCreated
    | HoldExtended
    | HoldLapsed
    | CheckoutRevived
    | CheckoutEnding
)


class NoCheckout(Struct, frozen=True):
    """No session of this id was ever started."""


class Started(Struct, frozen=True, kw_only=True):
    """Waiting for an address and a way to ship."""

    basis: CheckoutStarted


class IntentRequested(Struct, frozen=True, kw_only=True):
    """Waiting for Razorpay's order."""

    basis: CheckoutStarted
    intent: PaymentIntentRequested


class AwaitingPayment(Struct, frozen=True, kw_only=True):
    """Waiting for the money."""

    basis: CheckoutStarted
    intent: PaymentIntentRequested
    razorpay_order_id: str
    securing: str | None = None
    """The promised payment that we are taking: so long the session neither expires nor ends."""


class Confirmed(Struct, frozen=True, kw_only=True):
    """Paid, or nothing to pay; the order follows in the same append."""

    basis: CheckoutStarted
    intent: PaymentIntentRequested
    razorpay_order_id: str | None
    razorpay_payment_id: str | None


class Completed(Struct, frozen=True, kw_only=True):
    """An order."""

    basis: CheckoutStarted
    intent: PaymentIntentRequested
    razorpay_order_id: str | None
    razorpay_payment_id: str | None
    order_id: str
    order_number: str


class Ended(Struct, frozen=True, kw_only=True):
    """Given up, but never deaf: money may still come for a Razorpay order that exists."""

    basis: CheckoutStarted
    intent: PaymentIntentRequested | None
    razorpay_order_id: str | None
    ending: CheckoutEnding


Open = Started | IntentRequested | AwaitingPayment
Checkout = NoCheckout | Open | Confirmed | Completed | Ended
NO_CHECKOUT: Checkout = NoCheckout()


def evolve(checkout: Checkout, event: CheckoutEvent) -> Checkout:
    """Facts are not argued with: evolve never rejects, and an impossible fact is a bug."""
    match checkout, event:
        case NoCheckout(), CheckoutStarted():
            return Started(basis=event)
        case Started(), PaymentIntentRequested():
            return IntentRequested(basis=checkout.basis, intent=event)
        case IntentRequested(), PaymentIntentCreated():
            return AwaitingPayment(
                basis=checkout.basis,
                intent=checkout.intent,
                razorpay_order_id=event.razorpay_order_id,
            )
        case ((IntentRequested() | AwaitingPayment() | Ended()), PaymentConfirmed()):
            return _confirmed(checkout, event.razorpay_order_id, event.razorpay_payment_id)
        case ((AwaitingPayment() | Ended()), (HoldExtended() | HoldLapsed() | CheckoutRevived())):
            return _secured(checkout, event)
        case IntentRequested(), PaymentWaived():
            return _confirmed(checkout, None, None)
        case Confirmed(), OrderCreated():
            return _completed(checkout, event)
        case ((Started() | IntentRequested() | AwaitingPayment()), _) if isinstance(
            event, CheckoutEnding
        ):
            return _ended(checkout, event)
        case _:
            name = type(checkout).__name__
            raise AssertionError(f"{type(event).__name__} cannot happen to {name}")


def _confirmed(
    checkout: IntentRequested | AwaitingPayment | Ended, order: str | None, payment: str | None
) -> Confirmed:
    if checkout.intent is None:
        raise AssertionError("nobody can pay for a session without an intent")
    return Confirmed(
        basis=checkout.basis,
        intent=checkout.intent,
        razorpay_order_id=order,
        razorpay_payment_id=payment,
    )


def _secured(
    checkout: AwaitingPayment | Ended, event: HoldExtended | HoldLapsed | CheckoutRevived
) -> AwaitingPayment:
    """Follow promised money while we take it: the session waits for this one payment alone."""
    match checkout, event:
        case AwaitingPayment(securing=None), HoldExtended():
            return replace(checkout, securing=event.razorpay_payment_id)
        case AwaitingPayment(securing=str()), HoldLapsed():
            return replace(checkout, securing=None)
        case Ended(intent=PaymentIntentRequested() as intent), CheckoutRevived():
            return AwaitingPayment(
                basis=checkout.basis,
                intent=intent,
                razorpay_order_id=event.razorpay_order_id,
                securing=event.razorpay_payment_id,
            )
        case _:
            name = type(checkout).__name__
            raise AssertionError(f"{type(event).__name__} cannot happen to {name}")


def _completed(checkout: Confirmed, event: OrderCreated) -> Completed:
    return Completed(
        basis=checkout.basis,
        intent=checkout.intent,
        razorpay_order_id=checkout.razorpay_order_id,
        razorpay_payment_id=checkout.razorpay_payment_id,
        order_id=event.order_id,
        order_number=event.order_number,
    )


def _ended(checkout: Open, ending: CheckoutEnding) -> Ended:
    return Ended(
        basis=checkout.basis,
        intent=None if isinstance(checkout, Started) else checkout.intent,
        razorpay_order_id=(
            checkout.razorpay_order_id if isinstance(checkout, AwaitingPayment) else None
        ),
        ending=ending,
    )


def public_state(checkout: Checkout) -> CheckoutState:
    """Return the state as a client knows it; CART_PENDING before a session and after its end."""
    match checkout:
        case Started() | IntentRequested():
            return CheckoutState.CHECKOUT_STARTED
        case AwaitingPayment():
            return CheckoutState.PAYMENT_PENDING
        case Confirmed():
            return CheckoutState.PAYMENT_CONFIRMED
        case Completed():
            return CheckoutState.ORDER_CREATED
        case NoCheckout() | Ended():
            return CheckoutState.CART_PENDING


ENDINGS: dict[type[CheckoutEnding], str] = {
    CheckoutFailed: "failed",
    CheckoutCancelled: "cancelled",
    CheckoutExpired: "expired",
    CheckoutSuperseded: "superseded",
}
"""How a session ended, in the word that clients see."""
