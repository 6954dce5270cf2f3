"""Which currencies Razorpay takes, and what an amount in them may look like.

Razorpay's own exponents, which differ from ISO 4217 in places (UGX), as listed
in razorpay/markdown-docs@ab3bda5 payments/international-payments.md.
"""

from src.events.money import Money

_BY_EXPONENT = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    2: (
        "AED ALL AMD AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BZD CAD CHF "
        "CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ETB EUR FJD GBP GHS GIP GMD GTQ GYD HKD "
        "HNL HRK HTG HUF IDR ILS INR JMD KES KGS KHR KYD KZT LAK LKR LRD LSL MAD MDL MGA "
        "MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PEN PGK PHP PKR "
        "PLN QAR RON RSD RUB SAR SCR SEK SGD SLL SOS SVC SZL THB TRY TTD TWD TZS UAH USD "
        "UYU UZS XCD YER ZAR ZMW"
    ),
    3: "BHD IQD JOD KWD OMR TND",
}

EXPONENTS = {code: exponent for exponent, codes in _BY_EXPONENT.items() for code in codes.split()}
"""How many decimals each currency has at Razorpay."""

MINIMUM_MINOR = {"INR": 100}
"""The smallest order, in minor units; one unit where Razorpay names no minimum."""

THOUSANDTHS = 3
"""The exponent of currencies whose last digit must be zero: 99.991 KWD is charged as 99990."""


def objection(due: Money) -> str | None:
    """Say why Razorpay would not take this amount, or None if nothing is known against it."""
    exponent = EXPONENTS.get(due.currency)
    if exponent is None:
        return f"Razorpay does not take {due.currency}"
    if due.amount < MINIMUM_MINOR.get(due.currency, 1):
        return f"{due.amount} {due.currency} in minor units is below Razorpay's minimum"
    if exponent == THOUSANDTHS and due.amount % 10:
        return f"an amount in {due.currency} must end in 0"
    return None
