"""What of an event a file shows: nothing that names a person, unless that was asked for.

The book holds what names a person in sealed boxes, and mailboxes as keyed hashes.
A box cannot be read without its key, and a hash not be turned back; but both are
the same for the same person, and both outlive the file's reason. So a file
shows neither, unless somebody wants the book exactly as it is stored, or may
read the boxes.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, cast

import msgspec

from src.events.actors import STAFF
from src.events.identifiers import MAILBOX
from src.events.ports import KeyRing, Sealed

SEALED, ERASED, WITHHELD = "sealed", "erased", "withheld"
"""What stands where somebody may not look, where nobody can any more, and for words of staff."""
OPENED_FIELDS = frozenset({"contact", "shipping_address", "billing_address", "profile", "address"})
"""Who it was and where they live."""
NEVER_OPENED_FIELDS = frozenset({"password", "body"})
"""The hash of a password, and what Razorpay wrote of a person: no file is the place for them."""
WORDS_OF_STAFF: Mapping[str, str] = {
    "CaseResolved": "note",
    "OrderCancelled": "reason",
    "OrderFulfilled": "reference",
    "RefundRequested": "reason",
    "StockAdjusted": "reason",
    "StockReceived": "reference",
}
"""By the name of the fact: what staff wrote freely. They are asked to name no person, and may."""
_BOX_FIELDS = {"key_id", "box"}
_BOX, _MAILBOX, _MAILBOX_OF = '"box"', '"mailbox', f"{MAILBOX}:"
_MAILBOX_STREAM = f"{MAILBOX}-"
_WRITTEN_BOX = re.compile(r'\{"key_id":"[^"\\]*","box":"[^"\\]*"\}')
_WRITTEN_MAILBOX = re.compile(rf'"{MAILBOX}":"[^"\\]*"')
_COVERED_MAILBOX = f'"{MAILBOX}":"{SEALED}"'


class Disclosure(StrEnum):
    """How much a file shows."""

    CAREFUL = "careful"
    """No boxes, no hashes of mailboxes, and of staff only the role, not what they wrote."""
    AS_STORED = "as stored"
    """The exact bytes of the book; what is sealed is ciphertext."""
    PERSONAL = "personal data"
    """Boxes are opened: names, e-mail, phones and addresses."""


def stream_shown(stream: str) -> str:
    """Name a stream without the keyed hash of a mailbox."""
    return f"{_MAILBOX_STREAM}{SEALED}" if stream.startswith(_MAILBOX_STREAM) else stream


def actor_shown(actor: str) -> str:
    """Name the role of a member of staff, without who it was and what they said."""
    if not actor.startswith(STAFF):
        return actor
    return STAFF + actor.removeprefix(STAFF).partition(":")[0]


def words_shown(name: str, payload: str) -> str:
    """Return the payload of a fact of this name without what staff wrote freely."""
    field = WORDS_OF_STAFF.get(name)
    if field is None:
        return payload
    fields: dict[str, Any] = msgspec.json.decode(payload)
    return _written({**fields, field: WITHHELD}) if fields.get(field) is not None else payload


def may_name_somebody(payload: str) -> bool:
    """Whether a payload has to be looked at closely; most have not."""
    return _BOX in payload or _MAILBOX in payload


def without_persons(payload: str) -> str:
    """Return the payload with a word in place of each box and each hash of a mailbox.

    As Khata writes it, a payload can be covered in its text, ten times as fast as in
    its values; a quote inside a text has a backslash, and is taken for none of ours.
    """
    text = _WRITTEN_BOX.sub(f'"{SEALED}"', payload)
    text = _WRITTEN_MAILBOX.sub(_COVERED_MAILBOX, text)
    if _BOX not in text and text.count(_MAILBOX) == text.count(_COVERED_MAILBOX):
        return text
    return _written(_covered(msgspec.json.decode(payload)))


async def with_persons(payload: str, keys: KeyRing) -> str:
    """Return the payload with what was in the boxes; raises BrokenBoxError."""
    return _written(await _opened(msgspec.json.decode(payload), keys))


def _covered(value: Any, name: str = "") -> Any:  # noqa: ANN401 - a JSON value is anything
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        if fields.keys() == _BOX_FIELDS:
            return SEALED
        return {key: _covered(each, key) for key, each in fields.items()}
    if isinstance(value, list):
        return [_covered(each, name) for each in cast("Iterable[Any]", value)]
    return _without_mailbox(value, name) if isinstance(value, str) else value


async def _opened(value: Any, keys: KeyRing, name: str = "") -> Any:  # noqa: ANN401 - as above
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        if fields.keys() == _BOX_FIELDS:
            return await _in_the_box(fields, keys) if name in OPENED_FIELDS else SEALED
        return {key: await _opened(each, keys, key) for key, each in fields.items()}
    if isinstance(value, list):
        return [await _opened(each, keys, name) for each in cast("Iterable[Any]", value)]
    return _covered(value, name)


def _without_mailbox(text: str, name: str) -> str:
    if name == MAILBOX:
        return SEALED
    return f"{_MAILBOX_OF}{SEALED}" if text.startswith(_MAILBOX_OF) else stream_shown(text)


async def _in_the_box(box: dict[str, str], keys: KeyRing) -> Any:  # noqa: ANN401 - as above
    plain = await keys.open(Sealed(**box))
    return ERASED if plain is None else msgspec.json.decode(plain)


def _written(value: object) -> str:
    return msgspec.json.encode(value).decode()
