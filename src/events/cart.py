"""What somebody wants to buy, until an order takes it over.

The names and fields of the events are the storage format. Nothing here is
renamed or removed: a changed shape gets a new version, and upcasters.py lifts
the old one.
"""

from typing import assert_never

from immutables import Map
from msgspec import Struct
from msgspec.structs import replace


class CartOpened(Struct, frozen=True, kw_only=True):
    """A cart began; without a customer it belongs to whoever holds the guest secret."""

    cart_id: str
    customer_id: str | None
    currency: str


class CartItemSet(Struct, frozen=True, kw_only=True):
    """The cart holds this many of a product from now on."""

    sku: str
    quantity: int


class CartItemRemoved(Struct, frozen=True, kw_only=True):
    """The cart does not hold a product any more."""

    sku: str


class CartCouponApplied(Struct, frozen=True, kw_only=True):
    """The cart is to be priced with a coupon."""

    code: str


class CartCouponRemoved(Struct, frozen=True, kw_only=True):
    """The cart is priced without a coupon again."""

    code: str


class CartLocked(Struct, frozen=True, kw_only=True):
    """A checkout session works on a copy; nothing changes meanwhile."""

    checkout_session_id: str


class CartUnlocked(Struct, frozen=True, kw_only=True):
    """The checkout session ended without an order; the cart can be changed again."""

    checkout_session_id: str
    reason: str


class CartOrdered(Struct, frozen=True, kw_only=True):
    """An order was made of this cart. There is never a second one."""

    checkout_session_id: str
    order_id: str


class CartTaken(Struct, frozen=True, kw_only=True):
    """A guest's cart is an account's from now on; the guest's secret opens it no longer."""

    customer_id: str


class CartMerged(Struct, frozen=True, kw_only=True):
    """A guest's cart is over: what was in it lies in a customer's cart now."""

    into: str
    """The other cart."""


CartEvent = (
    CartOpened
    | CartItemSet
    | CartItemRemoved
    | CartCouponApplied
    | CartCouponRemoved
    | CartLocked
    | CartUnlocked
    | CartOrdered
    | CartTaken
    | CartMerged
)


class CartContents(Struct, frozen=True, kw_only=True):
    """Whose cart it is and what is in it."""

    cart_id: str
    customer_id: str | None
    currency: str
    quantities: Map[str, int] = Map()
    """By SKU."""
    order_of_skus: tuple[str, ...] = ()
    """As the customer put them in."""
    coupon: str | None = None


class NoCart(Struct, frozen=True):
    """Nobody opened a cart of this id."""


class OpenCart(Struct, frozen=True):
    """A cart that can be changed."""

    contents: CartContents


class LockedCart(Struct, frozen=True):
    """A cart with an open checkout session."""

    contents: CartContents
    checkout_session_id: str


class OrderedCart(Struct, frozen=True):
    """A cart that became an order."""

    contents: CartContents
    checkout_session_id: str
    order_id: str


class MergedCart(Struct, frozen=True):
    """A guest's cart that went into another one, and is empty since.

    Money that comes late for one of its sessions still makes its order.
    """

    contents: CartContents
    into: str


Cart = NoCart | OpenCart | LockedCart | OrderedCart | MergedCart
NO_CART: Cart = NoCart()


def evolve(cart: Cart, event: CartEvent) -> Cart:
    """Facts are not argued with: evolve never rejects, and an impossible fact is a bug."""
    match cart, event:
        case NoCart(), CartOpened():
            return OpenCart(
                CartContents(
                    cart_id=event.cart_id, customer_id=event.customer_id, currency=event.currency
                )
            )
        case OpenCart(contents), _:
            return _changed(contents, event)
        case LockedCart(contents, session), CartUnlocked(checkout_session_id=by) if by == session:
            return OpenCart(contents)
        case ((LockedCart(contents) | MergedCart(contents)), CartOrdered()):
            return OrderedCart(contents, event.checkout_session_id, event.order_id)
        case _:
            raise AssertionError(f"{type(event).__name__} cannot happen to {type(cart).__name__}")


def _changed(contents: CartContents, event: CartEvent) -> Cart:
    match event:
        case CartItemSet():
            return OpenCart(_with_item(contents, event.sku, event.quantity))
        case CartItemRemoved():
            return OpenCart(_without_item(contents, event.sku))
        case CartCouponApplied():
            return OpenCart(replace(contents, coupon=event.code))
        case CartCouponRemoved():
            return OpenCart(replace(contents, coupon=None))
        case CartLocked():
            return LockedCart(contents, event.checkout_session_id)
        case CartOrdered():
            return OrderedCart(contents, event.checkout_session_id, event.order_id)
        case CartTaken():
            return OpenCart(replace(_guests(contents), customer_id=event.customer_id))
        case CartMerged():
            return MergedCart(_emptied(_guests(contents)), event.into)
        case CartOpened() | CartUnlocked():
            raise AssertionError(f"{type(event).__name__} cannot happen to an open cart")
        case _:
            assert_never(event)


def _with_item(contents: CartContents, sku: str, quantity: int) -> CartContents:
    seen = sku in contents.quantities
    return replace(
        contents,
        quantities=contents.quantities.set(sku, quantity),
        order_of_skus=contents.order_of_skus if seen else (*contents.order_of_skus, sku),
    )


def _without_item(contents: CartContents, sku: str) -> CartContents:
    if sku not in contents.quantities:
        raise AssertionError(f"the cart holds no {sku}")
    return replace(
        contents,
        quantities=contents.quantities.delete(sku),
        order_of_skus=tuple(other for other in contents.order_of_skus if other != sku),
    )


def _guests(contents: CartContents) -> CartContents:
    if contents.customer_id is not None:
        raise AssertionError("the cart is no guest's")
    return contents


def _emptied(contents: CartContents) -> CartContents:
    return replace(contents, quantities=Map(), order_of_skus=(), coupon=None)
