"""The stock of a product as the book has it at this moment."""

from src.commands.rejections import Unknown
from src.commands.view import View
from src.queries.stock import StockAnswer, stock_answer


def stock_document(view: View, sku: str) -> tuple[StockAnswer, int]:
    """Show a stock with the version of its last receipt or adjustment.

    Reservations do not move that version: whoever counts shelves is not
    disturbed by who buys meanwhile. Raises Unknown for an unlisted product.
    """
    if view.product(sku) is None:
        raise Unknown("product", sku)
    stock = view.stock(sku)
    return stock_answer(sku, stock), stock.counted_at
