"""A page of figures before it is a page: charts, and beside each the table of its numbers."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from src.http.console.charts import Chart, Unit, write_number
from src.queries.analytics.freshness import Freshness


class Table(Struct, frozen=True, kw_only=True):
    """Numbers as they are written; the first column names the row."""

    caption: str
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]
    foot: tuple[str, ...] | None = None
    words: int = 1
    """So many columns from the left are words; numbers stand at the right."""


class Figure(Struct, frozen=True, kw_only=True):
    """A chart with its table."""

    chart: Chart
    table: Table


class Sheet(Struct, frozen=True, kw_only=True):
    """One page of figures."""

    title: str
    about: str
    """What is counted, in a sentence or two."""
    sums: list[tuple[str, str]]
    """The few numbers to be seen first."""
    figures: list[Figure]
    tables: list[Table]
    """What no chart shows."""
    fresh: Freshness

    def chart(self, name: str) -> Chart | None:
        """Return one of its charts."""
        return next((each.chart for each in self.figures if each.chart.name == name), None)


def table_of(chart: Chart) -> Table:
    """Return the table of exactly the numbers that a chart shows."""
    return Table(
        caption=chart.title,
        heads=(chart.labelled, *(each.name for each in chart.series)),
        rows=[(label, *numbers) for label, numbers in chart.rows()],
    )


def money(amount: float, currency: str) -> str:
    """Write an amount of minor units."""
    return write_number(amount, Unit.MONEY, currency)


def count(number: float) -> str:
    """Write how many."""
    return write_number(number, Unit.COUNT, "")


def share(part: float | None) -> str:
    """Write a part of one in hundredths."""
    return write_number(part, Unit.SHARE, "")


def day(on: date) -> str:
    """Write a day as all pages do."""
    return f"{on:%d %b %Y}"


def moment(at: datetime, zone: str) -> str:
    """Write a time as the shop's clock shows it."""
    return f"{at.astimezone(ZoneInfo(zone)):%d %b %Y, %H:%M:%S}"


_LENGTHS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"))


def seconds(length: float | None) -> str:
    """Write a time in the largest unit of which there are two or more."""
    if length is None:
        return write_number(None, Unit.COUNT, "")
    for unit, name in _LENGTHS:
        if length >= 2 * unit:
            return f"{length / unit:.1f} {name}"
    return f"{length:.1f} seconds"


def plural(number: int, what: str) -> str:
    """Write a number of things."""
    return f"1 {what}" if number == 1 else f"{number:,} {what}s"
