"""What one SKU's units have come to after each of its facts, and the promises made of them."""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, assert_never

from msgspec import Struct

from src.events.envelope import Recorded
from src.events.stock import (
    StockAdjusted,
    StockCommitted,
    StockEvent,
    StockReceived,
    StockReleased,
    StockReservationExpired,
    StockReserved,
    StockReturned,
)

KINDS: dict[type[StockEvent], str] = {
    StockReceived: "received",
    StockAdjusted: "adjusted",
    StockReserved: "reserved",
    StockCommitted: "sold",
    StockReleased: "released",
    StockReservationExpired: "expired",
    StockReturned: "returned",
}
"""What happened, in the words of the shop."""
ENDS: dict[type[StockEvent], str] = {
    StockCommitted: "committed",
    StockReleased: "released",
    StockReservationExpired: "expired",
}
"""How a promise ends."""
End = StockCommitted | StockReleased | StockReservationExpired
MICROSECOND = timedelta(microseconds=1)


class Sums(Struct, kw_only=True):
    """Everything since the first fact, added up: what lies between two facts is a difference."""

    received: int = 0
    adjusted: int = 0
    reserved: int = 0
    """Promised at the moment, not since the first fact."""
    sold: int = 0
    returned: int = 0
    unit_micros: int = 0
    """Units on hand times the microseconds they lay there, up to `moved_at`."""
    moved_at: datetime | None = None

    @property
    def on_hand(self) -> int:
        """Units that have not been sold, promised or not."""
        return self.received + self.adjusted - self.sold + self.returned

    def go_on_to(self, moment: datetime) -> None:
        """Let the units lie until then."""
        if self.moved_at is not None:
            self.unit_micros += self.on_hand * ((moment - self.moved_at) // MICROSECOND)
        self.moved_at = moment

    def add(self, event: StockEvent) -> None:
        match event:
            case StockReceived():
                self.received += event.quantity
            case StockAdjusted():
                self.adjusted += event.delta
            case StockReserved():
                self.reserved += event.quantity
            case StockCommitted():
                self.reserved -= event.quantity
                self.sold += event.quantity
            case StockReleased() | StockReservationExpired():
                self.reserved -= event.quantity
            case StockReturned():
                self.returned += event.quantity
            case _:
                assert_never(event)


class Promise(Struct, kw_only=True):
    """Some units of the SKU, from the moment they are promised to a checkout session."""

    position: int
    session: str
    quantity: int
    reserved_at: datetime
    end: tuple[Any, ...] = (None, None, None, None)
    """When, at which position, how, and the order that was made."""


class Shelf:
    """One SKU while a page is read; what it says after each fact becomes a row."""

    def __init__(self, sku: str, sums: Sums, oldest: Iterable[tuple[str, datetime]]) -> None:
        self.promised: list[Promise] = []
        """Promises made on this page, each with its end if that is here as well."""
        self.ended: list[tuple[Any, ...]] = []
        """Ends, on this page, of promises that were made before it: by session."""
        self._sku = sku
        self._sums = sums
        self._open: OrderedDict[str, datetime] = OrderedDict(oldest)
        self._of_page: dict[str, Promise] = {}

    def take(self, recorded: Recorded) -> tuple[Any, ...]:
        """Return the row of the next fact: what it was, and how things stand after it."""
        event: StockEvent = recorded.event
        self._sums.go_on_to(recorded.recorded_at)
        self._sums.add(event)
        if isinstance(event, StockReserved):
            self._promise(recorded, event)
        elif isinstance(event, StockCommitted | StockReleased | StockReservationExpired):
            self._end(recorded, event)
        return (*_what(recorded, event), *self._stands())

    def _promise(self, recorded: Recorded, event: StockReserved) -> None:
        made = Promise(
            position=recorded.position,
            session=event.checkout_session_id,
            quantity=event.quantity,
            reserved_at=recorded.recorded_at,
        )
        self.promised.append(made)
        self._of_page[made.session] = made
        self._open[made.session] = made.reserved_at

    def _end(self, recorded: Recorded, event: End) -> None:
        session = event.checkout_session_id
        order = event.order_id if isinstance(event, StockCommitted) else None
        end = (recorded.recorded_at, recorded.position, ENDS[type(event)], order)
        self._open.pop(session, None)  # one that is not among the oldest was not asked for
        made = self._of_page.pop(session, None)
        if made is None:
            self.ended.append((self._sku, session, *end))
        else:
            made.end = end

    def _stands(self) -> tuple[Any, ...]:
        sums = self._sums
        counts = (sums.received, sums.adjusted, sums.reserved, sums.sold, sums.returned)
        return (*counts, sums.unit_micros, next(iter(self._open.values()), None))


def _what(recorded: Recorded, event: StockEvent) -> tuple[Any, ...]:
    quantity = event.delta if isinstance(event, StockAdjusted) else event.quantity
    session = getattr(event, "checkout_session_id", None)
    order = getattr(event, "order_id", None)
    # What staff write of a count may name somebody; a release has only words of our own.
    reason = event.reason if isinstance(event, StockReleased) else None
    about = (KINDS[type(event)], quantity, session, order, reason)
    return (event.sku, recorded.position, recorded.version, recorded.recorded_at, *about)
