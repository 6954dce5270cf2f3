"""What stock must have looked like over time, made from rows and JSON alone."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from src.events.envelope import StoredEvent

Facts = Sequence[tuple[StoredEvent, str, dict[str, Any]]]
Rows = set[tuple[Any, ...]]

COLUMNS = {
    "stock_movements": (
        "sku, position, version, kind, quantity, checkout_session_id, order_id,"
        " received, adjusted, reserved, sold, returned, oldest_hold_at"
    ),
    "reservations": (
        "sku, position, checkout_session_id, quantity, reserved_at, ended_at, ended_position,"
        " ended_as, order_id"
    ),
}
KINDS = {
    "StockReceived": "received",
    "StockAdjusted": "adjusted",
    "StockReserved": "reserved",
    "StockCommitted": "sold",
    "StockReleased": "released",
    "StockReservationExpired": "expired",
    "StockReturned": "returned",
}
ENDS = {"sold": "committed", "released": "released", "expired": "expired"}


def stock_movements(facts: Facts) -> Rows:
    """Count how often each thing happened to each SKU: what is held is what has not ended."""
    rows: Rows = set()
    of_sku: defaultdict[str, Counter[str]] = defaultdict(Counter)
    held: dict[str, dict[str, datetime]] = {}
    for event, sku, fact in facts:
        if event.type not in KINDS:
            continue
        kind, sums = KINDS[event.type], of_sku[sku]
        quantity: int = fact["delta"] if kind == "adjusted" else fact["quantity"]
        session: Any = fact.get("checkout_session_id")
        sums[kind] += quantity
        open_since = held.setdefault(sku, {})
        if kind == "reserved":
            open_since[session] = event.recorded_at
        elif kind in ENDS:
            del open_since[session]
        reserved = sums["reserved"] - sums["sold"] - sums["released"] - sums["expired"]
        what = (sku, event.position, event.version, kind, quantity, session, fact.get("order_id"))
        counts = (sums["received"], sums["adjusted"], reserved, sums["sold"], sums["returned"])
        rows.add((*what, *counts, min(open_since.values(), default=None)))
    return rows


def reservations(facts: Facts) -> Rows:
    """Match every promise with what ended it."""
    rows: Rows = set()
    still: dict[tuple[str, str], tuple[Any, ...]] = {}
    for event, sku, fact in facts:
        kind = KINDS.get(event.type)
        key = (sku, fact.get("checkout_session_id", ""))
        if kind == "reserved":
            still[key] = (sku, event.position, key[1], fact["quantity"], event.recorded_at)
        elif kind in ENDS:
            end = (event.recorded_at, event.position, ENDS[kind], fact.get("order_id"))
            rows.add((*still.pop(key), *end))
    return rows | {(*made, None, None, None, None) for made in still.values()}
