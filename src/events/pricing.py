"""What a purchase costs, as it is frozen in facts: lines, totals, coupon, shipping."""

from msgspec import Struct

from src.events.money import Money


class PricedLine(Struct, frozen=True, kw_only=True):
    """Some units of one product at the price they were offered for."""

    sku: str
    name: str
    quantity: int
    unit_price: Money
    line_total: Money
    """Unit price times quantity, before any discount."""
    discount: Money
    """This line's exact share of the coupon."""
    weight_grams: int
    """Of one unit."""


class AppliedCoupon(Struct, frozen=True, kw_only=True):
    """A coupon as it counted."""

    code: str
    free_shipping: bool
    discount: Money


class ShippingChoice(Struct, frozen=True, kw_only=True):
    """A shipping method with its price for one destination, which is not repeated here: it is
    somebody's address.
    """

    code: str
    name: str
    price: Money


class Totals(Struct, frozen=True, kw_only=True):
    """subtotal - discount + shipping = total; without shipping until it is known."""

    subtotal: Money
    discount: Money
    shipping: Money | None
    total: Money


def totals_of(
    lines: tuple[PricedLine, ...], shipping: ShippingChoice | None, currency: str
) -> Totals:
    """Add a purchase up; the one place where the parts become a total."""
    zero = Money.zero(currency)
    subtotal = sum((line.line_total for line in lines), start=zero)
    discount = sum((line.discount for line in lines), start=zero)
    price = None if shipping is None else shipping.price
    return Totals(
        subtotal=subtotal,
        discount=discount,
        shipping=price,
        total=subtotal - discount + (price or zero),
    )
