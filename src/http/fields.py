"""What a field of a request may hold: every text and every number with its named limit.

U+0000 is refused for all texts at once (`json_body`, `middleware`), so that no
field needs to say it. `END` is written as it is because a bare `$` also
matches before a last line break, and `\\Z` is not in the dialect of OpenAPI.
"""

import re
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from src.commands.decisions.cart import QUANTITY_MAX
from src.events.money import AMOUNT_MAX, Money

END = r"$(?!\n)"
ID_LENGTH_MAX = 128
SKU_LENGTH_MAX = 64
CODE_LENGTH_MAX = 64
NAME_LENGTH_MAX = 200
LINE_LENGTH_MAX = 200
REASON_LENGTH_MAX = 500
REFERENCE_LENGTH_MAX = 200
EMAIL_LENGTH_MAX = 254
PHONE_LENGTH_MAX = 24
POSTAL_CODE_LENGTH_MAX = 12
CURSOR_LENGTH_MAX = 512
UNITS_MAX = 10**9
WEIGHT_GRAMS_MAX = 10**7
POSITION_MAX = 2**53 - 1
LIMIT_DEFAULT = 20
LIMIT_MAX = 100
PERCENT_MAX = 100

CODE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]*" + END
POSTAL_CODE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9 -]*" + END
PRINTABLE_PATTERN = r"^[^\x00-\x1f\x7f]*" + END
CURRENCY_PATTERN = r"^[A-Z]{3}" + END
COUNTRY_PATTERN = r"^[A-Z]{2}" + END
PHONE_PATTERN = r"^\+?[0-9][0-9 ()-]*" + END
EMAIL_PATTERN = (
    r'^[^\s@"(),:;<>\[\]\\\x00-\x1f\x7f]{1,64}'
    r"@[^\s@.\"(),:;<>\[\]\\\x00-\x1f\x7f]+(\.[^\s@.\"(),:;<>\[\]\\\x00-\x1f\x7f]+)+" + END
)

Id = Annotated[str, Meta(min_length=1, max_length=ID_LENGTH_MAX, description="An opaque id.")]
Sku = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=SKU_LENGTH_MAX,
        pattern=CODE_PATTERN,
        description="A product's code.",
        examples=["CHAI-250"],
    ),
]
Code = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=CODE_LENGTH_MAX,
        pattern=CODE_PATTERN,
        examples=["standard"],
    ),
]
CouponCode = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=CODE_LENGTH_MAX,
        pattern=CODE_PATTERN,
        examples=["DIWALI10"],
    ),
]
Name = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH_MAX, pattern=PRINTABLE_PATTERN)]
Line = Annotated[str, Meta(min_length=1, max_length=LINE_LENGTH_MAX, pattern=PRINTABLE_PATTERN)]
Words = Annotated[str, Meta(min_length=1, max_length=REASON_LENGTH_MAX)]
Why = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=REASON_LENGTH_MAX,
        pattern=PRINTABLE_PATTERN,
        description="Why, on one line that names no person: it stays in the book for ever.",
    ),
]
Reference = Annotated[
    str, Meta(min_length=1, max_length=REFERENCE_LENGTH_MAX, pattern=PRINTABLE_PATTERN)
]

Quantity = Annotated[int, Meta(ge=1, le=QUANTITY_MAX, examples=[2])]
QuantityOrNone = Annotated[
    int, Meta(ge=0, le=QUANTITY_MAX, description="0 removes the line.", examples=[2])
]
Units = Annotated[int, Meta(ge=1, le=UNITS_MAX, examples=[100])]
UnitsDelta = Annotated[int, Meta(ge=-UNITS_MAX, le=UNITS_MAX, examples=[-3])]
WeightGrams = Annotated[int, Meta(ge=0, le=WEIGHT_GRAMS_MAX, examples=[250])]
Position = Annotated[int, Meta(ge=0, le=POSITION_MAX)]

Amount = Annotated[int, Meta(ge=0, le=AMOUNT_MAX, examples=[149900])]
Currency = Annotated[str, Meta(max_length=3, pattern=CURRENCY_PATTERN, examples=["INR"])]
Country = Annotated[
    str,
    Meta(
        max_length=2,
        pattern=COUNTRY_PATTERN,
        description="ISO 3166-1 alpha-2.",
        examples=["IN"],
    ),
]
PostalCode = Annotated[
    str,
    Meta(
        min_length=2,
        max_length=POSTAL_CODE_LENGTH_MAX,
        pattern=POSTAL_CODE_PATTERN,
        examples=["560001"],
    ),
]
Email = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=EMAIL_LENGTH_MAX,
        pattern=EMAIL_PATTERN,
        examples=["asha@example.com"],
    ),
]
Phone = Annotated[
    str,
    Meta(
        min_length=6,
        max_length=PHONE_LENGTH_MAX,
        pattern=PHONE_PATTERN,
        examples=["+91 80 2345 6789"],
    ),
]
Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339, with its offset.")]


class MoneyField(Struct, frozen=True, forbid_unknown_fields=True):
    """An amount in minor units and its currency, as clients send it."""

    amount: Amount
    currency: Currency

    def money(self) -> Money:
        """Return what the rules reckon with."""
        return Money(self.amount, self.currency)


_POSTAL_CODE_IN = re.compile(r"[1-9][0-9]{5}")


class Address(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a parcel or a bill goes."""

    line1: Line
    city: Name
    state: Name
    postal_code: PostalCode
    country: Country
    line2: Line | None = None

    def __post_init__(self) -> None:
        if self.country == "IN" and not is_postal_code_of_india(self.postal_code):
            raise ValueError("postal_code: must be 6 digits, the first not 0")


def is_postal_code_of_india(text: str) -> bool:
    """Six digits, the first of them not 0."""
    return _POSTAL_CODE_IN.fullmatch(text) is not None


RazorpayOrderId = Annotated[
    str,
    Meta(max_length=20, pattern=r"^order_[A-Za-z0-9]{14}" + END, examples=["order_IEIaMR65cu6nz3"]),
]
RazorpayPaymentId = Annotated[
    str, Meta(max_length=18, pattern=r"^pay_[A-Za-z0-9]{14}" + END, examples=["pay_IH4NVgf4Dreq1l"])
]
RazorpaySignature = Annotated[str, Meta(min_length=1, max_length=128)]
