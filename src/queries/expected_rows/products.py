"""Products: one row a product, by the last word on it."""

from src.events.identifiers import PRODUCT
from src.events.product import Product
from src.queries.expected_rows.table import Rows, Stood, Table, one


def _expected(stood: Stood) -> Rows:
    product: Product = stood.state
    price = product.price
    return one(product.name, price.amount, price.currency, product.weight_grams)


TABLE = Table(
    model="products",
    name="products",
    categories=(PRODUCT,),
    key="sku",
    columns=("name", "price_minor", "currency", "weight_grams"),
    expected=_expected,
)
