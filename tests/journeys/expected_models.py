"""What every read model must hold, made from rows and JSON alone: none of Khata's projections."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from src.events.connection import Connection
from src.events.envelope import StoredEvent
from src.projections.catalogue import PROJECTIONS
from src.projections.tables import view_of
from tests.independent_reading import IndependentReading
from tests.journeys import (
    expected_money,
    expected_people,
    expected_sales,
    expected_stock,
    expected_visits,
)

Json = dict[str, Any]
Rows = set[tuple[Any, ...]]

COLUMNS: Mapping[str, str] = {
    "stock": "sku, received, reserved, committed, available, version",
    "orders": "order_id, number, cart_id, checkout_session_id, total_minor, position, status",
    "products": "sku, name, price_minor, currency, weight_grams",
    "payment_orders": "razorpay_order_id, checkout_session_id, due_minor, currency, capture",
    "payments": "razorpay_order_id, payment_id, status, amount_minor, taking, ours",
    "open_checkouts": "checkout_session_id, cart_id, state, securing",
    "refunds": "razorpay_order_id, refund_id, razorpay_payment_id, cause, amount_minor, status",
    "disputes": "razorpay_order_id, dispute_id, amount_minor, deducted_minor, status",
    "buyers": "checkout_session_id, customer_id, razorpay_order_id",
    "cases": "case_id, kind, razorpay_payment_id, status",
    "webhooks": "webhook_id, event_id, status, outcome, position",
    **expected_sales.COLUMNS,
    **expected_stock.COLUMNS,
    **expected_people.COLUMNS,
    **expected_visits.COLUMNS,
    **expected_money.COLUMNS,
}
"""What is compared, by the name that analysts know."""

ENDS = {"PaymentWaived", "PaymentConfirmed", "CheckoutFailed", "CheckoutCancelled"}
ENDS |= {"CheckoutExpired", "CheckoutSuperseded"}


async def check_models(db: Connection, events: Sequence[StoredEvent]) -> None:
    """Compare every read model with what the book says."""
    assert {view_of(projection.TABLES[0]) for projection in PROJECTIONS} <= set(COLUMNS)
    expected = expected_models(events)
    for name, columns in COLUMNS.items():
        rows = await db.fetch(f"select {columns} from models.{name}")  # noqa: S608  # our own names
        found = [tuple(row) for row in rows]
        assert len(found) == len(expected[name]), name
        assert set(found) == expected[name], name


def expected_models(events: Sequence[StoredEvent]) -> dict[str, Rows]:
    """Read the book and say what every read model must hold."""
    facts = [
        (event, event.stream.partition("-")[2], json.loads(bytes(event.payload)))
        for event in events
    ]
    reading = IndependentReading()
    reading.read(events)
    models: dict[str, Callable[[Sequence[tuple[StoredEvent, str, Json]]], Rows]] = {
        "orders": _orders,
        "products": _products,
        "payment_orders": _payment_orders,
        "payments": _payments,
        "open_checkouts": _open_checkouts,
        "refunds": _refunds,
        "disputes": _disputes,
        "buyers": _buyers,
        "cases": _cases,
        "webhooks": _webhooks,
        "sold_orders": expected_sales.sold_orders,
        "sold_lines": expected_sales.sold_lines,
        "sold_refunds": expected_sales.sold_refunds,
        "sales_quarters": expected_sales.sales_quarters,
        "carts": expected_visits.carts,
        "checkout_sessions": expected_visits.sessions,
        "checkout_steps": expected_visits.steps,
        "customers": expected_people.customers,
        "guest_claims": expected_people.guest_claims,
        "coupons": expected_people.coupons,
        "redemptions": expected_people.redemptions,
        "stock_movements": expected_stock.stock_movements,
        "reservations": expected_stock.reservations,
        **expected_money.MODELS,
    }
    made = {name: make(facts) for name, make in models.items()}
    return made | {"stock": _stock(reading, events)}


Facts = Sequence[tuple[StoredEvent, str, Json]]


def _stock(reading: IndependentReading, events: Sequence[StoredEvent]) -> Rows:
    versions: Counter[str] = Counter(event.stream for event in events)
    rows: Rows = set()
    for sku, units in reading.stock.items():
        reserved = sum(held for (of, _), held in reading.holds.items() if of == sku)
        received, committed = units["received"], units["committed"]
        available = received - reserved - committed
        rows.add((sku, received, reserved, committed, available, versions[f"stock-{sku}"]))
    return rows


def _orders(facts: Facts) -> Rows:
    became = {"OrderPlaced": "placed", "OrderFulfilled": "fulfilled"}
    became["OrderCancelled"] = "cancelled"
    status = {fact["order_id"]: became[e.type] for e, _, fact in facts if e.type in became}
    return {
        (
            fact["order_id"],
            fact["order_number"],
            fact["cart_id"],
            fact["checkout_session_id"],
            fact["totals"]["total"]["amount"],
            event.position,
            status[fact["order_id"]],
        )
        for event, _, fact in facts
        if event.type == "OrderPlaced"
    }


def _products(facts: Facts) -> Rows:
    last = {key: fact for event, key, fact in facts if event.stream.startswith("product-")}
    return {
        (sku, at["name"], at["price"]["amount"], at["price"]["currency"], at["weight_grams"])
        for sku, at in last.items()
    }


def _payment_orders(facts: Facts) -> Rows:
    return {
        (
            key,
            fact["checkout_session_id"],
            fact["due"]["amount"],
            fact["due"]["currency"],
            fact["capture"],
        )
        for event, key, fact in facts
        if event.type == "PaymentOrderOpened"
    }


def _payments(facts: Facts) -> Rows:
    said = {"PaymentAuthorized": "authorized", "PaymentCaptured": "captured"}
    said |= {"PaymentFailed": "failed", "PaymentReturned": "returned"}
    wanted = {"CaptureRequested": "wanted", "CaptureDeclined": "declined"}
    wanted |= {"CaptureRefused": "refused"}
    last = {
        (key, fact["razorpay_payment_id"]): (said[event.type], fact["amount"]["amount"])
        for event, key, fact in facts
        if event.type in said
    }
    taking = {
        (key, fact["razorpay_payment_id"]): wanted[event.type]
        for event, key, fact in facts
        if event.type in wanted
    }
    ours = {key for event, key, _ in facts if event.type == "PaymentOrderOpened"}
    return {(*key, *news, taking.get(key, "none"), key[0] in ours) for key, news in last.items()}


def _refunds(facts: Facts) -> Rows:
    said = {"RefundRequested": "requested", "RefundFiled": "pending"}
    said |= {"RefundProcessed": "processed", "RefundFailed": "failed"}
    said |= {"RefundRefused": "refused", "RefundDropped": "dropped"}
    rows: dict[tuple[str, str], tuple[Any, ...]] = {}
    for event, key, fact in facts:
        if event.type in said:
            known = (key, fact["refund_id"])
            outside = (fact.get("razorpay_payment_id"), fact.get("cause", "outside"), None)
            payment, cause, amount, *_ = rows.get(known, outside)
            now = fact["amount"]["amount"] if "amount" in fact else amount
            rows[known] = (payment, cause, now, said[event.type])
    return {(*known, *row) for known, row in rows.items()}


def _disputes(facts: Facts) -> Rows:
    rows: dict[tuple[str, str], tuple[Any, ...]] = {}
    for event, key, fact in facts:
        if event.type == "DisputeOpened":
            rows[key, fact["dispute_id"]] = (fact["amount"]["amount"], None, "open")
        elif event.type == "DisputeMoved":
            amount, taken, _ = rows[key, fact["dispute_id"]]
            taken = fact["deducted"]["amount"] if fact["deducted"] else taken
            rows[key, fact["dispute_id"]] = (amount, taken, fact["status"])
    return {(*known, *row) for known, row in rows.items()}


def _open_checkouts(facts: Facts) -> Rows:
    still: dict[str, tuple[str, str, str | None]] = {}
    for event, key, fact in facts:
        if event.type == "CheckoutStarted":
            still[key] = (fact["cart_id"], "CHECKOUT_STARTED", None)
        elif event.type == "PaymentIntentCreated":
            still[key] = (still[key][0], "PAYMENT_PENDING", None)
        elif event.type in {"HoldExtended", "CheckoutRevived"}:
            cart = fact["cart_id"] if event.type == "CheckoutRevived" else still[key][0]
            still[key] = (cart, "PAYMENT_PENDING", fact["razorpay_payment_id"])
        elif event.type == "HoldLapsed":
            still[key] = (still[key][0], "PAYMENT_PENDING", None)
        elif event.type in ENDS:
            still.pop(key, None)
    return {(key, *row) for key, row in still.items()}


def _buyers(facts: Facts) -> Rows:
    """Every session of our tills is a guest's, who says who they are on asking to pay."""
    orders = {
        fact["checkout_session_id"]: key
        for event, key, fact in facts
        if event.type == "PaymentOrderOpened"
    }
    return {
        (key, fact["customer_id"], orders.get(key))
        for event, key, fact in facts
        if event.type == "PaymentIntentRequested"
    }


def _cases(facts: Facts) -> Rows:
    ended = {fact["case_id"] for event, _, fact in facts if event.type == "CaseResolved"}
    return {
        (
            fact["case_id"],
            fact["kind"],
            fact["razorpay_payment_id"],
            "resolved" if fact["case_id"] in ended else "open",
        )
        for event, _, fact in facts
        if event.type == "CaseOpened"
    }


def _webhooks(facts: Facts) -> Rows:
    handled = {key: fact for event, key, fact in facts if event.type == "WebhookHandled"}
    return {
        (key, fact["event_id"], "handled", handled[key]["outcome"], event.position)
        for event, key, fact in facts
        if event.type == "WebhookReceived"
    }
