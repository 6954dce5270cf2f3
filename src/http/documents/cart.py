"""A cart as its owner reads it: at today's prices, or frozen while it is checked out and after."""

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from src.commands.decisions.pricing import Priced, price
from src.commands.rejections import CouponNotApplicable, Unknown
from src.commands.view import View
from src.events.cart import CartContents, LockedCart, MergedCart, NoCart, OpenCart, OrderedCart
from src.events.checkout import (
    AwaitingPayment,
    Checkout,
    CheckoutState,
    Completed,
    Confirmed,
    Ended,
    IntentRequested,
    NoCheckout,
    Started,
    public_state,
)
from src.events.pricing import PricedLine, Totals


class CartDocument(Struct, frozen=True, kw_only=True):
    """A cart."""

    cart_id: str
    state: CheckoutState
    items: tuple[PricedLine, ...]
    coupon: str | None
    totals: Totals
    checkout_session_id: str | None
    order_id: str | None
    session_id: str | UnsetType = UNSET
    """The guest's secret; only in the answer that opens a guest's cart."""
    merged_into: str | UnsetType = UNSET
    """The customer's cart in which everything lies now; only of a guest's cart that is over."""


def cart_document(
    view: View, cart_id: str, now: datetime, redeemers: tuple[str, ...] = ()
) -> CartDocument:
    """Show a cart; raises Unknown when there is none."""
    cart = view.cart(cart_id)
    match cart:
        case NoCart():
            raise Unknown("cart", cart_id)
        case OpenCart(contents):
            return _open(cart_id, contents, todays_prices(view, contents, now, redeemers))
        case MergedCart(contents, into):
            shown = _open(cart_id, contents, todays_prices(view, contents, now, redeemers))
            return replace(shown, merged_into=into)
        case LockedCart(contents, session):
            checkout = view.checkout(session)
            return _frozen(cart_id, contents, checkout, public_state(checkout))
        case OrderedCart(contents, session, order_id):
            checkout = view.checkout(session)
            shown = _frozen(cart_id, contents, checkout, CheckoutState.ORDER_CREATED)
            return replace(shown, order_id=order_id)


def todays_prices(
    view: View, contents: CartContents, now: datetime, redeemers: tuple[str, ...] = ()
) -> Priced:
    """Price a cart; a coupon that does not count any more takes nothing off."""
    try:
        return price(view, contents, now, redeemers)
    except CouponNotApplicable:
        return price(view, replace(contents, coupon=None), now)


def _open(cart_id: str, contents: CartContents, priced: Priced) -> CartDocument:
    return CartDocument(
        cart_id=cart_id,
        state=CheckoutState.CART_PENDING,
        items=priced.lines,
        coupon=contents.coupon,
        totals=priced.totals(None),
        checkout_session_id=None,
        order_id=None,
    )


def _frozen(
    cart_id: str, contents: CartContents, checkout: Checkout, state: CheckoutState
) -> CartDocument:
    if isinstance(checkout, NoCheckout):
        raise AssertionError(f"cart {cart_id} is locked by a session that never was")
    basis = checkout.basis
    return CartDocument(
        cart_id=cart_id,
        state=state,
        items=basis.lines,
        coupon=contents.coupon,
        totals=frozen_totals(checkout),
        checkout_session_id=basis.checkout_session_id,
        order_id=None,
    )


def frozen_totals(
    checkout: Started | IntentRequested | AwaitingPayment | Confirmed | Completed | Ended,
) -> Totals:
    """Return what a session costs, with shipping as soon as that is frozen."""
    intent = None if isinstance(checkout, Started) else checkout.intent
    if intent is not None:
        return intent.totals
    basis = checkout.basis
    priced = Priced(currency=basis.currency, lines=basis.lines, coupon=basis.coupon)
    return priced.totals(basis.shipping)
