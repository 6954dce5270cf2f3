"""A product as the book has it at this moment: what is offered, and how many can be promised."""

from src.commands.rejections import Unknown
from src.commands.view import View
from src.events.identifiers import PRODUCT, stream
from src.queries.products import ProductAnswer


def product_document(view: View, sku: str) -> tuple[ProductAnswer, int]:
    """Show a product with the version of its stream; raises Unknown when it was never listed."""
    product = view.product(sku)
    if product is None:
        raise Unknown("product", sku)
    document = ProductAnswer(
        sku=sku,
        name=product.name,
        price=product.price,
        weight_grams=product.weight_grams,
        available=view.stock(sku).available,
    )
    return document, view.version(stream(PRODUCT, sku))
