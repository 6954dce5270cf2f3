"""Passes: what a letter carries in place of a cart's secret, good until a time that it names.

Nothing is stored: a pass says until when, and a keyed hash over that time and
the cart says that it is ours. It cannot be taken back, so it is short.
"""

import hmac
from datetime import datetime, timedelta

PASS_LIFETIME = timedelta(hours=24)
MAC_LENGTH = 43
TIME_DIGITS_MAX = 12


def guest_pass(cart_id: str, until: datetime, key: bytes) -> str:
    """Return what opens a cart, and what it became, until a time; whole seconds count."""
    return _written(cart_id, int(until.timestamp()), key)


def is_good_pass(given: str, cart_id: str, key: bytes, now: datetime) -> bool:
    """Whether it opens this cart now; takes the same time for every wrong one of a length."""
    said = given.partition(".")[0]
    if not (said.isascii() and said.isdigit() and len(said) <= TIME_DIGITS_MAX):
        return False
    until = int(said)
    # The whole text is compared, so that no other spelling of the time is the same pass.
    is_ours = hmac.compare_digest(given.encode(), _written(cart_id, until, key).encode())
    return is_ours and now.timestamp() < until


def _written(cart_id: str, until: int, key: bytes) -> str:
    mac = hmac.digest(key, b"pass\x00%d\x00%s" % (until, cart_id.encode()), "sha256")
    return f"{until}.{mac.hex()[:MAC_LENGTH]}"
