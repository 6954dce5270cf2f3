"""How many units of a product came in, are promised, and are sold."""

from msgspec import Struct

from src.events.stock import Stock
from src.queries.reading import Reading


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


async def find_stock(db: Reading, book: int, sku: str) -> StockAnswer | None:
    """Return one SKU's stock as the read model knows it."""
    row = await db.fetchrow(_ONE, book, sku)
    if row is None:
        return None
    return StockAnswer(
        sku=row[0], received=row[1], reserved=row[2], committed=row[3], available=row[4]
    )


_ONE = """
select sku, received, reserved, committed, available
from read.stock where book = $1 and sku = $2
"""
