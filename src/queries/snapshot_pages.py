"""Snapshots page by page, in the order of their streams."""

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct

from src.events.hashed_page import Asking
from src.events.identifiers import Stream
from src.queries.stream_range import Range

PAGE_SNAPSHOTS = 500


class Kept(NamedTuple):
    """A snapshot as it is stored."""

    version: int
    code: str
    state: str


class SnapshotPage(Struct, frozen=True, kw_only=True):
    """All snapshots of the streams before `end`, from where the page before ended."""

    rows: Mapping[Stream, Kept]
    end: Stream


async def snapshot_page(db: Asking, book: int, within: Range) -> SnapshotPage:
    """Return the first snapshots of a range."""
    page = await db.fetch(_SNAPSHOTS, book, within.begin, within.end, PAGE_SNAPSHOTS)
    rows = {Stream(row[0]): Kept(row[1], row[2], row[3]) for row in page}
    if len(page) < PAGE_SNAPSHOTS:
        return SnapshotPage(rows=rows, end=within.end)
    last = Stream(page[-1][0])
    del rows[last]
    return SnapshotPage(rows=rows, end=last)


_SNAPSHOTS = """
select stream, version, folded, state::text from models.snapshots
where book = $1 and stream >= $2 and stream < $3 order by stream limit $4
"""
