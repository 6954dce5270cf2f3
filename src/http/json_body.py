"""A JSON body becomes the struct that its handler asks for, strictly, or names its faults."""

import re
from functools import lru_cache
from typing import Any, cast

import msgspec
from msgspec import ValidationError
from msgspec.structs import FieldInfo, fields

from src.http.refusals import FieldError, InvalidInput, MalformedBody
from src.http.wording import plain_words

BODY_FIELD = "body"
"""What an error is about that no single field can answer for."""
ERRORS_MAX = 20

_NUL_ESCAPED = b"\\u0000"
_AT = re.compile(r" - at `(?:key in )?\$\.?(.*)`$")
_MISSING = re.compile(r"^Object missing required field `(.+)`$")
_UNKNOWN = re.compile(r"^Object contains unknown field `(.*)`$", re.DOTALL)
_BYTE = re.compile(r" \(byte (\d+)\)$")
_TRUNCATED = "Input data was truncated"
_OWN = re.compile(r"^([a-z][a-z0-9_]*): (.+)$")
"""How a struct of ours says which of its fields is wrong, where one alone cannot tell."""
_OUR_NAMES = re.compile(r"[a-z][a-z0-9_]{0,39}")


def parse(raw: bytes, wanted: Any) -> Any:  # noqa: ANN401  # the handler's annotation says what it is
    """Return the body as what is wanted; no body is an empty object.

    Raises MalformedBody for what is not JSON and InvalidInput for JSON that is not wanted.
    """
    body = raw or b"{}"
    try:
        parsed = _decoder(wanted).decode(body)
    except ValidationError as error:
        raise InvalidInput(*_errors(body, wanted, error)) from None
    except (ValueError, RecursionError) as error:
        raise MalformedBody(_why(error)) from error
    if _NUL_ESCAPED in body and _has_nul(msgspec.json.decode(body)):
        raise InvalidInput.of(BODY_FIELD, "U+0000 is not allowed in text")
    return parsed


@lru_cache(maxsize=256)
def _decoder(wanted: Any) -> msgspec.json.Decoder[Any]:  # noqa: ANN401  # as above
    return msgspec.json.Decoder(wanted)


def _why(error: ValueError | RecursionError) -> str | None:
    """Say about where the body stops being JSON, and not what stands there."""
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if at := _BYTE.search(str(error)):
        return f"look near byte {at[1]}"
    return "it ends too early" if str(error) == _TRUNCATED else None


def _has_nul(value: object) -> bool:
    """Whether the escape was one: a backslash before it would make it six plain characters."""
    match value:
        case str():
            return "\x00" in value
        case list():
            return any(map(_has_nul, cast("list[object]", value)))
        case dict():
            pairs = cast("dict[str, object]", value).items()
            return any(_has_nul(key) or _has_nul(item) for key, item in pairs)
        case _:
            return False


def _errors(body: bytes, wanted: Any, first: ValidationError) -> list[FieldError]:  # noqa: ANN401  # as above
    """Say everything that is wrong at once: one error for each field of the body."""
    try:
        given = msgspec.json.decode(body, type=Any)
    except ValidationError:
        return [_error("", str(first))]  # An integer of thousands of digits is JSON all the same.
    except (ValueError, RecursionError) as error:
        raise MalformedBody(_why(error)) from first  # The first fault was not the worst one.
    found: list[FieldError] = []
    if isinstance(given, dict) and isinstance(wanted, type) and issubclass(wanted, msgspec.Struct):
        found = _field_errors(cast("dict[str, Any]", given), wanted)
    return found[:ERRORS_MAX] or [_error("", str(first))]


def _field_errors(given: dict[str, Any], wanted: type[msgspec.Struct]) -> list[FieldError]:
    known = fields(wanted)
    found = [error for field in known if (error := _field_error(field, given))]
    names = {field.encode_name for field in known}
    return found + [_unknown(name) for name in given if name not in names]


def _field_error(field: FieldInfo, given: dict[str, Any]) -> FieldError | None:
    if field.encode_name not in given:
        return FieldError(field.encode_name, "is required") if field.required else None
    try:
        msgspec.convert(given[field.encode_name], field.type)
    except ValidationError as error:
        return _error(field.encode_name, str(error))
    return None


def _unknown(name: str) -> FieldError:
    # A client's own name for a field is repeated only if it could be one of ours.
    shown = name if _OUR_NAMES.fullmatch(name) else BODY_FIELD
    return FieldError(shown, "is not a field that we know")


def _error(field: str, words: str) -> FieldError:
    """Take msgspec's words apart: where, what, and never the value itself."""
    at = _AT.search(words)
    what = words[: at.start()] if at else words
    place = at[1] if at else ""
    if missing := _MISSING.match(what):
        return FieldError(_path(field, place, missing[1]), "is required")
    if unknown := _UNKNOWN.match(what):
        found = _unknown(unknown[1])
        return FieldError(_path(field, place, found.field), found.message)
    if own := _OWN.match(what):
        return FieldError(_path(field, place, own[1]), own[2])
    return FieldError(_path(field, place) or BODY_FIELD, plain_words(what))


def _path(*parts: str) -> str:
    """Join names by dots; an index in brackets follows its list without one."""
    return ".".join(filter(None, parts)).replace(".[", "[")
