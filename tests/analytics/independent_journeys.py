"""The funnel and the reasons for abandonment, counted fact by fact from their definitions."""

from collections.abc import Sequence
from datetime import date, datetime
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from src.events.envelope import Recorded

Json = dict[str, Any]
PENDING = {"PaymentIntentCreated", "PaymentWaived", "PaymentConfirmed"}
ENDS = {
    "CheckoutFailed": "failed",
    "CheckoutCancelled": "cancelled",
    "CheckoutExpired": "expired",
    "CheckoutSuperseded": "superseded",
}


class Journey:
    """One cart, with everything that its sessions came to."""

    def __init__(self, opened: Recorded) -> None:
        self.currency: str = opened.event.currency
        self.reached: dict[str, datetime] = {"CART_PENDING": opened.recorded_at}
        self.was_filled = self.was_merged = False
        self.stands: str | None = None
        self.value = 0

    def reach(self, step: str, at: datetime) -> None:
        self.reached.setdefault(step, at)

    @property
    def is_ordered(self) -> bool:
        return "ORDER_CREATED" in self.reached

    @property
    def reason(self) -> str:
        if self.stands is not None:
            return self.stands
        return "never_started" if self.was_filled else "never_filled"


def journeys(facts: Sequence[Recorded], as_of: int) -> list[Journey]:
    """Read the book up to a position."""
    found: dict[str, Journey] = {}
    started: dict[str, Recorded] = {}
    for fact in facts:
        kind, category, key = type(fact.event).__name__, *fact.stream.split("-", 1)
        if fact.position > as_of:
            break
        if kind == "CartOpened":
            found[key] = Journey(fact)
        elif category == "cart":
            found[key].was_filled |= kind == "CartItemSet"
            found[key].was_merged |= kind == "CartMerged"
        else:
            started.setdefault(key, fact)
            _happen(found[started[key].event.cart_id], started[key], kind, fact)
    return list(found.values())


def _happen(journey: Journey, started: Recorded, kind: str, fact: Recorded) -> None:
    journey.stands = "open"
    journey.value = sum(line.unit_price.amount * line.quantity for line in started.event.lines)
    journey.reach("CHECKOUT_STARTED", started.recorded_at)
    if kind in PENDING:
        journey.reach("PAYMENT_PENDING", fact.recorded_at)
    if kind in {"PaymentWaived", "PaymentConfirmed"}:
        journey.reach("PAYMENT_CONFIRMED", fact.recorded_at)
    if kind == "OrderCreated":
        journey.reach("ORDER_CREATED", fact.recorded_at)
    if kind in ENDS:
        said = fact.event.reason if kind == "CheckoutFailed" else None
        journey.stands = f"{ENDS[kind]}:{said}" if said else ENDS[kind]


def cohort(
    facts: Sequence[Recorded], days: tuple[date, date], zone: str, currency: str, as_of: int
) -> list[Journey]:
    """Return the carts opened on these days in this zone."""
    first, last = days
    return [
        each
        for each in journeys(facts, as_of)
        if first <= each.reached["CART_PENDING"].astimezone(ZoneInfo(zone)).date() <= last
        and each.currency == currency
    ]


def funnel_of(carts: Sequence[Journey]) -> Json:
    """Count every cart at every step it came to; those that went into others are left out."""
    names = ["CART_PENDING", "CHECKOUT_STARTED", "PAYMENT_PENDING"]
    names += ["PAYMENT_CONFIRMED", "ORDER_CREATED"]
    counted = [each for each in carts if each.is_ordered or not each.was_merged]
    steps: list[Json] = []
    for n, name in enumerate(names):
        there = [each for each in counted if name in each.reached]
        before = [each for each in counted if n and names[n - 1] in each.reached]
        took = [
            (each.reached[name] - each.reached[names[n - 1]]).total_seconds() for each in there if n
        ]
        lost = len(before) - len(there)
        steps.append(
            {
                "step": name,
                "count": len(there),
                "share": round(len(there) / len(counted), 4) if counted else None,
                "drop_off": round(lost / len(before), 4) if before else None,
                "median_seconds": median(took) if took else None,
            }
        )
    return {"merged": len(carts) - len(counted), "steps": steps}


def abandonment_of(carts: Sequence[Journey]) -> Json:
    """Give each cart without an order its one reason."""
    left = [each for each in carts if not each.is_ordered]
    merged = [each for each in left if each.was_merged]
    lost = [each for each in left if not each.was_merged]
    by_reason: dict[str, list[Journey]] = {}
    for each in lost:
        by_reason.setdefault(each.reason, []).append(each)
    items: list[Json] = [
        {
            "reason": reason,
            "count": len(some),
            "value": sum(each.value for each in some),
            "share": round(len(some) / len(lost), 4),
        }
        for reason, some in by_reason.items()
    ]
    return {
        "carts": len(carts) - len(merged),
        "ordered": len(carts) - len(left),
        "merged": len(merged),
        "items": sorted(items, key=lambda item: (-item["count"], item["reason"])),
        "total": {"count": len(lost), "value": sum(each.value for each in lost)},
    }
