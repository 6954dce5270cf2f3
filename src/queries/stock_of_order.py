"""The movements of stock that an order's story made: promised, sold, given back.

They stand next to the facts of the command that made them, so that nobody has
to read the stock's own streams, which are as long as the shop is old.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import get_args
from uuid import UUID

from msgspec import Struct

from src.events.codec import recorded
from src.events.envelope import Recorded
from src.events.identifiers import CHECKOUT, ORDER, STOCK, category_of
from src.events.ports import Book
from src.events.stock import StockEvent
from src.queries.words import describe

NEIGHBOURS = 256
"""So many positions are looked at on both sides of a fact; a command has no more lines."""
_OF_STOCK = get_args(StockEvent)


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
    found: dict[int, StockMove] = {}
    for command, position in makers.items():
        found |= await _moved_by(source, command, position)
    return [found[position] for position in sorted(found)]


async def _moved_by(source: Book, command: UUID, position: int) -> dict[int, StockMove]:
    after = max(0, position - 1 - NEIGHBOURS)
    page = await source.read_page(after, 2 * NEIGHBOURS + 1)
    facts = [
        recorded(each)
        for each in page
        if each.command_id == command and category_of(each.stream) == STOCK
    ]
    return {fact.position: _move(fact) for fact in facts if isinstance(fact.event, _OF_STOCK)}


def _move(fact: Recorded) -> StockMove:
    return StockMove(
        position=fact.position,
        recorded_at=fact.recorded_at,
        sku=fact.event.sku,
        quantity=fact.event.quantity,
        event=type(fact.event).__name__,
        text=describe(fact.event),
    )
