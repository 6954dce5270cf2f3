"""The currencies Razorpay takes, and how many decimals each has.

From razorpay/markdown-docs@ab3bda5; a few differ from ISO 4217.
"""

_NO_DECIMALS = """
    BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF
"""
_THREE_DECIMALS = """
    BHD IQD JOD KWD OMR TND
"""
_TWO_DECIMALS = """
    AED ALL AMD AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BZD CAD
    CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ETB EUR FJD GBP GHS GIP GMD GTQ
    GYD HKD HNL HRK HTG HUF IDR ILS INR JMD KES KGS KHR KYD KZT LAK LKR LRD LSL
    MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD
    PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SCR SEK SGD SLL SOS SVC SZL THB TRY
    TTD TWD TZS UAH USD UYU UZS XCD YER ZAR ZMW
"""

EXPONENTS: dict[str, int] = {
    code: exponent
    for exponent, codes in ((0, _NO_DECIMALS), (2, _TWO_DECIMALS), (3, _THREE_DECIMALS))
    for code in codes.split()
}

HOME_CURRENCY = "INR"
PAISE_PER_UNIT = 7129
"""What one dollar was worth in a published payment; here everything foreign is."""


def in_paise(amount: int, code: str) -> int:
    """What an amount in minor units of its currency is worth in the account's own."""
    return (
        amount if code == HOME_CURRENCY else int(amount * PAISE_PER_UNIT // 10 ** EXPONENTS[code])
    )
