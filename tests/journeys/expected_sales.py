"""What the read models of sales must hold, made from JSON alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from src.events.envelope import StoredEvent

Json = dict[str, Any]
Rows = set[tuple[Any, ...]]
Facts = Sequence[tuple[StoredEvent, str, Json]]
SUMS = ("orders", "units", "gross", "discount", "shipping", "refund")
COLUMNS: Mapping[str, str] = {
    "sold_orders": "order_id, number, units, gross_minor, discount_minor, shipping_minor,"
    " currency, placed_at, position, refunded_minor",
    "sold_lines": "order_id, sku, quantity, gross_minor, discount_minor, position",
    "sold_refunds": "razorpay_order_id, refund_id, order_id, amount_minor, at, position",
    "sales_quarters": "currency, quarter, sku, orders, units, gross_minor, discount_minor,"
    " shipping_minor, refund_minor",
}


def sold_orders(facts: Facts) -> Rows:
    back: Counter[str] = Counter()
    for _, _, order, amount, *_ in sold_refunds(facts):
        back[order] += amount
    return {
        (
            fact["order_id"],
            fact["order_number"],
            *_amounts(fact),
            fact["totals"]["total"]["currency"],
            event.recorded_at,
            event.position,
            back[fact["order_id"]],
        )
        for event, fact in _placed(facts)
    }


def sold_lines(facts: Facts) -> Rows:
    return {
        (
            fact["order_id"],
            line["sku"],
            line["quantity"],
            line["line_total"]["amount"],
            line["discount"]["amount"],
            event.position,
        )
        for event, fact in _placed(facts)
        for line in fact["lines"]
    }


def sold_refunds(facts: Facts) -> Rows:
    """Whatever has an amount goes back, unless it failed; what has none stays."""
    rows: Rows = set()
    going: dict[tuple[str, str], int] = {}
    orders: dict[tuple[str, str], str | None] = {}
    for event, key, fact in facts:
        if event.type.startswith("Refund"):
            known = (key, fact["refund_id"])
            stays = event.type == "RefundFailed" or "amount" not in fact
            now = 0 if stays else fact["amount"]["amount"]
            change = now - going.get(known, 0)
            going[known] = now
            order = orders.setdefault(known, fact.get("order_id"))
            if change:
                rows.add((*known, order, change, event.recorded_at, event.position))
    return rows


def sales_quarters(facts: Facts) -> Rows:
    sums: dict[tuple[str, datetime, str], Counter[str]] = {}

    def add(currency: str, at: datetime, sku: str, *amounts: int) -> None:
        minute = at.minute // 15 * 15
        quarter = at.replace(minute=minute, second=0, microsecond=0)
        of = sums.setdefault((currency, quarter, sku), Counter())
        of.update(dict(zip(SUMS, amounts, strict=True)))

    for event, fact in _placed(facts):
        currency = fact["totals"]["total"]["currency"]
        add(currency, event.recorded_at, "", 1, *_amounts(fact), 0)
        for line in fact["lines"]:
            sold = (line["quantity"], line["line_total"]["amount"], line["discount"]["amount"])
            add(currency, event.recorded_at, line["sku"], 1, *sold, 0, 0)
    for _, _, order, amount, at, _ in sold_refunds(facts):
        if order is not None:
            add("INR", at, "", 0, 0, 0, 0, 0, amount)
    return {(*key, *(of[name] for name in SUMS)) for key, of in sums.items()}


def _placed(facts: Facts) -> list[tuple[StoredEvent, Json]]:
    return [(event, fact) for event, _, fact in facts if event.type == "OrderPlaced"]


def _amounts(fact: Json) -> tuple[int, int, int, int]:
    lines = fact["lines"]
    return (
        sum(line["quantity"] for line in lines),
        sum(line["line_total"]["amount"] for line in lines),
        sum(line["discount"]["amount"] for line in lines),
        fact["shipping"]["price"]["amount"],
    )
