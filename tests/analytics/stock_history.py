"""Any history of stock that the rules allow: drawn as wishes, of which the possible come true."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st
from msgspec import Struct

from src.events.envelope import Cause, Recorded
from src.events.identifiers import STOCK, stream
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

NOBODY = UUID(int=0)
WISHES_MIN, WISHES_MAX = 30, 120
DELIVERY_UNITS = 10
SKUS = ("cup", "tea", "TEA")
KINDS = ("received", "adjusted", "sold", "released", "expired", "returned")
STROKES = tuple(timedelta(hours=hours) for hours in (0, 11, 18.5, 23, 24))
"""When days begin in the zones that are asked about, UTC: facts may come at the very stroke."""


class Happened(Struct, frozen=True, kw_only=True):
    """One fact, in the words of the shop."""

    position: int
    at: datetime
    sku: str
    kind: str
    quantity: int
    session: str | None = None


class Wish(Struct, frozen=True):
    """What shall happen next to a SKU, if it can."""

    sku: str
    kind: str
    number: int
    gap_seconds: float | None
    """None is until the next stroke."""
    skipped: int
    """Positions of other facts before it."""


wishes = st.builds(
    Wish,
    sku=st.sampled_from(SKUS),
    kind=st.just("reserved") | st.sampled_from(KINDS),
    number=st.integers(1, 9),
    gap_seconds=st.none() | st.just(0) | st.floats(0, 14_400),
    skipped=st.integers(0, 3),
)


def history(begun: datetime) -> st.SearchStrategy[list[Happened]]:
    """Draw a history that begins at a moment."""
    many = st.lists(wishes, min_size=WISHES_MIN, max_size=WISHES_MAX)
    return (many | st.builds(list[Wish])).map(lambda drawn: _come_true(begun, drawn))


def _come_true(begun: datetime, drawn: Sequence[Wish]) -> list[Happened]:
    shelves = {sku: _Shelf() for sku in SKUS}
    facts: list[Happened] = []
    position, at = 0, begun
    for wish in drawn:
        at = _next(at, wish.gap_seconds)
        position += wish.skipped
        made = shelves[wish.sku].make(wish)
        if made is not None:
            position += 1
            quantity, session = made
            facts.append(
                Happened(
                    position=position,
                    at=at,
                    sku=wish.sku,
                    kind=wish.kind,
                    quantity=quantity,
                    session=session,
                )
            )
    return facts


def _next(at: datetime, gap_seconds: float | None) -> datetime:
    if gap_seconds is not None:
        return at + timedelta(seconds=gap_seconds)
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return next(day + stroke for stroke in STROKES if day + stroke > at)


class _Shelf:
    """What can happen to one SKU, and no more."""

    def __init__(self) -> None:
        self._free = self._sold = 0
        self._held: dict[str, int] = {}

    def make(self, wish: Wish) -> tuple[int, str | None] | None:
        match wish.kind:
            case "received":
                units = wish.number * DELIVERY_UNITS
                self._free += units
                return units, None
            case "adjusted":
                delta = wish.number if wish.number % 2 else -min(wish.number, self._free)
                self._free += delta
                return delta, None
            case "returned":
                back = min(wish.number, self._sold)
                self._free, self._sold = self._free + back, self._sold - back
                return (back, None) if back else None
            case "reserved":
                return self._hold(wish)
            case _:
                return self._end(wish)

    def _hold(self, wish: Wish) -> tuple[int, str] | None:
        session, units = f"chk_{wish.number}", min(wish.number, self._free)
        if session in self._held or not units:
            return None
        self._held[session] = units
        self._free -= units
        return units, session

    def _end(self, wish: Wish) -> tuple[int, str] | None:
        if not self._held:
            return None
        session = sorted(self._held)[wish.number % len(self._held)]
        units = self._held.pop(session)
        if wish.kind == "sold":
            self._sold += units
        else:
            self._free += units
        return units, session


def recorded(facts: Sequence[Happened]) -> list[Recorded]:
    """Write the history as the book hands it out."""
    versions = dict.fromkeys(SKUS, 0)
    rows: list[Recorded] = []
    for fact in facts:
        versions[fact.sku] += 1
        rows.append(
            Recorded(
                position=fact.position,
                stream=stream(STOCK, fact.sku),
                version=versions[fact.sku],
                event_id=NOBODY,
                recorded_at=fact.at,
                cause=Cause(NOBODY, NOBODY, "khata:test"),
                event=_event(fact),
            )
        )
    return rows


def _event(fact: Happened) -> StockEvent:
    sku, units, session = fact.sku, fact.quantity, fact.session or ""
    order = f"ord_{fact.position}"
    match fact.kind:
        case "received":
            return StockReceived(sku=sku, quantity=units)
        case "adjusted":
            return StockAdjusted(sku=sku, delta=units, reason="counted")
        case "reserved":
            return StockReserved(sku=sku, checkout_session_id=session, quantity=units)
        case "sold":
            return StockCommitted(
                sku=sku, checkout_session_id=session, quantity=units, order_id=order
            )
        case "released":
            return StockReleased(
                sku=sku, checkout_session_id=session, quantity=units, reason="cancelled"
            )
        case "expired":
            return StockReservationExpired(sku=sku, checkout_session_id=session, quantity=units)
        case _:
            return StockReturned(sku=sku, order_id=order, quantity=units)
