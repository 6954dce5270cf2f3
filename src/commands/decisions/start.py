"""From cart to checkout session: prices frozen, stock and coupon held, the cart locked."""

from datetime import datetime

from msgspec import Struct

from src.commands.decisions.endings import expired, overdue
from src.commands.decisions.holds import redeemers_of, reserve_coupon, reserve_stock
from src.commands.decisions.pricing import Priced, choose_shipping, dearest_rate, price
from src.commands.rejections import (
    AmountBelowMinimum,
    CartIsEmpty,
    CartIsMerged,
    CartIsOrdered,
    TotalChanged,
    Unknown,
)
from src.commands.view import Fact, View
from src.events.cart import (
    CartContents,
    CartLocked,
    LockedCart,
    MergedCart,
    NoCart,
    OpenCart,
    OrderedCart,
)
from src.events.checkout import (
    AwaitingPayment,
    CheckoutStarted,
    IntentRequested,
    NoCheckout,
    Started,
)
from src.events.customer import Account
from src.events.identifiers import CART, CHECKOUT, stream
from src.events.money import Money
from src.events.pricing import ShippingChoice, Totals

AMOUNT_MIN = 100
"""Razorpay takes no payment below 100 paise; other currencies have the same number here."""


class StartCheckout(Struct, frozen=True, kw_only=True):
    """Check this cart out."""

    checkout_session_id: str
    cart_id: str
    now: datetime
    expires_at: datetime
    postal_code: str | None = None
    shipping_method: str | None = None
    expected_total: Money | None = None


def start(view: View, command: StartCheckout) -> list[Fact]:
    """Start a session; a cart that has an open one keeps it, and nothing is new."""
    if not isinstance(view.checkout(command.checkout_session_id), NoCheckout):
        return []  # This very command came before; what became of its session stands.
    before, contents = _startable(view, command)
    if contents is None:
        return []
    after = view.assuming(before)
    redeemers = known_redeemers(view, contents.customer_id)
    priced = price(after, contents, command.now, redeemers)
    shipping = _shipping(view, command, priced)
    _check_total(view, command, priced, shipping)
    session = command.checkout_session_id
    started = CheckoutStarted(
        checkout_session_id=session,
        cart_id=command.cart_id,
        customer_id=contents.customer_id,
        currency=contents.currency,
        lines=priced.lines,
        coupon=priced.coupon,
        shipping=shipping,
        expires_at=command.expires_at,
    )
    return [
        *before,
        (stream(CHECKOUT, session), started),
        (stream(CART, command.cart_id), CartLocked(checkout_session_id=session)),
        *reserve_stock(after, session, priced.lines),
        *reserve_coupon(after, session, priced.coupon, redeemers),
    ]


class SessionWanted:
    """A wish for a checkout session, and which one its last decision came to."""

    def __init__(self, command: StartCheckout) -> None:
        self._command = command
        self.session = command.checkout_session_id

    def decide(self, view: View) -> list[Fact]:
        """Start a session, unless the cart has an open one."""
        facts = start(view, self._command)
        after = view.assuming(facts)
        self.session = self._command.checkout_session_id
        if isinstance(after.checkout(self.session), NoCheckout):
            cart = after.cart(self._command.cart_id)
            assert isinstance(cart, LockedCart)
            self.session = cart.checkout_session_id
        return facts


def _startable(view: View, command: StartCheckout) -> tuple[list[Fact], CartContents | None]:
    """Return what must be written first and the cart's contents; None if a session is open."""
    cart = view.cart(command.cart_id)
    match cart:
        case NoCart():
            raise Unknown("cart", command.cart_id)
        case OrderedCart():
            raise CartIsOrdered(cart.order_id)
        case MergedCart():
            raise CartIsMerged(cart.into)
        case OpenCart(contents):
            before: list[Fact] = []
        case LockedCart(contents, checkout_session_id):
            checkout = view.checkout(checkout_session_id)
            if not isinstance(checkout, Started | IntentRequested | AwaitingPayment):
                raise AssertionError(f"cart {command.cart_id} is locked by an ended session")
            if not overdue(checkout, command.now):
                return [], None
            before = expired(checkout)
    if not contents.quantities:
        raise CartIsEmpty
    return before, contents


def known_redeemers(view: View, customer_id: str | None) -> tuple[str, ...]:
    """Return under which names an account's coupon use is counted; a guest has none yet."""
    if customer_id is None:
        return ()
    customer = view.customer(customer_id)
    if not isinstance(customer, Account):
        return (f"customer:{customer_id}",)
    return redeemers_of(customer_id, customer.mailbox, guest=False)


def _shipping(view: View, command: StartCheckout, priced: Priced) -> ShippingChoice | None:
    if command.postal_code is None:
        return None
    methods = view.shipping_methods()
    return choose_shipping(methods, priced, command.postal_code, command.shipping_method)


def _check_total(
    view: View, command: StartCheckout, priced: Priced, shipping: ShippingChoice | None
) -> None:
    totals = priced.totals(shipping)
    check_expected(totals, command.expected_total)
    unknown = shipping is None
    still_to_come = dearest_rate(view.shipping_methods(), priced) if unknown else 0
    if totals.total.amount:
        check_minimum(totals.total.amount + still_to_come, totals.total.currency)


def check_expected(totals: Totals, expected: Money | None) -> None:
    """Refuse a total that the client does not expect."""
    if expected is not None and expected != totals.total:
        raise TotalChanged(totals)


def check_minimum(amount: int, currency: str) -> None:
    """Refuse what no provider would charge; nothing to pay is fine."""
    if 0 < amount < AMOUNT_MIN:
        raise AmountBelowMinimum(AMOUNT_MIN, currency)
