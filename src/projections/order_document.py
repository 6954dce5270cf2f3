"""An order as clients read it: everything but what names a person."""

from datetime import datetime

from msgspec import Struct

from src.events.money import Money
from src.events.order import OrderPlaced, OrderStatus
from src.events.pricing import PricedLine, ShippingChoice, Totals


class OrderLine(Struct, frozen=True, kw_only=True):
    """Some units of one product as they were bought."""

    sku: str
    name: str
    quantity: int
    unit_price: Money
    line_total: Money
    discount: Money


class OrderCoupon(Struct, frozen=True, kw_only=True):
    """The coupon that counted."""

    code: str
    discount: Money
    free_shipping: bool


class OrderShipping(Struct, frozen=True, kw_only=True):
    """How the parcel travels; where to is sealed in the book."""

    code: str
    name: str
    price: Money


class PaidWith(Struct, frozen=True, kw_only=True):
    """The payment that made the order."""

    provider: str
    razorpay_order_id: str
    razorpay_payment_id: str
    amount: Money
    method: str | None


class OrderDocument(Struct, frozen=True, kw_only=True):
    """One order."""

    order_id: str
    order_number: str
    status: str
    placed_at: datetime
    fulfilments: tuple[str, ...]
    """The references of the parcels that left, the first one first."""
    cancelled_reason: str | None
    refunded: Money
    """What went back of its money, or is on its way."""
    customer_id: str
    guest: bool
    cart_id: str
    checkout_session_id: str
    items: tuple[OrderLine, ...]
    coupon: OrderCoupon | None
    shipping: OrderShipping
    totals: Totals
    payment: PaidWith | None


def document_of(order: OrderPlaced, placed_at: datetime) -> OrderDocument:
    """Write an order down as it was placed, without its sealed boxes and the mailbox."""
    return OrderDocument(
        order_id=order.order_id,
        order_number=order.order_number,
        status=OrderStatus.PLACED,
        placed_at=placed_at,
        fulfilments=(),
        cancelled_reason=None,
        refunded=Money(0, order.totals.total.currency),
        customer_id=order.customer_id,
        guest=order.guest,
        cart_id=order.cart_id,
        checkout_session_id=order.checkout_session_id,
        items=tuple(map(_line, order.lines)),
        coupon=_coupon(order),
        shipping=_shipping(order.shipping),
        totals=order.totals,
        payment=_payment(order),
    )


def _line(line: PricedLine) -> OrderLine:
    return OrderLine(
        sku=line.sku,
        name=line.name,
        quantity=line.quantity,
        unit_price=line.unit_price,
        line_total=line.line_total,
        discount=line.discount,
    )


def _coupon(order: OrderPlaced) -> OrderCoupon | None:
    if order.coupon is None:
        return None
    return OrderCoupon(
        code=order.coupon.code,
        discount=order.coupon.discount,
        free_shipping=order.coupon.free_shipping,
    )


def _shipping(choice: ShippingChoice) -> OrderShipping:
    return OrderShipping(code=choice.code, name=choice.name, price=choice.price)


def _payment(order: OrderPlaced) -> PaidWith | None:
    if order.payment is None:
        return None
    return PaidWith(
        provider="razorpay",
        razorpay_order_id=order.payment.razorpay_order_id,
        razorpay_payment_id=order.payment.razorpay_payment_id,
        amount=order.payment.amount,
        method=order.payment.method,
    )
