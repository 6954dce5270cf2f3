"""All tables and the snapshots at once, each read as far ahead of the walk as its pages reach."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence

from src.events.hashed_page import Asking
from src.events.identifiers import Stream, category_of
from src.queries.expected_rows.table import NONE, Rows, Table
from src.queries.row_pages import Place, table_page
from src.queries.snapshot_pages import Kept, SnapshotPage, snapshot_page
from src.queries.stream_range import Range
from src.queries.stream_replay import Claim


class TableCursor:
    """One table, with the rows that the walk has not come to."""

    def __init__(self, table: Table, version: int, begin: Stream) -> None:
        self.table = table
        self.version = version
        self.end = begin
        self.place: Place | None = None
        self.is_given_up = False
        """Nobody asks any more once enough is wrong with its read model."""
        self.rows: dict[Stream, Rows] = {}
        self.left_out: set[Stream] = set()
        """Streams with too many rows to be compared."""

    async def read(self, db: Asking, book: int, within: Range) -> None:
        """Read the next page."""
        if self.is_given_up:
            self.end = within.end
            return
        page = await table_page(db, book, self.table, self.version, within)
        self.rows = dict(page.rows)
        self.end, self.place = page.end, page.place
        if page.left_out is not None:
            self.left_out.add(page.left_out)

    def claim(self, name: Stream) -> Claim | None:
        """Take what the table says of a stream; None if nobody asked it."""
        if self.place is None or self.is_given_up or name in self.left_out:
            return None
        return Claim(self.table, self.rows.pop(name, NONE), self.place.position)


class RowCursors:
    """Everything that is compared with the streams of a range."""

    def __init__(
        self, db: Asking, book: int, tables: Sequence[tuple[Table, int]], within: Range
    ) -> None:
        self._db, self._book, self._within = db, book, within
        self.tables = [TableCursor(table, at, within.begin) for table, at in tables]
        self._snapshots = SnapshotPage(rows={}, end=within.begin)
        self._kept: dict[Stream, Kept] = {}
        self._of: dict[str, list[TableCursor]] = defaultdict(list)
        for each in self.tables:
            for category in each.table.categories:
                self._of[category].append(each)

    async def next(self, begin: Stream) -> Range:
        """Read what is used up, and return how far everything reaches now."""
        within = Range(begin, self._within.end)
        due = [each for each in self.tables if each.end <= begin]
        await asyncio.gather(*(each.read(self._db, self._book, within) for each in due))
        if self._snapshots.end <= begin:
            self._snapshots = await snapshot_page(self._db, self._book, within)
            self._kept = dict(self._snapshots.rows)
        ends = (self._snapshots.end, *(each.end for each in self.tables))
        return Range(begin, min(ends))

    def claims(self, name: Stream) -> list[Claim]:
        """Take what the tables of its category say of a stream."""
        found = [each.claim(name) for each in self._of.get(category_of(name), ())]
        return [each for each in found if each is not None]

    def strays(self, name: Stream) -> list[Claim]:
        """Take what any table says of a stream that the walk did not ask it about."""
        found = [each.claim(name) for each in self.tables if name in each.rows]
        return [each for each in found if each is not None]

    def kept(self, name: Stream) -> Kept | None:
        """Take the snapshot of a stream."""
        return self._kept.pop(name, None)

    def left_out(self) -> set[tuple[str, Stream]]:
        """Return the streams with too many rows to be compared, by read model."""
        return {(each.table.model, name) for each in self.tables for name in each.left_out}

    def give_up(self, model: str) -> None:
        """Ask no more about a read model."""
        for each in self.tables:
            if each.table.model == model:
                each.is_given_up = True
                each.rows = {}

    def left(self, end: Stream) -> Iterator[Stream]:
        """Return the streams before a name that are still spoken of: there are none such."""
        named = {name for each in self.tables for name in each.rows} | self._kept.keys()
        yield from sorted(name for name in named if name < end)
