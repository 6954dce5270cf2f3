"""The cart that an account fills, and how a guest's comes to it: merged into it, or taken."""

from datetime import datetime

from src.commands.decisions.cart import CART_LINES_MAX, QUANTITY_MAX, changeable, chosen
from src.commands.decisions.people import account
from src.commands.rejections import CartIsLocked, Unknown
from src.commands.view import Fact, View
from src.events.cart import (
    CartContents,
    CartCouponApplied,
    CartItemSet,
    CartMerged,
    CartTaken,
    LockedCart,
    MergedCart,
    NoCart,
    OpenCart,
)
from src.events.identifiers import CART, stream


def own_cart(view: View, customer_id: str) -> CartContents | None:
    """Return the newest cart that an account chose and has not ordered; raises Unknown."""
    for cart_id in reversed(account(view, customer_id).carts):
        cart = view.cart(cart_id)
        if isinstance(cart, OpenCart | LockedCart):
            return cart.contents
    return None


def bring_cart(view: View, customer_id: str, cart_id: str, now: datetime) -> list[Fact]:
    """Give an account a guest's cart, for whoever holds the cart's secret; again changes nothing.

    What is in it goes into the account's own cart. If the account has none that
    can be changed, or not all would fit, the guest's cart becomes the account's
    as it is, and what the account had stays as it was: nothing is ever lost.
    Raises CartIsLocked and CartIsOrdered: then the cart stays the guest's.
    """
    own = own_cart(view, customer_id)
    if _is_there_already(view, customer_id, cart_id):
        return []
    before, guests = changeable(view, cart_id, now)
    if own is None:
        return [*before, *_taken(customer_id, cart_id)]
    if not guests.quantities:
        return []
    try:
        first, own = changeable(view, own.cart_id, now)
    except CartIsLocked:
        return [*before, *_taken(customer_id, cart_id)]
    if not _fits(own, guests):
        return [*before, *_taken(customer_id, cart_id)]
    return [*before, *first, *_merged(own, guests)]


def _is_there_already(view: View, customer_id: str, cart_id: str) -> bool:
    """Say whether the account got this cart before; another's does not exist."""
    cart = view.cart(cart_id)
    if isinstance(cart, MergedCart):
        cart = view.cart(cart.into)
    owner = None if isinstance(cart, NoCart) else cart.contents.customer_id
    if owner is not None and owner != customer_id:
        raise Unknown("cart", cart_id)
    return owner is not None


def _taken(customer_id: str, cart_id: str) -> list[Fact]:
    return [
        (stream(CART, cart_id), CartTaken(customer_id=customer_id)),
        chosen(customer_id, cart_id),
    ]


def _fits(own: CartContents, guests: CartContents) -> bool:
    if own.currency != guests.currency:
        return False
    together = _together(own, guests)
    several = len(own.quantities.keys() | together.keys())
    return several <= CART_LINES_MAX and max(together.values()) <= QUANTITY_MAX


def _together(own: CartContents, guests: CartContents) -> dict[str, int]:
    """Return how many the account's cart will hold of what is in the guest's."""
    return {
        sku: own.quantities.get(sku, 0) + guests.quantities[sku] for sku in guests.order_of_skus
    }


def _merged(own: CartContents, guests: CartContents) -> list[Fact]:
    """The account's own coupon stays; the guest's comes along only where there is none."""
    name = stream(CART, own.cart_id)
    together = _together(own, guests)
    facts: list[Fact] = [
        (name, CartItemSet(sku=sku, quantity=quantity)) for sku, quantity in together.items()
    ]
    if own.coupon is None and guests.coupon is not None:
        facts.append((name, CartCouponApplied(code=guests.coupon)))
    return [*facts, (stream(CART, guests.cart_id), CartMerged(into=own.cart_id))]
