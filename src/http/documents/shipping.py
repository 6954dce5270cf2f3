"""The ways to send a cart somewhere: at today's prices, or frozen once it is checked out."""

from datetime import datetime

from src.commands.decisions.pricing import Priced, shipping_choices
from src.commands.decisions.start import known_redeemers
from src.commands.rejections import Unknown
from src.commands.view import View
from src.events.cart import LockedCart, MergedCart, NoCart, OpenCart, OrderedCart
from src.events.checkout import NoCheckout
from src.events.pricing import ShippingChoice
from src.http.documents.cart import todays_prices


def shipping_document(
    view: View, cart_id: str, postal_code: str, now: datetime
) -> list[ShippingChoice]:
    """Show every way to send this cart there, cheapest first; none is an empty list."""
    return shipping_choices(view.shipping_methods(), _priced(view, cart_id, now), postal_code)


def _priced(view: View, cart_id: str, now: datetime) -> Priced:
    cart = view.cart(cart_id)
    match cart:
        case NoCart():
            raise Unknown("cart", cart_id)
        case OpenCart(contents) | MergedCart(contents):
            redeemers = known_redeemers(view, contents.customer_id)
            return todays_prices(view, contents, now, redeemers)
        case LockedCart() | OrderedCart():
            return _frozen(view, cart.checkout_session_id)


def _frozen(view: View, checkout_session_id: str) -> Priced:
    checkout = view.checkout(checkout_session_id)
    if isinstance(checkout, NoCheckout):
        raise AssertionError(f"{checkout_session_id} locks a cart and never was")
    basis = checkout.basis
    return Priced(currency=basis.currency, lines=basis.lines, coupon=basis.coupon)
