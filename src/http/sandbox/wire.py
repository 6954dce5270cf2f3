"""Bytes and signatures as Razorpay makes them.

Razorpay's serialiser escapes the slash and everything outside ASCII. Both spell
the same JSON, but a receiver that parses and re-serialises before it checks the
signature fails, as it would with Razorpay.
"""

import hmac
import re

import msgspec

_OUTSIDE_ASCII = re.compile(r"[^\x00-\x7f]")
_INSERTION_ORDER = msgspec.json.Encoder()
_ALPHABETICAL = msgspec.json.Encoder(order="sorted")


def encode(body: object, *, alphabetical: bool = False) -> bytes:
    encoder = _ALPHABETICAL if alphabetical else _INSERTION_ORDER
    plain = encoder.encode(body).replace(b"/", b"\\/")
    if plain.isascii():
        return plain
    return _OUTSIDE_ASCII.sub(_escape, plain.decode()).encode()


def _escape(character: re.Match[str]) -> str:
    """One \\uXXXX, or a surrogate pair beyond the first 65,536 characters."""
    units = character[0].encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def sign(message: bytes, secret: str) -> str:
    """HMAC-SHA256 in lower-case hex."""
    return hmac.digest(secret.encode(), message, "sha256").hex()


def sign_webhook(body: bytes, secret: str) -> str:
    """The signature that goes with a webhook; nothing is signed without a secret."""
    return sign(body, secret) if secret else ""


def sign_payment(order_id: str, payment_id: str, key_secret: str) -> str:
    """What checkout.js hands to the browser to prove that a payment belongs to an order."""
    return sign(f"{order_id}|{payment_id}".encode(), key_secret)
