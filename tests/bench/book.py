"""What the book says after the buying: how many orders there are, and whether its promises held."""

from collections import Counter
from datetime import UTC, datetime

from msgspec import Struct

from src.bootstrap import Parts, open_parts
from src.events.catalogue import fold_of
from src.events.codec import recorded
from src.events.connection import Connection
from src.events.envelope import StoredEvent
from src.events.identifiers import Stream
from src.events.order import OrderPlaced
from src.events.stock import Stock
from src.settings import Settings
from tests.databases import connected

PAGE_EVENTS = 5_000
ORDERS = """
    select count(*) from khata.events
    where type = 'OrderPlaced' and recorded_at >= $1 and recorded_at < $2
"""


class Promise(Struct, frozen=True):
    """One thing that must be so, and whether it is."""

    text: str
    holds: bool


async def orders_between(url: str, begun: float, ended: float) -> int:
    """Return how many orders were written in a span of time."""
    span = datetime.fromtimestamp(begun, UTC), datetime.fromtimestamp(ended, UTC)

    async def ask(connection: Connection) -> int:
        found: int = await connection.fetchval(ORDERS, *span)
        return found

    found: int = await connected(url, ask)
    return found


async def promises(settings: Settings, seen: int) -> list[Promise]:
    """Read the whole book and say what holds; `seen` orders were seen by their buyers."""
    parts = await open_parts(settings)
    try:
        return _judged(await _whole_book(parts), seen)
    finally:
        await parts.close()


async def _whole_book(parts: Parts) -> list[StoredEvent]:
    events: list[StoredEvent] = []
    head = await parts.book.head()
    for after in range(0, head, PAGE_EVENTS):
        events += await parts.book.read_page(after, PAGE_EVENTS)
    return events


def _judged(events: list[StoredEvent], seen: int) -> list[Promise]:
    types = Counter(event.type for event in events)
    orders = [fact for event in events if isinstance(fact := recorded(event).event, OrderPlaced)]
    sold = Counter[str]()
    for order in orders:
        for line in order.lines:
            sold[line.sku] += line.quantity
    sessions = {order.checkout_session_id for order in orders}
    carts = {order.cart_id for order in orders}
    paid, captured = types["PaymentConfirmed"], types["PaymentCaptured"]
    opened = types["CaseOpened"]
    return [
        Promise(f"positions 1 to {len(events)} without a gap", _dense(events)),
        Promise(f"{len(orders)} orders for {captured} captures", len(orders) == captured),
        Promise(
            f"{paid} sessions paid, {len(sessions)} ordered", paid == len(sessions) == len(orders)
        ),
        Promise(f"{len(carts)} carts ordered, each once", len(carts) == len(orders)),
        Promise(f"{seen} orders seen by their buyers", seen == len(orders)),
        Promise(
            "units committed are units ordered, none held, none oversold",
            _stock_agrees(events, sold),
        ),
        Promise(f"{opened} cases", opened == 0),
    ]


def _dense(events: list[StoredEvent]) -> bool:
    return [event.position for event in events] == list(range(1, len(events) + 1))


def _stock_agrees(events: list[StoredEvent], sold: Counter[str]) -> bool:
    shelves: dict[Stream, Stock] = {}
    for event in events:
        if event.stream.startswith("stock-"):
            fold = fold_of(event.stream)
            before = shelves.get(event.stream, fold.nothing_yet)
            shelves[event.stream] = fold.evolve(before, recorded(event).event)
    return all(
        shelf.committed == sold[name.removeprefix("stock-")] and shelf.reserved == 0
        for name, shelf in shelves.items()
    )
