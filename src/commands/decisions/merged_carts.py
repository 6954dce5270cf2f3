"""Money that comes late for a guest's cart which went into a customer's meanwhile.

The goods lie in the customer's cart then. As long as that was not ordered, the
money still buys what it was paid for, and the customer's cart loses it: nobody
is to pay for the same goods twice without noticing.
"""

from collections.abc import Sequence

from src.commands.decisions.endings import superseded
from src.commands.decisions.holds import HoldEnd, units
from src.commands.view import Fact, View
from src.events.cart import (
    CartContents,
    CartItemRemoved,
    CartItemSet,
    CartUnlocked,
    LockedCart,
    MergedCart,
    OpenCart,
    OrderedCart,
)
from src.events.checkout import AwaitingPayment, IntentRequested, Started
from src.events.identifiers import CART, stream
from src.events.pricing import PricedLine


def is_bought(view: View, cart_id: str) -> bool:
    """Whether what was in a cart was ordered already, in it or in the one it went into."""
    cart = view.cart(cart_id)
    if isinstance(cart, MergedCart):
        cart = view.cart(cart.into)
    return isinstance(cart, OrderedCart)


def taken_out(view: View, cart: MergedCart, lines: Sequence[PricedLine], by: str) -> list[Fact]:
    """Take lines that a session bought out of the cart into which they went.

    An open session of that cart ends first: it was about to buy them once more.
    """
    into = view.cart(cart.into)
    match into:
        case OpenCart(contents):
            return _without(contents, lines)
        case LockedCart(contents, session):
            other = view.checkout(session)
            if not isinstance(other, Started | IntentRequested | AwaitingPayment):
                raise AssertionError(f"cart {cart.into} is locked by an ended session")
            unlocked = CartUnlocked(checkout_session_id=session, reason=HoldEnd.SUPERSEDED)
            return [
                *superseded(other, by=by),
                (stream(CART, cart.into), unlocked),
                *_without(contents, lines),
            ]
        case _:
            raise AssertionError(f"cart {cart.into} holds nothing that could be taken out")


def _without(contents: CartContents, lines: Sequence[PricedLine]) -> list[Fact]:
    """Return what the cart loses; of what its owner removed already, there is nothing to lose."""
    name = stream(CART, contents.cart_id)
    facts: list[Fact] = []
    for sku, bought in units(lines).items():
        left = contents.quantities.get(sku, 0) - bought
        if left > 0:
            facts.append((name, CartItemSet(sku=sku, quantity=left)))
        elif sku in contents.quantities:
            facts.append((name, CartItemRemoved(sku=sku)))
    return facts
