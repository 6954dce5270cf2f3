"""What sales are, read from the book's JSON alone, from the definition: nothing of Khata's."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from src.events.envelope import StoredEvent

COLUMNS = ("orders", "units", "gross", "discounts", "shipping", "refunds")
GOES = {"RefundRequested", "RefundFiled", "RefundProcessed"}
STAYS = {"RefundFailed", "RefundRefused", "RefundDropped"}


class Change(NamedTuple):
    """What one fact changes, for one SKU or, with None, for the shop as a whole."""

    position: int
    at: datetime
    currency: str
    sku: str | None
    order_id: str
    by: dict[str, int]


class Asked(NamedTuple):
    """Which changes count."""

    currency: str
    zone: str
    first: date
    last: date
    as_of: int | None = None

    def counts(self, change: Change) -> bool:
        """Whether it happened on one of these days and was known by then."""
        return (
            change.currency == self.currency
            and self.first <= day_of(change.at, self.zone) <= self.last
            and (self.as_of is None or change.position <= self.as_of)
        )


def changes(events: Sequence[StoredEvent]) -> list[Change]:
    """Go through the book once."""
    found: list[Change] = []
    back: dict[tuple[str, str], tuple[str | None, int, str]] = {}
    for event in events:
        fact: dict[str, Any] = json.loads(bytes(event.payload))
        if event.type == "OrderPlaced":
            found += _order(event, fact)
        if event.type in GOES | STAYS:
            key = (event.stream, fact["refund_id"])
            amount = fact.get("amount") or {"amount": 0, "currency": ""}
            first = (fact.get("order_id"), 0, amount["currency"])
            order, before, currency = back.get(key, first)
            now = amount["amount"] if event.type in GOES else 0
            back[key] = (order, now, currency)
            if order is not None:
                by = {"refunds": now - before}
                found.append(Change(event.position, event.recorded_at, currency, None, order, by))
    return found


def day_of(at: datetime, zone: str) -> date:
    """Return what the calendar on the wall said."""
    return at.astimezone(ZoneInfo(zone)).date()


def first_of(day: date, by: str) -> date:
    """Return the first day of the day's period."""
    if by == "month":
        return date(day.year, day.month, 1)
    year, week, _ = day.isocalendar()
    return date.fromisocalendar(year, week, 1) if by == "week" else day


def by_period(found: Sequence[Change], asked: Asked, by: str) -> dict[date, dict[str, int]]:
    """Return what is not nothing, by the first day of its period."""
    sums: dict[date, Counter[str]] = defaultdict(Counter)
    for change in found:
        if change.sku is None and asked.counts(change):
            sums[first_of(day_of(change.at, asked.zone), by)].update(change.by)
    return {day: with_net(each) for day, each in sums.items() if any(each.values())}


def by_sku(found: Sequence[Change], asked: Asked) -> dict[str, dict[str, int]]:
    """Return the sums of each SKU that was sold."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for change in found:
        if change.sku is not None and asked.counts(change):
            sums[change.sku].update(change.by)
    return {sku: with_net(each) for sku, each in sums.items()}


def whole(found: Sequence[Change], asked: Asked) -> dict[str, int]:
    """Return the sums of everything."""
    sums: Counter[str] = Counter()
    for change in found:
        if change.sku is None and asked.counts(change):
            sums.update(change.by)
    return with_net(sums)


def with_net(sums: Counter[str]) -> dict[str, int]:
    """Return every column, and what is left."""
    net = sums["gross"] - sums["discounts"] + sums["shipping"] - sums["refunds"]
    return {column: sums[column] for column in COLUMNS} | {"net": net}


def _order(event: StoredEvent, fact: dict[str, Any]) -> Iterator[Change]:
    currency = fact["totals"]["total"]["currency"]
    about = (event.position, event.recorded_at, currency)
    for line in fact["lines"]:
        sold = {
            "orders": 1,
            "units": line["quantity"],
            "gross": line["line_total"]["amount"],
            "discounts": line["discount"]["amount"],
        }
        yield Change(*about, line["sku"], fact["order_id"], sold)
    bought = {
        "orders": 1,
        "units": sum(line["quantity"] for line in fact["lines"]),
        "gross": sum(line["line_total"]["amount"] for line in fact["lines"]),
        "discounts": fact["totals"]["discount"]["amount"],
        "shipping": fact["totals"]["shipping"]["amount"],
    }
    yield Change(*about, None, fact["order_id"], bought)
