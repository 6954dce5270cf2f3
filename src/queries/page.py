"""Lists in pages: a cursor says after which row to go on, and nobody can forge one.

A cursor is the last row's place in the order of its list, signed for that
list. Rows that come meanwhile are neither repeated nor skipped.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

LIMIT_DEFAULT = 20
LIMIT_MAX = 100
CURSOR_CHARACTERS_MAX = 500
_SIGNATURE_BYTES = 16

T = TypeVar("T")
S = TypeVar("S")


class BadCursor(ValueError):
    """The cursor was not made by this list of this shop."""


class Page(Struct, Generic[T], frozen=True):
    """Some rows, and the cursor of the next ones; None at the end."""

    items: list[T]
    next_cursor: str | None


class Cursors(Struct, frozen=True):
    """Makes and reads cursors with the installation's key."""

    key: bytes

    def write(self, list_name: str, place: object) -> str:
        """Sign a place in a list, URL-safe."""
        body = msgspec.json.encode(place)
        return urlsafe_b64encode(self._signature(list_name, body) + body).decode().rstrip("=")

    def read(self, list_name: str, cursor: str, place: type[S]) -> S:
        """Return the place, or raise BadCursor."""
        signature, body = _parts(cursor)
        if not hmac.compare_digest(signature, self._signature(list_name, body)):
            raise BadCursor("the cursor was not made by this list")
        try:
            return msgspec.json.decode(body, type=place)
        except msgspec.MsgspecError as error:
            raise BadCursor("the cursor was made by another version of this list") from error

    def _signature(self, list_name: str, body: bytes) -> bytes:
        whole = b"khata cursor\0" + list_name.encode() + b"\0" + body
        return hmac.new(self.key, whole, hashlib.sha256).digest()[:_SIGNATURE_BYTES]


def _parts(cursor: str) -> tuple[bytes, bytes]:
    if len(cursor) > CURSOR_CHARACTERS_MAX or "=" in cursor:
        raise BadCursor("the cursor is too long, or padded")
    try:
        whole = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except (UnicodeEncodeError, Base64Error) as error:
        raise BadCursor("the cursor is not URL-safe base64") from error
    if urlsafe_b64encode(whole).decode().rstrip("=") != cursor:
        raise BadCursor("the cursor was changed")
    return whole[:_SIGNATURE_BYTES], whole[_SIGNATURE_BYTES:]


def rows_wanted(limit: int) -> int:
    """One row more than is shown says whether there is a next page."""
    return max(1, min(limit, LIMIT_MAX)) + 1


def page_of(
    rows: Sequence[Any],
    limit: int,
    item: Callable[[Any], T],
    cursor_after: Callable[[Any], str],
) -> Page[T]:
    """Make a page of the rows that `rows_wanted` asked for."""
    shown = rows[: rows_wanted(limit) - 1]
    more = len(rows) > len(shown)
    return Page([item(row) for row in shown], cursor_after(shown[-1]) if more else None)
