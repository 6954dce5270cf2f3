"""Names of streams and things: opaque, stable, and derived wherever they can be.

A derived id is version 5 of its cause: asking twice gives the same id, so a
command that is sent again writes the same stream at the same version, and the
book itself says that it already happened.
"""

import hashlib
import hmac
import unicodedata
from base64 import b32encode
from typing import NewType
from uuid import UUID, uuid5

Stream = NewType("Stream", str)
"""`<category>-<id>`, for example `cart-cart_0f3k…`; the category has no hyphen."""

KHATA_NAMESPACE = UUID("5c2f41f0-3a0f-5b68-9d0e-8b1a4f9f6c11")
STREAM_LENGTH_MAX = 200

CART, CHECKOUT, STOCK, PAYMENT, ORDER, CUSTOMER, MAILBOX, COUPON, SHIPPING, WEBHOOK, PRODUCT = (
    "cart",
    "checkout",
    "stock",
    "payment",
    "order",
    "customer",
    "mailbox",
    "coupon",
    "shipping",
    "webhook",
    "product",
)


def stream(category: str, key: str) -> Stream:
    """Name the stream of one thing."""
    return Stream(f"{category}-{key}")


def category_of(name: Stream) -> str:
    """Return the category of a stream."""
    return name.partition("-")[0]


def key_of(name: Stream) -> str:
    """Return the id of the thing that a stream is about."""
    return name.partition("-")[2]


def derived(cause: UUID, what: str) -> UUID:
    """Return the id that follows from a cause."""
    return uuid5(cause, what)


def event_id(command_id: UUID, ordinal: int) -> UUID:
    """Return the id of a command's n-th event: its `derived` id, in half the time."""
    digest = hashlib.sha1(command_id.bytes + b"%d" % ordinal, usedforsecurity=False).digest()
    return UUID(int=int.from_bytes(digest[:16], "big") & _WITHOUT_VERSION | _VERSION_5)


_WITHOUT_VERSION = ~(0xF000 << 64 | 0xC000 << 48)
_VERSION_5 = 0x5000 << 64 | 0x8000 << 48


def named(*parts: str) -> UUID:
    """Return the id that follows from names alone; the parts cannot run into each other."""
    return uuid5(KHATA_NAMESPACE, "".join(f"{len(part)}:{part}" for part in parts))


def public_id(prefix: str, value: UUID) -> str:
    """Write an id the way clients see it: a prefix and 26 letters or digits."""
    return f"{prefix}_{b32encode(value.bytes).decode().rstrip('=').lower()}"


def order_of(checkout_session_id: str) -> tuple[str, str]:
    """Return the id and the number of the order that a session becomes."""
    order = named("order", checkout_session_id)
    return public_id("ord", order), order_number(order)


def order_number(order: UUID) -> str:
    """Return the number a person reads out: ten letters or digits of the id, in two fives."""
    letters = b32encode(order.bytes[:7]).decode().translate(_READABLE)[:10]
    return f"{letters[:5]}-{letters[5:]}"


def order_number_as_read(text: str) -> str:
    """Return how a number that somebody read or copied is written, if it is one."""
    signs = "".join(sign for sign in text.upper().translate(_READABLE) if sign.isalnum())
    return f"{signs[:5]}-{signs[5:]}"


_READABLE = str.maketrans("ILOU", "1890")


def normalised_email(email: str) -> str:
    """Return the spelling under which two writings of one mailbox are the same.

    Only case and Unicode's canonical forms are. What merely looks alike, or means
    the same to a reader (wide letters, ligatures, the German sharp s), can be
    somebody else's mailbox, to which this shop would send somebody's secrets.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", email).strip().lower())


def mailbox_id(email: str, key: bytes) -> str:
    """Return the keyed hash under which the book knows a mailbox; it never holds the address."""
    return hmac.new(key, normalised_email(email).encode(), hashlib.sha256).hexdigest()[:40]
