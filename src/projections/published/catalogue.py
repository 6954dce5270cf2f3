"""Everything that analysts are shown."""

from src.projections.published import cases, journeys, payments, people, products, sales, stock
from src.projections.published.view import View

VERSION = 1
"""Of the words: raised when a column is renamed, taken away, or means something else."""
VIEWS: tuple[View, ...] = (
    *sales.VIEWS,
    *journeys.VIEWS,
    *products.VIEWS,
    *people.VIEWS,
    *stock.VIEWS,
    *payments.VIEWS,
    *cases.VIEWS,
)
