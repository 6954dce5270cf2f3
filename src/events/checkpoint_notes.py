"""Checkpoints of the book as signed notes, in the open formats signed-note and tlog-checkpoint.

    khata/<installation>/<book>     the origin, which is also the key's name
    20852163                        the size of the tree, which is the last position
    CsUYapGGPo4d…                   its root
    5ElmS7mqZr0f…                   the chain of the append that ends there

    — khata/<installation>/<book> <key id and Ed25519 signature>

The chain is one extension line more than the format asks for: it binds the
appends, which the tree does not know, to the same signature.
"""

import re
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

ED25519 = b"\x01"
KEY_ID_BYTES = 4
NOTE_CHARACTERS_MAX = 2_000
"""A note of ours has a quarter of this; what is longer is not read."""

_HASH = r"[A-Za-z0-9+/]{43}="
_NOTE = re.compile(
    rf"(?P<text>(?P<origin>[^\s+]+)\n(?P<size>[1-9][0-9]{{0,18}})\n(?P<root>{_HASH})\n"
    rf"(?P<chain>{_HASH})\n)\n— (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/]+={{0,2}})\n"
)


class BadNoteError(Exception):
    """The note is not one of this book's notary."""


class Checkpoint(Struct, frozen=True, kw_only=True):
    """What the notary signs: the book up to position `size` is this one and no other."""

    size: int
    root: bytes
    chain: bytes


class NoteKey(Struct, frozen=True):
    """The public half, with the name that signs; written down as `name+key id+key`."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes that stand before a signature."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:KEY_ID_BYTES]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key as it is handed out; raises BadNoteError."""
        try:
            name, _, encoded = text.strip().split("+", 2)
            decoded = b64decode(encoded, validate=True)
            Ed25519PublicKey.from_public_bytes(decoded[1:])
        except ValueError as error:
            raise BadNoteError("not a public key of a notary") from error
        key = cls(name, decoded[1:])
        if str(key) != text.strip():
            raise BadNoteError("not a public key of a notary")
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64encode(ED25519 + self.public).decode()}"

    def read(self, note: str) -> Checkpoint:
        """Return what a note says, if this key has signed it; raises BadNoteError."""
        parts = _NOTE.fullmatch(note) if len(note) <= NOTE_CHARACTERS_MAX else None
        if parts is None or not parts["origin"] == parts["name"] == self.name:
            raise BadNoteError("not a checkpoint of this book")
        given = _decoded(parts["signature"])
        if given[:KEY_ID_BYTES] != self.key_id:
            raise BadNoteError("signed with another key")
        try:
            key = Ed25519PublicKey.from_public_bytes(self.public)
            key.verify(given[KEY_ID_BYTES:], parts["text"].encode())
        except InvalidSignature:
            raise BadNoteError("the signature is wrong") from None
        root, chain = _decoded(parts["root"]), _decoded(parts["chain"])
        return Checkpoint(size=int(parts["size"]), root=root, chain=chain)


def _decoded(text: str) -> bytes:
    """Read base64; the same bytes written in another way are refused."""
    try:
        decoded = b64decode(text, validate=True)
    except ValueError:
        decoded = b""
    if b64encode(decoded).decode() != text:
        raise BadNoteError("not base64")
    return decoded


class Signer:
    """The private half; it signs what it is given, so the notary looks first."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.key = NoteKey(name, private.public_key().public_bytes_raw())

    def sign(self, checkpoint: Checkpoint) -> str:
        """Return the note of a checkpoint."""
        root, chain = (b64encode(each).decode() for each in (checkpoint.root, checkpoint.chain))
        text = f"{self.key.name}\n{checkpoint.size}\n{root}\n{chain}\n"
        signature = self.key.key_id + self._private.sign(text.encode())
        return f"{text}\n— {self.key.name} {b64encode(signature).decode()}\n"
