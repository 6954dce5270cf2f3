"""What a chart of the console says, before it is drawn: its main point, its numbers, its table."""

import hashlib
from collections.abc import Sequence
from enum import StrEnum

import msgspec
from msgspec import Struct

from src.events.money import Money
from src.queries.amounts import written

KEY_BYTES = 16
NOTHING = "-"
"""What a table shows where there is no number."""


class Kind(StrEnum):
    """How the numbers lie beside each other."""

    PERIODS = "periods"
    """Along the time: bars, or lines where there are too many for bars."""
    PARTS = "parts"
    """One below the other: names are read across."""


class Unit(StrEnum):
    """What is counted."""

    MONEY = "money"
    """Minor units of the chart's currency."""
    COUNT = "count"
    SHARE = "share"
    """Of one: 0.25 is written 25 %."""


class Series(Struct, frozen=True):
    """One row of numbers, one for each label; None where there is none."""

    name: str
    values: tuple[float | None, ...]


class Chart(Struct, frozen=True, kw_only=True):
    """A picture and its table: both are made from these numbers and from nothing else."""

    name: str
    """The last part of its address."""
    title: str
    point: str
    """The main point in a sentence: what somebody is told who does not see the picture."""
    kind: Kind
    unit: Unit
    currency: str = ""
    labelled: str
    """What the labels are: the head of the table's first column."""
    labels: tuple[str, ...]
    series: tuple[Series, ...]

    @property
    def key(self) -> str:
        """A name for exactly this picture."""
        return hashlib.blake2b(msgspec.json.encode(self), digest_size=KEY_BYTES).hexdigest()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be seen."""
        return not any(value for each in self.series for value in each.values)

    def written(self, value: float | None) -> str:
        """Write one of its numbers as people do."""
        return write_number(value, self.unit, self.currency)

    def rows(self) -> list[tuple[str, list[str]]]:
        """Return the table: each label with its numbers in the order of the series."""
        return [
            (label, [self.written(each.values[at]) for each in self.series])
            for at, label in enumerate(self.labels)
        ]


def write_number(value: float | None, unit: Unit, currency: str) -> str:
    """Write a number with its unit; money is exact."""
    match value, unit:
        case None, _:
            return NOTHING
        case _, Unit.MONEY:
            return written(Money(round(value), currency))
        case _, Unit.SHARE:
            return f"{value * 100:.1f} %"
        case _, Unit.COUNT:
            return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def series(name: str, values: Sequence[float | None]) -> Series:
    """Return a row of numbers."""
    return Series(name, tuple(values))
