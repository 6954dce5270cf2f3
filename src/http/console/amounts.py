"""Amounts as people type them: `149`, `149.50` or `1,49,900.00`, exact to the minor unit."""

import re

from src.events.money import AMOUNT_MAX, Money
from src.http.refusals import InvalidInput
from src.queries.amounts import minor_digits

_TYPED = re.compile(r"([0-9]+|[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3})(?:\.([0-9]+))?")
"""A comma stands before three digits at the end, before two or three elsewhere: in much of the
world `149,50` is 149.50, and must not become a hundred times as much."""


def amount_in(field: str, typed: str, currency: str) -> Money:
    """Return the amount; raises InvalidInput for anything that would have to be rounded."""
    digits = minor_digits(currency)
    found = _TYPED.fullmatch(typed.strip())
    if found is None:
        raise InvalidInput.of(field, "must be an amount, as 149.50")
    whole, minor = found[1].replace(",", ""), found[2] or ""
    if len(minor) > digits:
        raise InvalidInput.of(field, f"may have at most {digits} digits behind the point")
    amount = int(whole + minor.ljust(digits, "0"))
    if not 0 < amount <= AMOUNT_MAX:
        raise InvalidInput.of(field, "must be more than nothing, and no more than there can be")
    return Money(amount, currency)
