"""Orders: one row an order, its document read field by field beside what was placed."""

from typing import Any

import msgspec

from src.events.identifiers import ORDER
from src.events.order import OrderCancelled, OrderFulfilled, OrderPlaced
from src.queries.expected_rows.table import Fact, Rows, Stood, Table, one

SEALED = ("mailbox", "contact", "shipping_address", "billing_address")
"""What a document never holds: it names a person."""
PLACED, FULFILLED, CANCELLED = "placed", "fulfilled", "cancelled"


def _expected(stood: Stood) -> Rows:
    fact, *later = stood.facts
    order: OrderPlaced = fact.event
    total = order.totals.total
    became = [each.event for each in later]
    parcels = [event.reference for event in became if isinstance(event, OrderFulfilled)]
    reasons = [event.reason for event in became if isinstance(event, OrderCancelled)]
    status = CANCELLED if reasons else FULFILLED if parcels else PLACED
    who = (order.customer_id, order.guest, order.cart_id, order.checkout_session_id)
    paid = (fact.at, total.amount, total.currency, fact.position)
    so_far = (parcels, reasons[0] if reasons else None)
    return one(order.order_number, status, *who, *paid, _document(fact), *so_far)


def _document(fact: Fact) -> dict[str, Any]:
    """Write the whole fact as JSON, and change what a document says otherwise."""
    written: dict[str, Any] = msgspec.to_builtins(fact.event)
    document = {name: value for name, value in written.items() if name not in SEALED}
    lines = document.pop("lines")
    document["items"] = [
        {name: value for name, value in line.items() if name != "weight_grams"} for line in lines
    ]
    document["payment"] = written["payment"] and {"provider": "razorpay", **written["payment"]}
    currency = written["totals"]["total"]["currency"]
    beginning: dict[str, Any] = {
        "status": PLACED,
        "placed_at": msgspec.to_builtins(fact.at),
        "fulfilments": [],
        "cancelled_reason": None,
        "refunded": {"amount": 0, "currency": currency},
    }
    return {**document, **beginning}


def _read(stored: tuple[Any, ...]) -> tuple[Any, ...]:
    *before, document, parcels, reason = stored
    return (*before, msgspec.json.decode(document), parcels, reason)


TABLE = Table(
    model="orders",
    name="orders",
    categories=(ORDER,),
    key="order_id",
    columns=(
        "number",
        "status",
        "customer_id",
        "guest",
        "cart_id",
        "checkout_session_id",
        "placed_at",
        "total_minor",
        "currency",
        "position",
        "document",
        "fulfilments",
        "cancelled_reason",
    ),
    needs_facts=True,
    expected=_expected,
    read=_read,
)
