"""Orders: one row an order, its document read field by field beside what was placed."""

from typing import Any

import msgspec

from src.events.identifiers import ORDER
from src.events.order import OrderPlaced
from src.queries.expected_rows.table import Fact, Rows, Stood, Table, one

SEALED = ("mailbox", "contact", "shipping_address", "billing_address")
"""What a document never holds: it names a person."""
PLACED = "placed"


def _expected(stood: Stood) -> Rows:
    fact = stood.facts[0]
    order: OrderPlaced = fact.event
    total = order.totals.total
    who = (order.customer_id, order.guest, order.cart_id, order.checkout_session_id)
    paid = (fact.at, total.amount, total.currency, fact.position)
    return one(order.order_number, PLACED, *who, *paid, _document(fact))


def _document(fact: Fact) -> dict[str, Any]:
    """Write the whole fact as JSON, and change what a document says otherwise."""
    written: dict[str, Any] = msgspec.to_builtins(fact.event)
    document = {name: value for name, value in written.items() if name not in SEALED}
    lines = document.pop("lines")
    document["items"] = [
        {name: value for name, value in line.items() if name != "weight_grams"} for line in lines
    ]
    document["payment"] = written["payment"] and {"provider": "razorpay", **written["payment"]}
    return {**document, "status": PLACED, "placed_at": msgspec.to_builtins(fact.at)}


def _read(stored: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*stored[:-1], msgspec.json.decode(stored[-1]))


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
    ),
    needs_facts=True,
    expected=_expected,
    read=_read,
)
