"""Sales: one row an order, a line, and a fact that changed how much of a payment goes back.

Sums over many streams are compared by `khata rebuild`: those per quarter of an
hour, and what went back of an order, which the stream of its payment tells.
"""

from collections.abc import Sequence
from typing import Any

from src.events.identifiers import ORDER, PAYMENT
from src.events.order import OrderCancelled, OrderFulfilled, OrderPlaced
from src.events.refund import (
    RefundEvent,
    RefundFiled,
    RefundProcessed,
    RefundRequested,
)
from src.queries.expected_rows.refund_steps import STATUS
from src.queries.expected_rows.table import Fact, Rows, Stood, Table, one

OUTSIDE = "outside"


def _order(stood: Stood) -> Rows:
    fact, *later = stood.facts
    order: OrderPlaced = fact.event
    paid, coupon = order.payment, order.coupon
    who = (order.order_number, order.cart_id, order.checkout_session_id, order.customer_id)
    money = (
        (paid.razorpay_order_id, paid.razorpay_payment_id, paid.method)
        if paid
        else (None, None, None)
    )
    return one(
        *who,
        order.guest,
        coupon and coupon.code,
        *money,
        *_amounts(order),
        order.totals.total.currency,
        fact.at,
        fact.position,
        _first(later, OrderFulfilled),
        _first(later, OrderCancelled),
    )


def _amounts(order: OrderPlaced) -> tuple[int, int, int, int]:
    lines = order.lines
    return (
        sum(line.quantity for line in lines),
        sum(line.line_total.amount for line in lines),
        sum(line.discount.amount for line in lines),
        order.shipping.price.amount,
    )


def _first(facts: Sequence[Fact], kind: type[OrderFulfilled | OrderCancelled]) -> Any:  # noqa: ANN401  # a time or None
    return next((fact.at for fact in facts if isinstance(fact.event, kind)), None)


def _lines(stood: Stood) -> Rows:
    fact = stood.facts[0]
    order: OrderPlaced = fact.event
    return {
        line.sku: (
            line.name,
            line.quantity,
            line.unit_price.amount,
            line.line_total.amount,
            line.discount.amount,
            line.line_total.currency,
            fact.at,
            fact.position,
        )
        for line in order.lines
    }


def _refunds(stood: Stood) -> Rows:
    """Go through each refund's facts: how much went back after each, less than before it."""
    rows: dict[str, tuple[Any, ...]] = {}
    first: dict[str, tuple[str | None, str]] = {}
    back: dict[str, int] = {}
    for fact in stood.facts:
        event = fact.event
        if not isinstance(event, RefundEvent):
            continue
        now, before = _goes_back(event), back.get(event.refund_id, 0)
        back[event.refund_id] = now
        if isinstance(event, RefundRequested | RefundFiled | RefundProcessed):
            cause = event.cause.value if isinstance(event, RefundRequested) else OUTSIDE
            first.setdefault(event.refund_id, (event.order_id, cause))
        if now != before:
            about = (event.refund_id, STATUS[type(event)], *first[event.refund_id])
            currency = stood.state.refunds[event.refund_id].amount.currency
            rows[str(fact.position)] = (*about, now - before, currency, fact.at)
    return rows


def _goes_back(event: RefundEvent) -> int:
    if isinstance(event, RefundRequested | RefundFiled | RefundProcessed):
        return event.amount.amount
    return 0


ORDERS = Table(
    model="sales",
    name="sold_orders",
    categories=(ORDER,),
    key="order_id",
    columns=(
        "number",
        "cart_id",
        "checkout_session_id",
        "customer_id",
        "guest",
        "coupon",
        "razorpay_order_id",
        "razorpay_payment_id",
        "payment_method",
        "units",
        "gross_minor",
        "discount_minor",
        "shipping_minor",
        "currency",
        "placed_at",
        "position",
        "fulfilled_at",
        "cancelled_at",
    ),
    needs_facts=True,
    expected=_order,
)
LINES = Table(
    model="sales",
    name="sold_lines",
    categories=(ORDER,),
    key="order_id",
    inner_key="sku",
    columns=(
        "name",
        "quantity",
        "unit_price_minor",
        "gross_minor",
        "discount_minor",
        "currency",
        "placed_at",
        "position",
    ),
    needs_facts=True,
    expected=_lines,
)
REFUNDS = Table(
    model="sales",
    name="sold_refunds",
    categories=(PAYMENT,),
    key="razorpay_order_id",
    inner_key="position",
    columns=("refund_id", "step", "order_id", "cause", "amount_minor", "currency", "at"),
    needs_facts=True,
    expected=_refunds,
)
