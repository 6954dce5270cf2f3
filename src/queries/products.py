"""What is for sale, at what price, and how many can still be promised."""

from typing import Any

from msgspec import Struct

from src.events.money import Money
from src.queries.page import LIMIT_DEFAULT, Cursors, Page, page_of, rows_wanted
from src.queries.reading import Reading

LIST = "products"


class ProductAnswer(Struct, frozen=True, kw_only=True):
    """A product as it is offered now."""

    sku: str
    name: str
    price: Money
    weight_grams: int
    available: int


async def list_products(
    db: Reading,
    book: int,
    cursors: Cursors,
    *,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> Page[ProductAnswer]:
    """Return products in the order of their SKUs."""
    after = "" if cursor is None else cursors.read(LIST, cursor, str)
    rows = await db.fetch(_PAGE, book, after, rows_wanted(limit))
    return page_of(rows, limit, _answer, lambda row: cursors.write(LIST, row[0]))


def _answer(row: Any) -> ProductAnswer:  # noqa: ANN401  # a row of the statement below
    sku, name, price_minor, currency, weight_grams, available = row
    return ProductAnswer(
        sku=sku,
        name=name,
        price=Money(price_minor, currency),
        weight_grams=weight_grams,
        available=available,
    )


_SELECT = """
select sku, product.name, product.price_minor, product.currency, product.weight_grams,
    coalesce(stock.available, 0)
from models.products as product left join models.stock as stock using (book, sku)
where book = $1
"""
_PAGE = _SELECT + " and sku > $2 order by sku limit $3"
