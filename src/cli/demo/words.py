"""Amounts and promises as a person reads them."""

from src.cli.demo.shop import Json
from src.events.money import Money
from src.queries.amounts import written

PROMISES = {
    1: "one payment, one order; one cart, at most one order",
    2: "every paisa captured ends as an order, goes back, or is an open case",
    3: "no unit is sold twice, and a reservation ends once",
    4: "nothing acknowledged is lost",
    5: "Redis may vanish at any moment",
    6: "correctness never waits",
    8: "money is whole minor units, and totals add up",
}
"""The promises of README.md that a visitor can see; 7 and 9 are for auditors."""


def rupees(amount: Json) -> str:
    """Say an amount."""
    return written(Money(amount["amount"], amount["currency"]))


def total(document: Json) -> str:
    """Say what a cart, session or order costs so far."""
    return rupees(document["totals"]["total"])


def paid_and_due(order: Json) -> tuple[int, int]:
    """Return what was paid for an order, and its lines less discounts plus shipping."""
    totals = {name: int(amount["amount"]) for name, amount in order["totals"].items()}
    lines = sum(int(line["line_total"]["amount"]) for line in order["items"])
    return int(order["payment"]["amount"]["amount"]), lines - totals["discount"] + totals[
        "shipping"
    ]
