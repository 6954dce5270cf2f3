"""What a column of a file holds, in the few kinds that every reader of files knows."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct


class Kind(StrEnum):
    """What a column holds; everything else is written as text."""

    BOOLEAN = "boolean"
    INT16 = "int16"
    INT32 = "int32"
    INT64 = "int64"
    FLOAT64 = "float64"
    DECIMAL = "decimal"
    DATE = "date"
    TIME = "time"
    """A moment to the microsecond, UTC."""
    TEXT = "text"


class Column(Struct, frozen=True, kw_only=True):
    """A column of a file, and how PostgreSQL is asked for it."""

    name: str
    kind: Kind
    comment: str
    type: str = "text"
    """As PostgreSQL calls it."""

    @property
    def asked(self) -> str:
        """The column in a select; what is no kind of ours comes as text, a list as JSON."""
        if self.type.endswith("[]"):
            return f"to_json({self.name})::text as {self.name}"
        if self.kind is Kind.DECIMAL:
            return f"round({self.name}, {DECIMAL_PLACES}) as {self.name}"
        if self.kind is Kind.TEXT and self.type != "text":
            return f"{self.name}::text as {self.name}"
        return self.name


DECIMAL_DIGITS, DECIMAL_PLACES = 38, 6
"""Money is never a decimal: it is whole minor units. Ratios and averages are."""

KINDS: Mapping[str, Kind] = {
    "boolean": Kind.BOOLEAN,
    "smallint": Kind.INT16,
    "integer": Kind.INT32,
    "bigint": Kind.INT64,
    "real": Kind.FLOAT64,
    "double precision": Kind.FLOAT64,
    "date": Kind.DATE,
    "timestamp with time zone": Kind.TIME,
}


def kind_of(type_name: str) -> Kind:
    """Return what a type of PostgreSQL is written as."""
    is_decimal = type_name.partition("(")[0] == "numeric" and not type_name.endswith("[]")
    return Kind.DECIMAL if is_decimal else KINDS.get(type_name, Kind.TEXT)
