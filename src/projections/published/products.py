"""What the shop offers, for analysts."""

from src.projections.published.view import View

VIEWS = (
    View(
        name="products",
        comment="One row a product, as it is offered now.",
        columns={
            "book": "The number of the shop's book.",
            "sku": "The shop's own name for it; every other view knows it by this.",
            "name": "What customers read.",
            "price_minor": "Of one unit, tax included, in minor units of `currency` (paise).",
            "currency": "ISO 4217.",
            "weight_grams": "Of one unit; 0 where nobody said.",
        },
        query="""
select book, sku, name, price_minor, currency, weight_grams from models.products
""",
        models=("products",),
        order=("sku",),
    ),
)
