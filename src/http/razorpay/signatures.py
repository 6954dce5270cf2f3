"""Whether Razorpay, and nobody else, said this.

Our own HMAC over bytes, because the SDK's takes text, accepts an empty secret
and raises on signatures that are not ASCII. Tests hold the two equal on
everything the SDK can judge.
"""

import hmac
from collections.abc import Sequence

from src.http.razorpay.ids import is_order_id, is_payment_id

SIGNATURE_LENGTH = 64
"""Lower-case hexadecimal digits of a SHA-256."""


def verify_webhook(raw: bytes, signature: str | None, secrets: Sequence[str]) -> int | None:
    """Return which of the secrets signed exactly these bytes, or None if none of them did."""
    given = _given(signature)
    if given is None:
        return None
    # Every secret is tried, so that the time taken does not say which one matched.
    matches = [index for index, secret in enumerate(secrets) if _signed(raw, given, secret)]
    return matches[0] if matches else None


def verify_callback(
    order_id: str, payment_id: str, signature: str | None, key_secrets: tuple[str, ...]
) -> bool:
    """Whether checkout.js was told that this payment belongs to this order.

    The order id must be the one from the book, never the one the browser sent.
    The secrets are the key's, those that were replaced included: a payment page
    may have been open while the key changed.
    """
    # Shapes first: a "|" inside an id would let one pair pass for another.
    if not (is_order_id(order_id) and is_payment_id(payment_id)):
        return False
    return verify_webhook(f"{order_id}|{payment_id}".encode(), signature, key_secrets) is not None


def _given(signature: str | None) -> bytes | None:
    """Return what could be a signature; whatever else may stand in its place is none."""
    if not isinstance(signature, str) or len(signature) != SIGNATURE_LENGTH:
        return None
    return signature.encode("ascii") if signature.isascii() else None


def _signed(message: bytes, given: bytes, secret: str) -> bool:
    if not secret.strip("\0"):
        # An empty secret would verify what anybody can sign, and HMAC takes zeros for nothing.
        return False
    # Secrets come from the environment, where Python keeps foreign bytes as surrogates.
    key = secret.encode("utf-8", "surrogateescape")
    return hmac.compare_digest(hmac.digest(key, message, "sha256").hex().encode(), given)
