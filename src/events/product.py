"""What is for sale.

The names and fields of the events are the storage format. Nothing here is
renamed or removed: a changed shape gets a new version, and upcasters.py lifts
the old one.
"""

from typing import assert_never

from msgspec import Struct

from src.events.money import Money


class ProductListed(Struct, frozen=True, kw_only=True):
    """A product is for sale."""

    sku: str
    name: str
    price: Money
    weight_grams: int


class ProductRevised(Struct, frozen=True, kw_only=True):
    """A product is sold under a new name, price or weight from now on."""

    sku: str
    name: str
    price: Money
    weight_grams: int


ProductEvent = ProductListed | ProductRevised


class Product(Struct, frozen=True, kw_only=True):
    """A product as it is offered now."""

    sku: str
    name: str
    price: Money
    weight_grams: int


UNLISTED: Product | None = None


def evolve(product: Product | None, event: ProductEvent) -> Product | None:
    """Facts are not argued with: evolve never rejects, and an impossible fact is a bug."""
    if (product is None) is not isinstance(event, ProductListed):
        raise AssertionError("a product is listed once, and revised after that")
    match event:
        case ProductListed() | ProductRevised():
            return Product(
                sku=event.sku, name=event.name, price=event.price, weight_grams=event.weight_grams
            )
        case _:
            assert_never(event)
