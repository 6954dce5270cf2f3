"""The hashes of the book, recomputed outside the database: an auditor needs no more than this.

All integers are big-endian and signed. A leaf is the SHA-256 of, one after the other,

    00                one byte, as RFC 9162 marks leaves
    book              4
    recorded_at       8, microseconds since 1970-01-01 UTC
    position          8
    version           4
    schema_version    2
    event_id          16
    command_id        16
    correlation_id    16
    causation_id      its length (4) and 16 bytes; without one, the length -1 alone
    lengths           of stream, type and actor in bytes of UTF-8, 4 each
    stream, type, actor, payload    in UTF-8; the payload exactly as stored

The root of an append is the
SHA-256 of its leaves in order; the chain is the SHA-256 of the chain before it,
the root, and the first and last position (8 each). The chain of an empty book
is 32 zero bytes.
"""

import hashlib
import struct
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from src.events.envelope import StoredEvent

EMPTY_CHAIN = bytes(32)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CAUSATION = struct.pack(">i", 16)
_NO_CAUSATION = struct.pack(">i", -1)


def leaf(book: int, event: StoredEvent) -> bytes:
    """Return the hash that the book must hold beside this event."""
    recorded_us = (event.recorded_at - _EPOCH) // _MICROSECOND
    numbers = book, recorded_us, event.position, event.version, event.schema_version
    ids = event.event_id, event.command_id, event.correlation_id
    texts = [text.encode() for text in (event.stream, event.type, event.actor)]
    parts = (
        struct.pack(">xiqqih", *numbers),
        *(given.bytes for given in ids),
        _NO_CAUSATION if event.causation_id is None else _CAUSATION + event.causation_id.bytes,
        struct.pack(">iii", *map(len, texts)),
        *texts,
        bytes(event.payload),
    )
    return hashlib.sha256(b"".join(parts)).digest()


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the hash over one append's leaves."""
    return hashlib.sha256(b"".join(leaves)).digest()


def chain(before: bytes, root_of_append: bytes, first: int, last: int) -> bytes:
    """Return the chain after an append of the positions first to last."""
    return hashlib.sha256(before + root_of_append + struct.pack(">qq", first, last)).digest()
