"""Rows beside the walk through the streams: pages of read models, in its order.

A page of rows comes with the position up to which its read model had seen the
book at that very moment. Events are read after the rows, so that everything that
a row can know is there to judge it by, however fast the shop goes on.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from src.events.connection import Row
from src.events.hashed_page import Asking
from src.events.identifiers import Stream
from src.queries.expected_rows.table import FACTS_MAX, Rows, Table
from src.queries.stream_range import Range, only

PAGE_ROWS = 2_000


class Place(NamedTuple):
    """How far a read model has seen the book."""

    position: int
    stopped_at: int | None


class RowPage(Struct, frozen=True, kw_only=True):
    """All rows of the streams before `end`, from where the page before ended."""

    rows: Mapping[Stream, Rows]
    end: Stream
    place: Place | None
    """None for a read model that was never begun, and where nothing was asked."""
    left_out: Stream | None = None
    """The stream whose rows are too many to be compared, if there is one before `end`."""


async def table_page(db: Asking, book: int, table: Table, version: int, within: Range) -> RowPage:
    """Return the first rows of a range, all or none of each stream."""
    if not table.reaches(within):
        return RowPage(rows={}, end=within.end, place=None)
    begin, end = table.keys_in(within)
    asked, limit = _statement(table, version), PAGE_ROWS
    while True:
        page = await db.fetch(asked, book, table.model, version, begin, end, limit)
        is_full = len(page) == limit
        if not is_full or page[0][2] != page[-1][2]:
            return _page(table, page, within, is_full=is_full)
        if table.needs_facts and limit > FACTS_MAX:
            return _without(table.stream_of(page[0][2]), page[0])
        # Only a stream with more rows than a page is asked for again.
        limit = min(limit * 2, FACTS_MAX + 1) if table.needs_facts else limit * 2


def _without(name: Stream, row: Row) -> RowPage:
    return RowPage(rows={}, end=only(name).end, place=Place(row[0], row[1]), left_out=name)


def _page(table: Table, page: Sequence[Row], within: Range, *, is_full: bool) -> RowPage:
    rows: dict[Stream, dict[str, tuple[Any, ...]]] = {}
    for row in page:
        if row[2] is not None:
            values = table.read(tuple(row)[4:])
            rows.setdefault(table.stream_of(row[2]), {})[row[3]] = values
    place = Place(page[0][0], page[0][1]) if page else None
    if not is_full:
        return RowPage(rows=rows, end=within.end, place=place)
    # The last stream may have more rows than fit: the next page begins with it.
    last = table.stream_of(page[-1][2])
    del rows[last]
    return RowPage(rows=rows, end=last, place=place)


def _statement(table: Table, version: int) -> str:
    """Ask for rows and the checkpoint at once, so that they are of one moment."""
    inner = table.inner_key or "''"
    columns = ", ".join(table.columns)
    order = f"{table.key}, {table.inner_key}" if table.inner_key else table.key
    return f"""
select place.position, place.stopped_at, found.*
from models.checkpoints as place left join (
    select {table.key} as key, {inner}::text as inner_key, {columns}
    from models.{table.name}_v{version}
    where book = $1 and {table.key} >= $4 and {table.key} < $5
    order by {order} limit $6
) as found on true
where place.book = $1 and place.projection = $2 and place.version = $3
order by found.key, found.inner_key
"""  # noqa: S608 - only our own constants
