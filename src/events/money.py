"""Money: whole minor units with their currency, and the one place that rounds.

There are no fractions of a paisa anywhere. The only rule that can produce one,
a percentage, is rounded here (`percent_of`), and a sum that must be split over
several lines is split here (`spread`) so that the parts always add up again.
"""

from collections.abc import Sequence
from typing import Self

from msgspec import Struct

AMOUNT_MAX = 10**12
"""Ten thousand million rupees in paise; far below 2**53, so every JSON reader keeps it exact."""


class CurrencyMismatchError(ValueError):
    """Two amounts of different currencies met in one sum; that is a bug, never a rounding."""


class Money(Struct, frozen=True, forbid_unknown_fields=True):
    """An amount in minor units (paise for INR) and its ISO 4217 currency."""

    amount: int
    currency: str

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Nothing, in this currency."""
        return cls(0, currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, quantity: int) -> "Money":
        return Money(self.amount * quantity, self.currency)

    def at_most(self, other: "Money") -> "Money":
        """Return the smaller of the two."""
        return Money(min(self.amount, self._same(other)), self.currency)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMismatchError(f"{self.currency} met {other.currency}")
        return other.amount


def total(parts: Sequence[Money], currency: str) -> Money:
    """Add the parts up; no parts are zero of this currency."""
    return sum(parts, start=Money.zero(currency))


def percent_of(whole: Money, percent: int) -> Money:
    """Return a whole percentage of a non-negative amount, half a paisa rounded up."""
    return Money((whole.amount * percent + 50) // 100, whole.currency)


def spread(whole: Money, weights: Sequence[Money]) -> list[Money]:
    """Split an amount in proportion to the weights so that the parts add up exactly.

    Largest remainder first, earlier lines first among equals. Weights of zero
    get nothing; the whole must be zero when every weight is.
    """
    weight_all = sum(weight.amount for weight in weights)
    if weight_all == 0:
        return [Money.zero(whole.currency) for _ in weights]
    shares = [divmod(whole.amount * weight.amount, weight_all) for weight in weights]
    left = whole.amount - sum(quotient for quotient, _ in shares)
    by_remainder = sorted(range(len(shares)), key=lambda line: (-shares[line][1], line))
    extra = set(by_remainder[:left])
    return [
        Money(quotient + (line in extra), whole.currency)
        for line, (quotient, _) in enumerate(shares)
    ]
