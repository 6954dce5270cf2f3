"""One request as the handlers see it, and what they answer."""

from typing import Any
from urllib.parse import parse_qs

import msgspec
from msgspec import Struct

from src.http.sandbox.entity_table import Page
from src.http.sandbox.refusals import invalid, unsent

COUNT_MAX = 100
DIGITS_MAX = 12
_DECODER = msgspec.json.Decoder(dict[str, Any])


class Call(Struct, frozen=True):
    ids: tuple[str, ...]
    """The ids in the path, in their order."""
    query_string: bytes
    body: bytes
    headers: dict[bytes, bytes]

    def object(self) -> dict[str, Any]:
        """The body as a JSON object; nothing at all is an empty one."""
        try:
            return _DECODER.decode(self.body or b"{}")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise invalid("The request body must be a JSON object.") from None

    def query(self, *allowed: str) -> dict[str, list[str]]:
        sent = parse_qs(self.query_string.decode("latin-1"), keep_blank_values=True)
        if unknown := [name for name in sent if name not in allowed]:
            raise unsent(unknown)
        return sent


PAGING = ("count", "skip", "from", "to")


def page(query: dict[str, list[str]], count_max: int = COUNT_MAX) -> Page:
    count = _number(query, "count", 10)
    if count < 1:
        raise invalid("The count must be at least 1.", "count")
    if count > count_max:
        raise invalid(f"The count may not be greater than {count_max}.", "count")
    return Page(count, _number(query, "skip", 0), _moment(query, "from"), _moment(query, "to"))


def _number(query: dict[str, list[str]], name: str, otherwise: int) -> int:
    moment = _moment(query, name)
    return otherwise if moment is None else moment


def _moment(query: dict[str, list[str]], name: str) -> int | None:
    if name not in query:
        return None
    text = query[name][-1]
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX):
        raise invalid(f"The {name} must be an integer.", name)
    return int(text)
