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


OrderEvent = OrderPlaced


class NoOrder(Struct, frozen=True):
    """No order of this id was ever placed."""


class Placed(Struct, frozen=True, kw_only=True):
    """Paid, and waiting to be sent."""

    order: OrderPlaced


Order = NoOrder | Placed
NO_ORDER: Order = NoOrder()


def evolve(order: Order, event: OrderEvent) -> Order:
    """Facts are not argued with: evolve never rejects, and an impossible fact is a bug."""
    if isinstance(order, NoOrder):
        return Placed(order=event)
    raise AssertionError("an order is placed once")
