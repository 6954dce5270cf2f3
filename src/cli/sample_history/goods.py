"""What visitors put into their carts: some things sell all the time, others now and then."""

from random import Random

from src.cli.catalogue_file import CatalogueRow
from src.cli.sample import sample_rows
from src.cli.sample_history.chance import chance_of, weighted
from src.events.coupon import CouponKind, CouponTerms
from src.events.money import Money

LINES = {1: 40.0, 2: 27.0, 3: 17.0, 4: 10.0, 5: 6.0}
QUANTITIES = {1: 76.0, 2: 17.0, 3: 5.0, 4: 2.0}
STEEPNESS = 0.85
"""The n-th most wanted thing is wanted so much less than the first, as a power of n."""
DEAR_PAISE = 50_000
DEAR_FACTOR = 0.45
"""What costs more is bought less often, and by one."""

COUPONS = {
    "WELCOME10": CouponTerms(
        kind=CouponKind.PERCENT,
        value=10,
        currency="INR",
        minimum_subtotal=Money(49_900, "INR"),
        limit_per_customer=1,
    ),
    "FLAT75": CouponTerms(
        kind=CouponKind.FIXED, value=7_500, currency="INR", minimum_subtotal=Money(89_900, "INR")
    ),
    "SHIPFREE": CouponTerms(
        kind=CouponKind.FREE_SHIPPING,
        value=0,
        currency="INR",
        minimum_subtotal=Money(29_900, "INR"),
    ),
}
SALE_COUPON = "SALE15"
SALE_TERMS = CouponTerms(
    kind=CouponKind.PERCENT, value=15, currency="INR", minimum_subtotal=Money(69_900, "INR")
)


class Goods:
    """The sample catalogue, and how much each thing is wanted."""

    def __init__(self, seed: int) -> None:
        self.rows = sample_rows()
        order = list(range(len(self.rows)))
        chance_of(seed, "goods").shuffle(order)
        self._wanted = [
            (DEAR_FACTOR if row.price > DEAR_PAISE else 1.0) / (1 + place) ** STEEPNESS
            for row, place in zip(self.rows, order, strict=True)
        ]

    def basket(self, chance: Random) -> dict[str, int]:
        """Draw what one visitor wants: units by SKU."""
        count = _drawn(chance, LINES)
        rows = chance.choices(self.rows, self._wanted, k=count)
        return {row.sku: self._quantity(row, chance) for row in rows}

    def sold_per_order(self) -> dict[str, float]:
        """Return about how many units of each SKU an average order takes."""
        lines = _mean(LINES)
        total = sum(self._wanted)
        return {
            row.sku: lines * wanted / total * (1.0 if row.price > DEAR_PAISE else _mean(QUANTITIES))
            for row, wanted in zip(self.rows, self._wanted, strict=True)
        }

    def _quantity(self, row: CatalogueRow, chance: Random) -> int:
        return 1 if row.price > DEAR_PAISE else _drawn(chance, QUANTITIES)


def _drawn(chance: Random, shares: dict[int, float]) -> int:
    return weighted(chance, list(shares), list(shares.values()))


def _mean(shares: dict[int, float]) -> float:
    return sum(number * share for number, share in shares.items()) / sum(shares.values())
