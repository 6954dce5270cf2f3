"""Check a bundle of Khata's book on a machine that has neither Khata nor a network.

    python verify_bundle.py BUNDLE [--key FILE]

Needs Python 3.11 and the package `cryptography`, nothing else; copy this file
and take it along. It answers 0 and says what was proven, 1 and why it was not, or 2
when there was nothing that it could check.

What is proven: the events in the bundle, every byte of them, stood in the book
at these positions when its notary signed the checkpoint. The bundle carries the
notary's public key, which proves nothing by itself: give the key that you were
handed beforehand with --key, or compare what is printed with it.

This is written a second time on purpose, from the layouts alone: leaves as
src/events/leaf.py describes them, the tree of RFC 9162, signed notes of C2SP.
"""

import argparse
import json
import re
import struct
import sys
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.stderr.write("Nothing was checked: the Python package cryptography is not installed.\n")
    sys.exit(2)

FORMAT = "khata-bundle-1"
FIELDS = {"format", "book", "key", "checkpoint", "proof", "events"}
EVENT_FIELDS = {
    "position",
    "recorded_us",
    "stream",
    "version",
    "type",
    "schema_version",
    "event_id",
    "command_id",
    "correlation_id",
    "causation_id",
    "actor",
    "payload",
}
ED25519 = b"\x01"
KEY_ID_BYTES = 4
NOTE = re.compile(
    r"(?P<text>(?P<origin>[^\s+]+)\n(?P<size>[1-9][0-9]{0,18})\n"
    r"(?P<root>[A-Za-z0-9+/]{43}=)\n[A-Za-z0-9+/]{43}=\n)"
    r"\n— (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/]+={0,2})\n"
)


class RefusedError(Exception):
    """The bundle does not prove what it says."""


class Proven(NamedTuple):
    """What a bundle proves."""

    key: str
    size: int
    events: list[dict[str, Any]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the bundle that the arguments name; return the exit code."""
    parser = argparse.ArgumentParser(description="Check a bundle of Khata's book.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--key", type=Path, help="the notary's public key, as you were handed it")
    given = parser.parse_args(arguments)
    try:
        trusted = given.key.read_text(encoding="utf-8").strip() if given.key else None
        proven = verify(given.bundle.read_bytes(), trusted)
    except OSError as error:
        sys.stderr.write(f"Nothing was checked: {error.filename}: {error.strerror}.\n")
        return 2
    except (RefusedError, UnicodeDecodeError) as error:
        sys.stderr.write(f"refused: {error}\n")
        return 1
    for line in _told(proven, is_trusted=trusted is not None):
        sys.stdout.write(line + "\n")
    return 0


def _told(proven: Proven, *, is_trusted: bool) -> Iterator[str]:
    for event in proven.events:
        time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=event["recorded_us"])
        place = f"{event['position']:>10}  {time:%Y-%m-%dT%H:%M:%S.%f}Z"
        yield f"{place}  {event['stream']}  {event['version']}  {event['type']}"
    yield f"proven: {len(proven.events)} events, under the checkpoint of size {proven.size}"
    yield f"signed by: {proven.key}"
    if not is_trusted:
        yield "The key came with the bundle: compare it with one that you were handed beforehand."


def verify(raw: bytes, trusted_key: str | None = None) -> Proven:
    """Return what the bundle proves; raises RefusedError."""
    try:
        return _verify(raw, trusted_key)
    except (ValueError, KeyError, TypeError, struct.error, OverflowError, RecursionError) as error:
        raise RefusedError(f"it cannot be read ({type(error).__name__})") from error


def _verify(raw: bytes, trusted_key: str | None) -> Proven:
    bundle = json.loads(raw)
    _must(_written(bundle) == raw, "it is not written the one way that a bundle is written")
    _must(set(bundle) == FIELDS and bundle["format"] == FORMAT, "it is not a bundle")
    _must(trusted_key in {None, bundle["key"]}, "it was signed with another key")
    events = bundle["events"]
    positions = [event["position"] for event in events]
    size, root = _checkpoint(bundle["checkpoint"], bundle["key"], bundle["book"])
    _must(bool(positions), "there is no event in it")
    _must(all(map(int.__lt__, positions, positions[1:])), "its events are out of order")
    _must(positions[0] > 0 and positions[-1] <= size, "an event is not under the checkpoint")
    leaves = [(event["position"] - 1, leaf(bundle["book"], event)) for event in events]
    beside = iter([_hash(each) for each in bundle["proof"]])
    _must(_root(leaves, 0, size, beside) == root, "the events are not the ones that were signed")
    _must(next(beside, None) is None, "the proof is too long")
    return Proven(bundle["key"], size, events)


def _must(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - it reads as a sentence
    if not holds:
        raise RefusedError(otherwise)


def _written(bundle: object) -> bytes:
    """Write a bundle; whoever changes its spelling and nothing else is found out."""
    text = json.dumps(bundle, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode() + b"\n"


def _checkpoint(note: str, key: str, book: int) -> tuple[int, bytes]:
    """Return size and root of the checkpoint, once its signature is found right."""
    name, public = _public_key(key)
    parts = NOTE.fullmatch(note)
    if parts is None or not parts["origin"] == parts["name"] == name:
        raise RefusedError("the checkpoint is not one of this notary")
    _must(name.endswith(f"/{book}"), "the checkpoint is one of another book")
    signature = _base64(parts["signature"])
    _must(signature[:KEY_ID_BYTES] == _key_id(name, public), "it was signed with another key")
    try:
        signed = parts["text"].encode()
        Ed25519PublicKey.from_public_bytes(public).verify(signature[KEY_ID_BYTES:], signed)
    except InvalidSignature:
        raise RefusedError("the checkpoint's signature is wrong") from None
    return int(parts["size"]), _base64(parts["root"])


def _public_key(text: str) -> tuple[str, bytes]:
    name, key_id, encoded = text.split("+", 2)
    decoded = _base64(encoded)
    _must(decoded[:1] == ED25519, "the key is of an unknown kind")
    _must(_key_id(name, decoded[1:]).hex() == key_id, "the key's id is not the one of its name")
    return name, decoded[1:]


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:KEY_ID_BYTES]


def _base64(text: str) -> bytes:
    try:
        decoded = b64decode(text, validate=True)
    except NotBase64:
        raise RefusedError("it holds what is no base64") from None
    _must(b64encode(decoded).decode() == text, "it holds base64 in another spelling")
    return decoded


def _hash(text: str) -> bytes:
    decoded = bytes.fromhex(text)
    _must(decoded.hex() == text and len(decoded) == sha256().digest_size, "it holds no hash")
    return decoded


def leaf(book: int, event: dict[str, Any]) -> bytes:
    """Return the hash of one event, all of whose fields it covers."""
    _must(set(event) == EVENT_FIELDS, "an event has other fields than events have")
    _must(all(type(event[name]) is int for name in _NUMBERS), "a number is none")
    numbers = [event[name] for name in _NUMBERS]
    texts = [event[name].encode() for name in ("stream", "type", "actor")]
    causation = event["causation_id"]
    parts = (
        struct.pack(">xiqqih", book, *numbers),
        *(_uuid(event[name]) for name in ("event_id", "command_id", "correlation_id")),
        struct.pack(">i", -1) if causation is None else struct.pack(">i", 16) + _uuid(causation),
        struct.pack(">iii", *map(len, texts)),
        *texts,
        event["payload"].encode(),
    )
    return sha256(b"".join(parts)).digest()


_NUMBERS = ("recorded_us", "position", "version", "schema_version")


def _uuid(text: str) -> bytes:
    value = UUID(text)
    _must(str(value) == text, "an id is written in another way")
    return value.bytes


def _root(
    leaves: Sequence[tuple[int, bytes]], low: int, high: int, beside: Iterator[bytes]
) -> bytes:
    """Return the root over leaves low to high: some are given, the rest is beside them."""
    if not leaves:
        return next(beside, b"")
    if high - low == 1:
        return leaves[0][1]
    middle = low + (1 << (high - low - 1).bit_length() - 1)
    left = _root([each for each in leaves if each[0] < middle], low, middle, beside)
    right = _root([each for each in leaves if each[0] >= middle], middle, high, beside)
    return sha256(b"\x01" + left + right).digest()


if __name__ == "__main__":
    sys.exit(main())
