"""What is wrong with a value, in words for people; never the value itself."""

import re
from collections.abc import Callable, Mapping, Sequence

from src.http.fields import (
    CODE_PATTERN,
    COUNTRY_PATTERN,
    CURRENCY_PATTERN,
    EMAIL_PATTERN,
    PHONE_PATTERN,
    POSTAL_CODE_PATTERN,
    PRINTABLE_PATTERN,
)

NOT_VALID = "is not valid"
"""Said where nothing better is known: the words of others may repeat what the client sent."""
OTHER_FORM = "does not have the expected form"

_PATTERNS: Mapping[str, str] = {
    repr(pattern): words
    for pattern, words in (
        (
            CODE_PATTERN,
            (
                "has characters that are not allowed here; letters, digits, . _ - are, "
                "and the first is a letter or digit"
            ),
        ),
        (
            POSTAL_CODE_PATTERN,
            (
                "has characters that are not allowed here; letters, digits, spaces and - are, "
                "and the first is a letter or digit"
            ),
        ),
        (PRINTABLE_PATTERN, "must be one line, without control characters"),
        (CURRENCY_PATTERN, "must be three capital letters, such as INR"),
        (COUNTRY_PATTERN, "must be two capital letters, such as IN"),
        (EMAIL_PATTERN, "must be an e-mail address, such as asha@example.com"),
        (PHONE_PATTERN, "must be a phone number, such as +91 80 2345 6789"),
    )
}
_KINDS: Mapping[str, str] = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "null": "null",
    "object": "an object",
    "array": "a list",
    "date": "a day, as 2026-01-31",
    "datetime": "a time as in RFC 3339, such as 2026-01-15T12:00:00Z",
    "uuid": "a UUID",
}


def plain_words(words: str) -> str:
    """Turn the parser's words into plain ones; those that are not known are dropped."""
    for form, say in _FORMS:
        if said := form.match(words):
            return say(said)
    return NOT_VALID


def one_of(values: Sequence[str]) -> str:
    """Say what is taken where only a few values are."""
    return f"must be one of {', '.join(values)}"


def _kind(said: re.Match[str]) -> str:
    kinds = [_KINDS.get(kind) for kind in said[1].split(" | ")]
    return f"must be {' or '.join(map(str, kinds))}" if all(kinds) else NOT_VALID


def _length(said: re.Match[str]) -> str:
    kind, relation, length = said.groups()
    if relation == ">=" and length == "1":
        return "must not be empty"
    things = "characters" if kind == "str" else "entries"
    return f"must have {_bound(relation)} {length} {things}"


def _bound(relation: str) -> str:
    return "at least" if relation == ">=" else "at most"


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (
        re.compile(r"Expected `str` matching regex (.+)", re.DOTALL),
        lambda said: _PATTERNS.get(said[1], OTHER_FORM),
    ),
    (re.compile(r"Expected `(str|array|object)` of length ([<>]=) (\d+)$"), _length),
    (
        re.compile(r"Expected `(?:int|float)` ([<>]=) (-?[\d.]+)$"),
        lambda said: f"must be {_bound(said[1])} {said[2]}",
    ),
    (
        re.compile(r"Expected `datetime` with a timezone component$"),
        lambda _: "must say its offset from UTC, such as 2026-01-15T12:00:00Z",
    ),
    (re.compile(r"Expected `([a-z |]+)`(?:, got `\w+`)?$"), _kind),
    (re.compile(r"Invalid RFC3339 encoded datetime$"), lambda _: f"must be {_KINDS['datetime']}"),
    (re.compile(r"Invalid RFC3339 encoded date$"), lambda _: f"must be {_KINDS['date']}"),
    (re.compile(r"Invalid UUID$"), lambda _: f"must be {_KINDS['uuid']}"),
    (re.compile(r"(?:Integer value|Number) out of range$"), lambda _: "is out of range"),
    (re.compile(r"Invalid (?:enum )?value "), lambda _: "is none of the known values"),
)
"""What the parser says, and how we say it; the first that fits."""
