"""The movements of stock that an order's story made: promised, sold, given back.

They stand next to the facts of the command that made them, so that nobody has
to read the stock's own streams, which are as long as the shop is old.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import get_args

from msgspec import Struct

from src.events.catalogue import EVENTS
from src.events.codec import recorded
from src.events.envelope import Recorded
from src.events.identifiers import CHECKOUT, ORDER, STOCK, category_of
from src.events.ports import Book
from src.events.stock import StockEvent
from src.queries.words import describe

NEIGHBOURS = 256
"""So many positions are looked at on both sides of a fact; a command has no more lines."""
_OF_STOCK = get_args(StockEvent)
_NOT_OF_STOCK = [name for name, kind in EVENTS.items() if kind not in _OF_STOCK]


class StockMove(Struct, frozen=True, kw_only=True):
    """Units of one product that were moved, and when."""

    position: int
    recorded_at: datetime
    sku: str
    quantity: int
    event: str
    text: str


async def stock_of_order(source: Book, facts: Iterable[Recorded]) -> list[StockMove]:
    """Return what the commands of an order's story moved, oldest first."""
    makers = {
        fact.cause.command_id: fact.position
        for fact in facts
        if category_of(fact.stream) in {CHECKOUT, ORDER}
    }
    pages = await asyncio.gather(
        *(
            source.read_page(after, up_to - after, without=_NOT_OF_STOCK)
            for after, up_to in _places(makers.values())
        )
    )
    moved = (
        recorded(each)
        for page in pages
        for each in page
        if each.command_id in makers and category_of(each.stream) == STOCK
    )
    return [_move(fact) for fact in moved if isinstance(fact.event, _OF_STOCK)]


def _places(positions: Iterable[int]) -> list[tuple[int, int]]:
    """Return what lies around these positions, in their order, nothing of it twice."""
    places: list[tuple[int, int]] = []
    for position in sorted(positions):
        after, up_to = max(0, position - 1 - NEIGHBOURS), position + NEIGHBOURS
        if places and after <= places[-1][1]:
            after = places.pop()[0]
        places.append((after, up_to))
    return places


def _move(fact: Recorded) -> StockMove:
    return StockMove(
        position=fact.position,
        recorded_at=fact.recorded_at,
        sku=fact.event.sku,
        quantity=fact.event.quantity,
        event=type(fact.event).__name__,
        text=describe(fact.event),
    )
