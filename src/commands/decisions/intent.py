"""From checkout session to payment intent: buyer, addresses and shipping frozen, money asked for.

Wish and answer are two facts, because Razorpay is asked between them: a crash
in between leaves the wish, and whoever finds it looks at Razorpay before
asking again.
"""

from datetime import datetime

from msgspec import Struct

from src.commands.decisions.completion import waived
from src.commands.decisions.endings import expired, overdue
from src.commands.decisions.holds import redeemers_of
from src.commands.decisions.pricing import Priced, choose_shipping, per_customer
from src.commands.decisions.settlement import settle_known_payments
from src.commands.decisions.start import check_expected, check_minimum
from src.commands.rejections import (
    IntentExists,
    NotPossibleNow,
    PersonErased,
    SessionExpired,
    Unknown,
)
from src.commands.view import Fact, View
from src.events.capture import CaptureMode
from src.events.checkout import (
    AwaitingPayment,
    CheckoutExpired,
    CheckoutStarted,
    Completed,
    Confirmed,
    Ended,
    IntentRequested,
    NoCheckout,
    PaymentIntentCreated,
    PaymentIntentRequested,
    Started,
    public_state,
)
from src.events.coupon import CouponRedeemerNamed
from src.events.customer import Erased, GuestIdentified, Nobody
from src.events.identifiers import CHECKOUT, COUPON, CUSTOMER, MAILBOX, PAYMENT, stream
from src.events.mailbox import GuestSeen
from src.events.money import Money
from src.events.payment import PaymentOrderOpened
from src.events.ports import Sealed
from src.events.pricing import Totals


class Buyer(Struct, frozen=True, kw_only=True):
    """Who buys, with everything that names them sealed already."""

    customer_id: str
    guest: bool
    mailbox: str
    contact: Sealed
    """A Profile: e-mail, name, phone."""


class RequestIntent(Struct, frozen=True, kw_only=True):
    """Freeze the purchase and ask for the money."""

    checkout_session_id: str
    buyer: Buyer
    shipping_address: Sealed
    billing_address: Sealed | None
    postal_code: str
    """Decides the shipping price; it is not written down in clear."""
    shipping_method: str | None
    expected_total: Money | None
    wish: str
    now: datetime


def request_intent(view: View, command: RequestIntent) -> list[Fact]:
    """Freeze the purchase; the same request again changes nothing, another one is refused.

    A total of zero makes the order at once.
    """
    checkout = view.checkout(command.checkout_session_id)
    match checkout:
        case Started():
            if overdue(checkout, command.now):
                return expired(checkout)
            return _requested(view, checkout, command)
        case IntentRequested() | AwaitingPayment():
            if overdue(checkout, command.now):
                return expired(checkout)
            return _same_again(checkout.intent, command)
        case Completed() | Confirmed():
            return _same_again(checkout.intent, command)
        case Ended(basis=basis, ending=CheckoutExpired()):
            raise SessionExpired(command.checkout_session_id, basis.cart_id)
        case Ended():
            raise NotPossibleNow("RequestIntent", public_state(checkout))
        case NoCheckout():
            raise Unknown("checkout session", command.checkout_session_id)


def _same_again(intent: PaymentIntentRequested, command: RequestIntent) -> list[Fact]:
    other_way = command.shipping_method not in (None, intent.shipping.code)
    if intent.wish != command.wish or other_way:
        raise IntentExists(command.checkout_session_id)
    check_expected(intent.totals, command.expected_total)
    return []


def _requested(view: View, checkout: Started, command: RequestIntent) -> list[Fact]:
    intent = _intent(view, checkout.basis, command)
    check_expected(intent.totals, command.expected_total)
    check_minimum(intent.totals.total.amount, intent.totals.total.currency)
    name = stream(CHECKOUT, command.checkout_session_id)
    facts: list[Fact] = [
        (name, intent),
        *_guest(view, command.buyer),
        *_redeemers(view, checkout.basis, command.buyer),
    ]
    if intent.totals.total.amount == 0:
        facts += waived(IntentRequested(basis=checkout.basis, intent=intent))
    return facts


def _intent(view: View, basis: CheckoutStarted, command: RequestIntent) -> PaymentIntentRequested:
    priced = Priced(currency=basis.currency, lines=basis.lines, coupon=basis.coupon)
    earlier = None if basis.shipping is None else basis.shipping.code
    method = command.shipping_method or earlier
    shipping = choose_shipping(view.shipping_methods(), priced, command.postal_code, method)
    totals: Totals = priced.totals(shipping)
    return PaymentIntentRequested(
        customer_id=command.buyer.customer_id,
        guest=command.buyer.guest,
        mailbox=command.buyer.mailbox,
        contact=command.buyer.contact,
        shipping_address=command.shipping_address,
        billing_address=command.billing_address,
        shipping=shipping,
        totals=totals,
        wish=command.wish,
    )


def _guest(view: View, buyer: Buyer) -> list[Fact]:
    """Create the guest on the fly, once; an account of the same mailbox is not touched."""
    known = view.customer(buyer.customer_id)
    if isinstance(known, Erased):
        raise PersonErased(buyer.customer_id)
    if not buyer.guest or not isinstance(known, Nobody):
        return []
    identified = GuestIdentified(
        customer_id=buyer.customer_id, mailbox=buyer.mailbox, profile=buyer.contact
    )
    return [
        (stream(CUSTOMER, buyer.customer_id), identified),
        (stream(MAILBOX, buyer.mailbox), GuestSeen(customer_id=buyer.customer_id)),
    ]


def _redeemers(view: View, basis: CheckoutStarted, buyer: Buyer) -> list[Fact]:
    """Count the coupon for the buyer too, now that they are known."""
    if basis.coupon is None:
        return []
    coupon = view.coupon(basis.coupon.code)
    known = coupon.holds.get(basis.checkout_session_id, ())
    buyers = redeemers_of(buyer.customer_id, buyer.mailbox, guest=buyer.guest)
    new = tuple(who for who in buyers if who not in known)
    if not new:
        return []
    per_customer(coupon, basis.coupon.code, new)
    named = CouponRedeemerNamed(
        code=basis.coupon.code, checkout_session_id=basis.checkout_session_id, redeemers=new
    )
    return [(stream(COUPON, basis.coupon.code), named)]


def record_intent(
    view: View,
    checkout_session_id: str,
    razorpay_order_id: str,
    due: Money,
    capture: CaptureMode = CaptureMode.AUTOMATIC,
) -> list[Fact]:
    """Record Razorpay's answer; its order is ours from now on, whatever became of the session.

    Money that was reported on it before we knew it is settled in the same append.
    """
    checkout = view.checkout(checkout_session_id)
    if isinstance(checkout, NoCheckout):
        raise Unknown("checkout session", checkout_session_id)
    if isinstance(checkout, Started) or (isinstance(checkout, Ended) and checkout.intent is None):
        raise NotPossibleNow("RecordIntent", public_state(checkout))
    if view.payment(razorpay_order_id).opened is not None:
        return []
    opened = PaymentOrderOpened(
        razorpay_order_id=razorpay_order_id,
        checkout_session_id=checkout_session_id,
        cart_id=checkout.basis.cart_id,
        due=due,
        capture=capture,
    )
    facts: list[Fact] = [(stream(PAYMENT, razorpay_order_id), opened)]
    if isinstance(checkout, IntentRequested):
        created = PaymentIntentCreated(razorpay_order_id=razorpay_order_id, due=due)
        facts.append((stream(CHECKOUT, checkout_session_id), created))
    return [*facts, *settle_known_payments(view.assuming(facts), razorpay_order_id)]
