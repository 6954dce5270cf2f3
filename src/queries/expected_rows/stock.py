"""Stock: one row a SKU that ever moved, as the stream's fold has it."""

from src.events.identifiers import STOCK
from src.events.stock import Stock
from src.queries.expected_rows.table import Rows, Stood, Table, one


def _expected(stood: Stood) -> Rows:
    stock: Stock = stood.state
    return one(stock.received, stock.reserved, stock.committed, stood.version)


TABLE = Table(
    model="stock",
    name="stock",
    categories=(STOCK,),
    key="sku",
    columns=("received", "reserved", "committed", "version"),
    expected=_expected,
)
