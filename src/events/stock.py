"""The units of one product: received, promised to checkouts, sold.

The names and fields of the events are the storage format. Nothing here is
renamed or removed: a changed shape gets a new version, and upcasters.py lifts
the old one.
"""

from typing import assert_never

from immutables import Map
from msgspec import Struct
from msgspec.structs import replace


class StockReceived(Struct, frozen=True, kw_only=True):
    """Units came in."""

    sku: str
    quantity: int
    reference: str | None = None


class StockAdjusted(Struct, frozen=True, kw_only=True):
    """A count was corrected: broken, lost or found units."""

    sku: str
    delta: int
    reason: str


class StockReserved(Struct, frozen=True, kw_only=True):
    """Units are promised to a checkout session."""

    sku: str
    checkout_session_id: str
    quantity: int


class StockCommitted(Struct, frozen=True, kw_only=True):
    """A promise became a sale."""

    sku: str
    checkout_session_id: str
    quantity: int
    order_id: str


class StockReleased(Struct, frozen=True, kw_only=True):
    """A promise was given back."""

    sku: str
    checkout_session_id: str
    quantity: int
    reason: str


class StockReservationExpired(Struct, frozen=True, kw_only=True):
    """A promise ended because its checkout session did not pay in time."""

    sku: str
    checkout_session_id: str
    quantity: int


class StockReturned(Struct, frozen=True, kw_only=True):
    """Sold units came back, because their order was cancelled."""

    sku: str
    order_id: str
    quantity: int


StockEvent = (
    StockReceived
    | StockAdjusted
    | StockReserved
    | StockCommitted
    | StockReleased
    | StockReservationExpired
    | StockReturned
)


class Stock(Struct, frozen=True, kw_only=True):
    """received = available + reserved + committed, and none of them is ever negative."""

    received: int = 0
    """Net of adjustments."""
    reserved: int = 0
    committed: int = 0
    holds: Map[str, int] = Map()
    """Units promised, by checkout session; they add up to `reserved`."""
    counted_at: int = 0
    """Version of the last receipt or adjustment, which is what a count is checked against."""
    version: int = 0

    @property
    def available(self) -> int:
        """Units that can still be promised."""
        return self.received - self.reserved - self.committed


NO_STOCK = Stock()


def evolve(stock: Stock, event: StockEvent) -> Stock:
    """Facts are not argued with: evolve never rejects, and an impossible fact is a bug."""
    after = replace(_moved(stock, event), version=stock.version + 1)
    if after.available < 0:
        raise AssertionError(f"{event.sku} oversold at version {after.version}")
    return after


def _moved(stock: Stock, event: StockEvent) -> Stock:
    match event:
        case StockReceived():
            return _counted(stock, event.quantity)
        case StockAdjusted():
            return _counted(stock, event.delta)
        case StockReserved():
            return _promised(stock, event)
        case StockCommitted():
            ended = _ended(stock, event)
            return replace(ended, committed=stock.committed + event.quantity)
        case StockReleased() | StockReservationExpired():
            return _ended(stock, event)
        case StockReturned():
            return _returned(stock, event)
        case _:
            assert_never(event)


def _counted(stock: Stock, delta: int) -> Stock:
    return replace(stock, received=stock.received + delta, counted_at=stock.version + 1)


def _promised(stock: Stock, event: StockReserved) -> Stock:
    session = event.checkout_session_id
    if session in stock.holds:
        raise AssertionError(f"{session} holds {event.sku} already")
    return replace(
        stock,
        reserved=stock.reserved + event.quantity,
        holds=stock.holds.set(session, event.quantity),
    )


def _ended(stock: Stock, event: StockCommitted | StockReleased | StockReservationExpired) -> Stock:
    """A hold ends once, and all of it."""
    if stock.holds.get(event.checkout_session_id) != event.quantity:
        raise AssertionError(f"{event.checkout_session_id} does not hold {event.quantity} units")
    return replace(
        stock,
        reserved=stock.reserved - event.quantity,
        holds=stock.holds.delete(event.checkout_session_id),
    )


def _returned(stock: Stock, event: StockReturned) -> Stock:
    if event.quantity > stock.committed:
        raise AssertionError(f"{event.order_id} gives back more than was sold")
    return replace(stock, committed=stock.committed - event.quantity)
