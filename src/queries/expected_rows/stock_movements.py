"""Stock over time: one row a fact of a SKU, and one a promise, counted again fact by fact.

The facts of a SKU are added up here in the plainest way, each column on its own.
"""

from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from src.events.identifiers import STOCK
from src.events.stock import (
    StockAdjusted,
    StockCommitted,
    StockReceived,
    StockReleased,
    StockReservationExpired,
    StockReserved,
    StockReturned,
)
from src.queries.expected_rows.table import Fact, Rows, Stood, Table

WORDS: dict[type[Struct], str] = {
    StockReceived: "received",
    StockAdjusted: "adjusted",
    StockReserved: "reserved",
    StockCommitted: "sold",
    StockReleased: "released",
    StockReservationExpired: "expired",
    StockReturned: "returned",
}
END_WORDS = {"sold": "committed", "released": "released", "expired": "expired"}


def _movements(stood: Stood) -> Rows:
    sums, unit_micros = dict.fromkeys(WORDS.values(), 0), 0
    open_since: dict[str, datetime] = {}
    rows: dict[str, tuple[Any, ...]] = {}
    at = stood.facts[0].at if stood.facts else None
    for version, fact in enumerate(stood.facts, start=1):
        on_hand = sums["received"] + sums["adjusted"] - sums["sold"] + sums["returned"]
        unit_micros += on_hand * ((fact.at - (at or fact.at)) // timedelta(microseconds=1))
        at = fact.at
        what = _what(fact)
        kind, quantity, session, *_ = what
        sums[kind] += quantity
        if kind == "reserved":
            open_since[session] = fact.at
        elif kind in END_WORDS:
            del open_since[session]
        held = sums["reserved"] - sums["sold"] - sums["released"] - sums["expired"]
        came = (sums["received"], sums["adjusted"], held, sums["sold"], sums["returned"])
        oldest = next(iter(open_since.values()), None)
        rows[str(fact.position)] = (version, fact.at, *what, *came, unit_micros, oldest)
    return rows


def _what(fact: Fact) -> tuple[Any, ...]:
    event = fact.event
    quantity = event.delta if isinstance(event, StockAdjusted) else event.quantity
    session = getattr(event, "checkout_session_id", None)
    order = getattr(event, "order_id", None)
    reason = event.reason if isinstance(event, StockReleased) else None
    return (WORDS[type(event)], quantity, session, order, reason)


def _reservations(stood: Stood) -> Rows:
    rows: dict[str, tuple[Any, ...]] = {}
    last: dict[str, str] = {}
    for fact in stood.facts:
        kind, quantity, session, order, _ = _what(fact)
        if kind == "reserved":
            last[session] = str(fact.position)
            rows[last[session]] = (session, quantity, fact.at, None, None, None, None)
        elif kind in END_WORDS:
            end = (fact.at, fact.position, END_WORDS[kind], order)
            rows[last[session]] = (*rows[last[session]][:3], *end)
    return rows


MOVEMENTS = Table(
    model="stock_movements",
    name="stock_movements",
    categories=(STOCK,),
    key="sku",
    inner_key="position",
    columns=(
        "version",
        "moved_at",
        "kind",
        "quantity",
        "checkout_session_id",
        "order_id",
        "reason",
        "received",
        "adjusted",
        "reserved",
        "sold",
        "returned",
        "unit_micros",
        "oldest_hold_at",
    ),
    needs_facts=True,
    expected=_movements,
)
RESERVATIONS = Table(
    model="stock_movements",
    name="reservations",
    categories=(STOCK,),
    key="sku",
    inner_key="position",
    columns=(
        "checkout_session_id",
        "quantity",
        "reserved_at",
        "ended_at",
        "ended_position",
        "ended_as",
        "order_id",
    ),
    needs_facts=True,
    expected=_reservations,
)
