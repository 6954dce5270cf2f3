"""What a run made, in numbers."""

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct

from src.cli.sample_history.request import Request
from src.events.connection import connecting

PAISE = 100
COUNTED = {
    "carts": ("CartOpened",),
    "checkout sessions": ("CheckoutStarted",),
    "webhook deliveries": ("WebhookReceived",),
    "failed payments": ("PaymentFailed",),
    "orders": ("OrderPlaced",),
    "cancelled orders": ("OrderCancelled",),
    "parcels": ("OrderFulfilled",),
    "refunds": ("RefundRequested",),
    "disputes": ("DisputeOpened",),
    "accounts": ("CustomerRegistered",),
    "guests": ("GuestIdentified",),
}
"""What is told, and the facts that count for it."""


class Made(Struct, frozen=True, kw_only=True):
    """A run that is over."""

    request: Request
    facts: Mapping[str, int]
    position: int
    seconds: float
    refused: int
    stopped: bool
    ordered_paise: int = 0
    refunded_paise: int = 0

    @property
    def orders(self) -> int:
        """How many orders were placed."""
        return self.facts.get("OrderPlaced", 0)

    @property
    def orders_per_second(self) -> float:
        """How fast it went."""
        return self.orders / max(self.seconds, 0.001)


async def money_of(app_url: str, book: int) -> tuple[int, int]:
    """Return what orders cost in all, and what went back on its way, in paise."""
    connection = await connecting(app_url, "khata sample", _MONEY_SECONDS)()
    try:
        row = await connection.fetchrow(_MONEY, book)
    finally:
        await connection.close()
    assert row is not None
    return int(row["ordered"]), int(row["refunded"])


def lines_of(made: Made) -> list[str]:
    """Tell it for people."""
    counts: Counter[str] = Counter(made.facts)
    told = [(what, sum(counts[name] for name in names)) for what, names in COUNTED.items()]
    still_open = counts["CaseOpened"] - counts["CaseResolved"]
    days, until = made.request.days, made.request.until
    numbers = [
        ("facts", f"{made.position:,}"),
        *((what, f"{number:,}") for what, number in told),
        ("cases", f"{counts['CaseOpened']:,}, of which {still_open:,} are open"),
        ("ordered", _rupees(made.ordered_paise)),
        ("refunded", _rupees(made.refunded_paise)),
        ("refused", f"{made.refused:,} visits ended because the shop said no"),
    ]
    over = "stopped early: this is what there is" if made.stopped else "made"
    rate = f"{made.orders_per_second:,.0f} orders/s, {made.position / made.seconds:,.0f} facts/s"
    return [
        f"{over}: {days} days until {until:%Y-%m-%dT%H:%M:%SZ}, seed {made.request.seed}",
        *(f"  {what:<20}{number}" for what, number in numbers),
        f"in {made.seconds:,.1f} s: {rate}",
    ]


def _rupees(paise: int) -> str:
    return f"INR {paise // PAISE:,}.{paise % PAISE:02}"


_MONEY_SECONDS = 120.0
_MONEY = """
select coalesce(sum((payload->'totals'->'total'->>'amount')::bigint)
                filter (where type = 'OrderPlaced'), 0) as ordered,
       coalesce(sum((payload->'amount'->>'amount')::bigint)
                filter (where type = 'RefundRequested'), 0) as refunded
from khata.events
where book = $1 and type in ('OrderPlaced', 'RefundRequested')
"""
