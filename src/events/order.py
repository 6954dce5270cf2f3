"""An order: what was bought, by whom, for how much, paid with what.

The names and fields of the events are the storage format. Nothing here is
renamed or removed: a changed shape gets a new version, and upcasters.py lifts
the old one.
"""

from enum import StrEnum

from msgspec import Struct

from src.events.money import Money
from src.events.ports import Sealed
from src.events.pricing import AppliedCoupon, PricedLine, ShippingChoice, Totals


class OrderStatus(StrEnum):
    """How far an order has come."""

    PLACED = "placed"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"


class OrderPayment(Struct, frozen=True, kw_only=True):
    """What an order was paid with."""

    razorpay_order_id: str
    razorpay_payment_id: str
    amount: Money
    method: str | None = None


class OrderPlaced(Struct, frozen=True, kw_only=True):
    """An order exists, complete in itself: nothing outside it is needed to read it."""

    order_id: str
    order_number: str
    cart_id: str
    checkout_session_id: str
    customer_id: str
    guest: bool
    mailbox: str
    contact: Sealed
    shipping_address: Sealed
    billing_address: Sealed | None
    lines: tuple[PricedLine, ...]
    coupon: AppliedCoupon | None
    shipping: ShippingChoice
    totals: Totals
    payment: OrderPayment | None
    """None when there was nothing to pay."""


class OrderFulfilled(Struct, frozen=True, kw_only=True):
    """A parcel left; an order may need several."""

    order_id: str
    reference: str


class OrderCancelled(Struct, frozen=True, kw_only=True):
    """The order is not to be sent; its stock is back, and its money goes back."""

    order_id: str
    reason: str


OrderEvent = OrderPlaced | OrderFulfilled | OrderCancelled


class NoOrder(Struct, frozen=True):
    """No order of this id was ever placed."""


class Placed(Struct, frozen=True, kw_only=True):
    """Paid, and waiting to be sent."""

    order: OrderPlaced


class Fulfilled(Struct, frozen=True, kw_only=True):
    """Sent, at least a part of it."""

    order: OrderPlaced
    references: tuple[str, ...]


class Cancelled(Struct, frozen=True, kw_only=True):
    """Not to be sent."""

    order: OrderPlaced
    reason: str


Order = NoOrder | Placed | Fulfilled | Cancelled
NO_ORDER: Order = NoOrder()


def evolve(order: Order, event: OrderEvent) -> Order:
    """Facts are not argued with: evolve never rejects, and an impossible fact is a bug."""
    match order, event:
        case NoOrder(), OrderPlaced():
            return Placed(order=event)
        case Placed(order=placed), OrderFulfilled(reference=reference):
            return Fulfilled(order=placed, references=(reference,))
        case Fulfilled(order=placed, references=references), OrderFulfilled(reference=reference):
            return Fulfilled(order=placed, references=(*references, reference))
        case Placed(order=placed), OrderCancelled(reason=reason):
            return Cancelled(order=placed, reason=reason)
        case _:
            raise AssertionError(f"{type(event).__name__} cannot happen to {type(order).__name__}")


def status_of(order: Placed | Fulfilled | Cancelled) -> OrderStatus:
    """Return how far an order has come, in the word that clients see."""
    match order:
        case Placed():
            return OrderStatus.PLACED
        case Fulfilled():
            return OrderStatus.FULFILLED
        case Cancelled():
            return OrderStatus.CANCELLED
