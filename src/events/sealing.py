"""Boxes: AES-256-GCM with a version byte in front, so that another cipher can follow one day."""

from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TokenBytes = Callable[[int], bytes]
"""Chance, as `secrets.token_bytes` gives it."""

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION = b"\x01"


class BrokenBoxError(Exception):
    """The box was altered, or belongs to another key or another name."""


def shut(key: bytes, plain: bytes, name: str, token_bytes: TokenBytes) -> bytes:
    """Return version, nonce and ciphertext; the name is authenticated with them."""
    nonce = token_bytes(NONCE_BYTES)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, plain, name.encode())


def unlock(key: bytes, box: bytes, name: str) -> bytes:
    """Return what was shut in the box; raises BrokenBoxError."""
    if box[:1] != VERSION:
        raise BrokenBoxError("a box of an unknown version")
    nonce, ciphertext = box[1 : 1 + NONCE_BYTES], box[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, name.encode())
    except (InvalidTag, ValueError):
        raise BrokenBoxError("a box that this key does not open") from None
