"""The rule of an import: list a product, and count in what the shop begins with, once."""

from src.cli.catalogue_file import CatalogueRow
from src.commands.decisions.catalogue import list_product, receive_stock
from src.commands.view import Fact, View

REFERENCE = "opening stock"


def offer(view: View, row: CatalogueRow) -> list[Fact]:
    """Offer a product; stock that was ever counted is not opened again."""
    listed = list_product(view, row.product)
    if row.opening_stock == 0 or view.stock(row.sku).counted_at > 0:
        return listed
    after = view.assuming(listed)
    return [*listed, *receive_stock(after, row.sku, row.opening_stock, REFERENCE)]
