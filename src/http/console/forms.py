"""What a form of the console says: a few short texts, read into the struct that a page asks for."""

from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from src.http.auth import is_open
from src.http.console.session import check_form
from src.http.json_body import parse
from src.http.refusals import FieldError, InvalidInput
from src.http.shop_request import Seen, ShopRequest

FIELDS_MAX = 40
FORM_TOKEN, ONCE = "form", "once"
"""The hidden fields of every form: whose it is, and which of its sendings are one."""

T = TypeVar("T", bound=Struct)


def fields_of(body: bytes) -> dict[str, str]:
    """Return the fields of a form, without those left empty; raises InvalidInput."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"), max_num_fields=FIELDS_MAX, errors="strict", separator="&"
        )
    except ValueError as wrong:
        raise InvalidInput(FieldError("form", "cannot be read")) from wrong
    return {name: value.strip().replace("\r\n", "\n") for name, value in pairs if value.strip()}


def form(request: ShopRequest, kind: type[T]) -> T:
    """Return the form as the struct that a page wants; raises InvalidInput with what is wrong."""
    said = fields_of(request.raw)
    wanted = {name: value for name, value in said.items() if name not in {FORM_TOKEN, ONCE}}
    parsed: T = parse(msgspec.json.encode(wanted), kind)
    return parsed


def sent_once(seen: Seen, path: str, origins: frozenset[str]) -> bytes | None:
    """Return the key of a form's sendings, so that a double click is one command.

    Raises ForeignForm for what no page of this session can have sent. The login looks
    for itself: there is no session yet.
    """
    if is_open(path):
        return None
    said = fields_of(seen.body)
    check_form(seen.headers, said.get(FORM_TOKEN), origins)
    once = said.get(ONCE)
    return None if once is None else once.encode()
