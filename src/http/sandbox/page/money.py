"""Amounts as the customer reads them."""

from src.http.sandbox.currencies import EXPONENTS

GROUP_DIGITS = 3
LAKH_GROUP_DIGITS = 2


def spelled(amount_minor: int, currency: str) -> str:
    """Rupees in lakhs and crores, everything else after its code: ₹1,50,000.00, USD 12.50."""
    exponent = EXPONENTS[currency]
    whole, part = divmod(amount_minor, 10**exponent)
    decimals = f".{part:0{exponent}}" if exponent else ""
    if currency == "INR":
        return f"₹{_in_lakhs(str(whole))}{decimals}"
    return f"{currency} {whole:,}{decimals}"


def _in_lakhs(digits: str) -> str:
    rest, last = digits[:-GROUP_DIGITS], digits[-GROUP_DIGITS:]
    groups = [last]
    while rest:
        groups.insert(0, rest[-LAKH_GROUP_DIGITS:])
        rest = rest[:-LAKH_GROUP_DIGITS]
    return ",".join(groups)
