"""A shop sells in one currency; a price in another would break the carts that hold the product."""

from src.http.fields import MoneyField
from src.http.refusals import InvalidInput
from src.http.shop import Shop


def check_currency(shop: Shop, field: str, money: MoneyField | None) -> None:
    """Raise InvalidInput unless the amount, if there is one, is in the shop's currency."""
    if money is not None and money.currency != shop.currency:
        raise InvalidInput.of(f"{field}.currency", f"must be the shop's, {shop.currency}")
