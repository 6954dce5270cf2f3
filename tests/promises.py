"""What must hold in a shop after every append, whatever was decided."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from src.events.cart import LockedCart, OrderedCart
from src.events.checkout import (
    AwaitingPayment,
    CheckoutStarted,
    Completed,
    Confirmed,
    IntentRequested,
    Started,
)
from src.events.coupon import Coupon
from src.events.identifiers import (
    CART,
    CHECKOUT,
    COUPON,
    ORDER,
    PAYMENT,
    STOCK,
    Stream,
    category_of,
    key_of,
    stream,
)
from src.events.order import Cancelled, Fulfilled, Placed
from src.events.payment import Payment, Progress
from src.events.pricing import PricedLine, Totals
from src.events.refund import GOING_BACK, RefundCause, RefundProgress
from src.events.stock import Stock

States = Mapping[Stream, Any]


def check_promises(states: States) -> None:
    """Check the whole shop."""
    for name, state in states.items():
        match category_of(name):
            case "stock":
                _check_stock(state)
            case "cart":
                _check_cart(states, name, state)
            case "checkout":
                _check_checkout(states, state)
            case "order":
                _check_order(states, state)
            case "payment":
                _check_money(states, state)
            case _:
                pass
    _check_holds(states)


def _of(states: States, category: str) -> dict[str, Any]:
    return {key_of(name): state for name, state in states.items() if category_of(name) == category}


def _check_stock(stock: Stock) -> None:
    assert stock.received == stock.available + stock.reserved + stock.committed
    assert min(stock.available, stock.reserved, stock.committed) >= 0
    assert sum(stock.holds.values()) == stock.reserved


def _check_cart(states: States, name: Stream, cart: object) -> None:
    """A cart is locked exactly while a session of it is open, and ordered once."""
    open_sessions = [
        session
        for session, checkout in _of(states, CHECKOUT).items()
        if isinstance(checkout, Started | IntentRequested | AwaitingPayment)
        and checkout.basis.cart_id == key_of(name)
    ]
    assert open_sessions == ([cart.checkout_session_id] if isinstance(cart, LockedCart) else [])
    orders = [
        key for key, order in _of(states, ORDER).items() if order.order.cart_id == key_of(name)
    ]
    assert orders == ([cart.order_id] if isinstance(cart, OrderedCart) else [])


def _check_checkout(states: States, checkout: object) -> None:
    assert not isinstance(checkout, Confirmed), "paid, and no order in the same append"
    if isinstance(checkout, Completed):
        order = states[stream(ORDER, checkout.order_id)]
        assert isinstance(order, Placed | Fulfilled | Cancelled)
        assert order.order.checkout_session_id == checkout.basis.checkout_session_id
        assert order.order.lines == checkout.basis.lines
        cart = states[stream(CART, checkout.basis.cart_id)]
        assert isinstance(cart, OrderedCart)
        assert cart.order_id == checkout.order_id


def _check_order(states: States, placed: Placed | Fulfilled | Cancelled) -> None:
    order = placed.order
    check_sums(order.lines, order.totals)
    if order.payment is None:
        assert order.totals.total.amount == 0
        return
    assert order.payment.amount == order.totals.total
    attempts = states[stream(PAYMENT, order.payment.razorpay_order_id)].attempts
    assert attempts[order.payment.razorpay_payment_id].progress is Progress.CAPTURED


def check_sums(lines: tuple[PricedLine, ...], totals: Totals) -> None:
    """Order total = lines - discounts + shipping, to the paisa."""
    assert all(line.line_total.amount == line.unit_price.amount * line.quantity for line in lines)
    assert all(0 <= line.discount.amount <= line.line_total.amount for line in lines)
    subtotal = sum(line.line_total.amount for line in lines)
    discount = sum(line.discount.amount for line in lines)
    shipping = 0 if totals.shipping is None else totals.shipping.amount
    assert (totals.subtotal.amount, totals.discount.amount) == (subtotal, discount)
    assert totals.total.amount == subtotal - discount + shipping >= 0


def _check_money(states: States, payment: Payment) -> None:
    """Captured money on our Razorpay order is an order, a refund of all of it, or was a case."""
    if payment.opened is None:
        return
    orders = [each.order.payment for each in _of(states, ORDER).values() if each.order.payment]
    bought = {each.razorpay_payment_id for each in orders}
    for payment_id, attempt in payment.attempts.items():
        if attempt.progress is not Progress.CAPTURED:
            continue
        sure, back = _going_back(payment, payment_id)
        assert 0 <= sure <= attempt.amount.amount, "more goes back than came"
        asked = any(each.razorpay_payment_id == payment_id for each in payment.cases.values())
        ends = [payment_id in bought, back >= attempt.amount.amount, asked]
        assert any(ends) or payment.cases_ever, "money ends in silence"


def _going_back(payment: Payment, payment_id: str) -> tuple[int, int]:
    """Return what surely goes back, and what goes back if what others try does not fail.

    News that they tried may come after the news that it failed.
    """
    mine = [
        refund
        for refund in payment.refunds.values()
        if refund.razorpay_payment_id == payment_id and refund.progress in GOING_BACK
    ]
    tried = [
        refund
        for refund in mine
        if refund.cause is RefundCause.OUTSIDE and refund.progress is RefundProgress.FILED
    ]
    back = sum(refund.amount.amount for refund in mine)
    return back - sum(refund.amount.amount for refund in tried), back


def _check_holds(states: States) -> None:
    """An open session holds all of its stock and coupon, and nobody else holds anything."""
    wanted: Counter[tuple[str, str]] = Counter()
    coupons: set[tuple[str, str]] = set()
    for session, checkout in _of(states, CHECKOUT).items():
        if isinstance(checkout, Started | IntentRequested | AwaitingPayment):
            wanted += _units(session, checkout.basis)
            if checkout.basis.coupon is not None:
                coupons.add((session, checkout.basis.coupon.code))
    held: Counter[tuple[str, str]] = Counter()
    for sku, stock in _of(states, STOCK).items():
        held += Counter({(session, sku): units for session, units in stock.holds.items()})
    assert held == wanted
    assert {(session, code) for code, session in _coupon_holds(states)} == coupons
    _check_sold(states)


def _units(session: str, basis: CheckoutStarted) -> Counter[tuple[str, str]]:
    units: Counter[tuple[str, str]] = Counter()
    for line in basis.lines:
        units[session, line.sku] += line.quantity
    return units


def _coupon_holds(states: States) -> list[tuple[str, str]]:
    found: dict[str, Coupon] = _of(states, COUPON)
    return [(code, session) for code, coupon in found.items() for session in coupon.holds]


def _check_sold(states: States) -> None:
    """What was committed is what the orders say that were not cancelled."""
    sold: Counter[str] = Counter()
    for order in _of(states, ORDER).values():
        if not isinstance(order, Cancelled):
            for line in order.order.lines:
                sold[line.sku] += line.quantity
    assert Counter({sku: stock.committed for sku, stock in _of(states, STOCK).items()}) == sold
