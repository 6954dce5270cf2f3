"""Where a read model says something else than the book, in words that name the row."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from msgspec import Struct

from src.events.identifiers import Stream, key_of
from src.queries.expected_rows.table import NONE, Rows, Stood, Table

VALUE_CHARACTERS_MAX = 60
Document = Mapping[str, Any]


class Difference(Struct, frozen=True, kw_only=True):
    """One row that is not as the book says; the book is not to blame."""

    model: str
    row: str | None
    """None if it is about all of them."""
    position: int
    """Of the stream's last event that the read model has seen; 0 if there is none."""
    words: str

    def __str__(self) -> str:
        row = "it" if self.row is None else f"row {self.row}"
        return f"read model {self.model}: {row} {self.words}"

    @property
    def remedy(self) -> str:
        """The command that makes the read model anew."""
        return f"khata rebuild {self.model}"


def differences(table: Table, stood: Stood, stored: Rows) -> Iterator[Difference]:
    """Compare all rows of one stream with what the book makes of it."""
    expected = table.expected(stood) if stood.version else NONE
    if expected == stored:
        return
    position = stood.position
    for inner in sorted(expected.keys() | stored.keys()):
        words = _words(table, expected.get(inner), stored.get(inner))
        if words:
            row = f"{_key(table, stood.stream)} {inner}".rstrip()
            yield Difference(model=table.model, row=row, position=position, words=words)


def _key(table: Table, name: Stream) -> str:
    return name if len(table.categories) > 1 else key_of(name)


def _words(
    table: Table, expected: Sequence[Any] | None, stored: Sequence[Any] | None
) -> str | None:
    if stored is None:
        return "is not there, and the book has it"
    if expected is None:
        return "is there, and the book has nothing of it"
    pairs = zip(table.columns, stored, expected, strict=True)
    said = [_said(column, is_, should) for column, is_, should in pairs if is_ != should]
    return "; ".join(said)


def _said(column: str, stored: object, expected: object) -> str:
    match stored, expected:
        case dict(), dict():
            other = ", ".join(_other_keys(cast("Document", stored), cast("Document", expected)))
            return f"says something else of {other} in its {column} than the book"
        case int(), int():
            return f"says {stored} {column}, the book {expected}"
        case _:
            return f"says {column} {_short(stored)}, the book {_short(expected)}"


def _other_keys(stored: Document, expected: Document) -> list[str]:
    keys = stored.keys() | expected.keys()
    return sorted(key for key in keys if stored.get(key) != expected.get(key))


def _short(value: object) -> str:
    written = "nothing" if value is None else str(value)
    return f"{written[:VALUE_CHARACTERS_MAX]}…" if len(written) > VALUE_CHARACTERS_MAX else written
