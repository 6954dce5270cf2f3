"""/_sandbox/lists: how far Razorpay's lists are behind.

Measured: a captured payment is missing from the list for minutes while its order
already says paid. What is fetched by its id, or by its order's or payment's, is
never behind.
"""

from typing import Annotated

from msgspec import Meta, Struct

from src.http.sandbox.account import Account
from src.http.sandbox.call import Call
from src.http.sandbox.wishes import read

LAG_SECONDS_MAX = 7 * 24 * 60 * 60.0


class Lag(Struct, frozen=True, forbid_unknown_fields=True):
    lag_seconds: Annotated[float, Meta(ge=0, le=LAG_SECONDS_MAX)]


def lag(account: Account, call: Call) -> Lag:
    wish = read(call, Lag)
    account.entities.lag_lists(wish.lag_seconds)
    return wish
