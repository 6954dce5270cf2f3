"""What becomes of an order: sent in parcels, or cancelled with stock and money back."""

from src.commands.decisions.holds import redeemers_of, units
from src.commands.decisions.refunds import send_back
from src.commands.rejections import NotPossibleNow, Unknown
from src.commands.view import Fact, View
from src.events.coupon import CouponReturned
from src.events.identifiers import COUPON, ORDER, STOCK, stream
from src.events.order import (
    Cancelled,
    Fulfilled,
    NoOrder,
    OrderCancelled,
    OrderFulfilled,
    OrderPlaced,
    Placed,
    status_of,
)
from src.events.refund import RefundCause
from src.events.stock import StockReturned


def fulfil_order(view: View, order_id: str, reference: str) -> list[Fact]:
    """Note that a parcel left; the same reference again changes nothing."""
    order = view.order(order_id)
    match order:
        case Placed():
            pass
        case Fulfilled(references=references):
            if reference in references:
                return []
        case Cancelled():
            raise NotPossibleNow("FulfilOrder", status_of(order))
        case NoOrder():
            raise Unknown("order", order_id)
    return [(stream(ORDER, order_id), OrderFulfilled(order_id=order_id, reference=reference))]


def cancel_order(view: View, order_id: str, reason: str) -> list[Fact]:
    """Cancel before anything was sent: stock and coupon are free again, and all money goes back."""
    order = view.order(order_id)
    match order:
        case Placed(order=placed):
            cancelled = OrderCancelled(order_id=order_id, reason=reason)
            return [
                (stream(ORDER, order_id), cancelled),
                *_goods_back(placed),
                *_coupon_back(placed),
                *_money_back(view, placed, reason),
            ]
        case Cancelled():
            return []
        case Fulfilled():
            raise NotPossibleNow("CancelOrder", status_of(order))
        case NoOrder():
            raise Unknown("order", order_id)


def _goods_back(placed: OrderPlaced) -> list[Fact]:
    return [
        (
            stream(STOCK, sku),
            StockReturned(sku=sku, order_id=placed.order_id, quantity=quantity),
        )
        for sku, quantity in units(placed.lines).items()
    ]


def _coupon_back(placed: OrderPlaced) -> list[Fact]:
    if placed.coupon is None:
        return []
    code = placed.coupon.code
    redeemers = redeemers_of(placed.customer_id, placed.mailbox, guest=placed.guest)
    returned = CouponReturned(code=code, order_id=placed.order_id, redeemers=redeemers)
    return [(stream(COUPON, code), returned)]


def _money_back(view: View, placed: OrderPlaced, reason: str) -> list[Fact]:
    paid = placed.payment
    if paid is None:
        return []
    opened = view.payment(paid.razorpay_order_id).opened
    if opened is None:
        raise AssertionError(f"{placed.order_id} was paid with money that is not ours")
    cause = RefundCause.ORDER_CANCELLED
    return send_back(view, opened, paid.razorpay_payment_id, cause, reason, placed.order_id)
