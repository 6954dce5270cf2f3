"""How many units of a product came in, are promised, and are sold."""

from msgspec import Struct

from src.events.stock import Stock


class StockAnswer(Struct, frozen=True, kw_only=True):
    """received = available + reserved + committed; received is net of adjustments."""

    sku: str
    received: int
    reserved: int
    committed: int
    available: int


def stock_answer(sku: str, stock: Stock) -> StockAnswer:
    """Write a stock down from its state."""
    return StockAnswer(
        sku=sku,
        received=stock.received,
        reserved=stock.reserved,
        committed=stock.committed,
        available=stock.available,
    )
