"""Money as people write it: exact, with its sign, grouped the way its country does."""

from src.events.money import Money

SIGNS = {"INR": "₹", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
WITHOUT_MINOR_UNITS = frozenset(
    {
        *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"),
        *("RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"),
    }
)
IN_THOUSANDTHS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_HUNDREDS = 3


def written(money: Money) -> str:
    """Write an amount, for example `₹1,49,900.00` or `KWD 1.500`; nothing is rounded."""
    digits = minor_digits(money.currency)
    text = str(abs(money.amount)).zfill(digits + 1)
    whole, minor = (text[:-digits], "." + text[-digits:]) if digits else (text, "")
    sign = SIGNS.get(money.currency, f"{money.currency} ")
    grouped = _lakhs(whole) if money.currency == "INR" else f"{int(whole):,}"
    return f"{'-' if money.amount < 0 else ''}{sign}{grouped}{minor}"


def minor_digits(currency: str) -> int:
    """Return how many digits a currency has behind its point."""
    if currency in WITHOUT_MINOR_UNITS:
        return 0
    return 3 if currency in IN_THOUSANDTHS else 2


def _lakhs(whole: str) -> str:
    """Group by two above the thousands, as in 12,34,567."""
    last, rest = whole[-_HUNDREDS:], whole[:-_HUNDREDS]
    pairs: list[str] = []
    while rest:
        pairs.insert(0, rest[-2:])
        rest = rest[:-2]
    return ",".join([*pairs, last])
