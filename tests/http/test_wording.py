"""What is wrong is said in plain words, whatever the type, and without the value."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec import Struct

from src.http.fields import (
    Code,
    Country,
    Currency,
    Email,
    Id,
    Moment,
    Name,
    Phone,
    PostalCode,
    Quantity,
)
from src.http.json_body import parse
from src.http.refusals import InvalidInput
from src.http.wording import NOT_VALID, OTHER_FORM, plain_words

PARSERS_WORDS = ("Expected", "`", "regex", "[A-", "str", "array", "Invalid")


class Mood(StrEnum):
    GOOD = "good"


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (Quantity, "1", "must be a whole number"),
        (Quantity, 0, "must be at least 1"),
        (Quantity, 1_000, "must be at most 999"),
        (Quantity | None, "1", "must be a whole number or null"),
        (Id, "", "must not be empty"),
        (Id, "s" * 129, "must have at most 128 characters"),
        (Id, 7, "must be text"),
        (bool, 1, "must be true or false"),
        (list[int], {}, "must be a list"),
        (dict[str, int], 1, "must be an object"),
        (Moment, "yesterday", "must be a time as in RFC 3339, such as 2026-01-15T12:00:00Z"),
        (
            Moment,
            "2026-01-15T12:00:00",
            "must say its offset from UTC, such as 2026-01-15T12:00:00Z",
        ),
        (date, "yesterday", "must be a day, as 2026-01-31"),
        (UUID, "sesame", "must be a UUID"),
        (Mood, "sesame", "is none of the known values"),
        (Name, "two\nlines", "must be one line, without control characters"),
        (Currency, "inr", "must be three capital letters, such as INR"),
        (Country, "in", "must be two capital letters, such as IN"),
        (Email, "sesame", "must be an e-mail address, such as asha@example.com"),
        (Phone, "sesame", "must be a phone number, such as +91 80 2345 6789"),
        (
            PostalCode,
            "?se",
            (
                "has characters that are not allowed here; letters, digits, spaces "
                "and - are, and the first is a letter or digit"
            ),
        ),
        (
            Code,
            "a b",
            (
                "has characters that are not allowed here; letters, digits, . _ - are, "
                "and the first is a letter or digit"
            ),
        ),
    ],
)
def test_a_fault_is_said_in_plain_words(kind: Any, value: object, message: str) -> None:  # noqa: ANN401  # any type
    wanted = msgspec.defstruct("Wanted", [("field", kind)])
    with pytest.raises(InvalidInput) as caught:
        parse(msgspec.json.encode({"field": value}), wanted)
    assert [(each.field, each.message) for each in caught.value.errors] == [("field", message)]
    assert not any(word in message for word in PARSERS_WORDS)


def test_a_fault_in_a_list_names_the_place() -> None:
    class Line(Struct):
        sku: Code

    class Lines(Struct):
        lines: list[Line]

    with pytest.raises(InvalidInput) as caught:
        parse(b'{"lines": [{"sku": "a"}, {"sku": ""}]}', Lines)
    assert [each.field for each in caught.value.errors] == ["lines[1].sku"]


def test_words_that_are_not_known_are_not_repeated() -> None:
    assert plain_words("Somebody said 'sesame'") == NOT_VALID
    assert plain_words("Expected `str` matching regex '^sesame$'") == OTHER_FORM
