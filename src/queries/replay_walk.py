"""One walk through the streams of a book: every fact folded, and what is kept of it compared.

The walk goes by segments. Rows and snapshots of a segment are read first, then
the head, then the events up to there: whatever a row has seen is among them.
What differs is looked at a second time, alone, before anybody hears of it: a
read model may have been replaced between two pages.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing

from msgspec import Struct

from src.events import notary_rows
from src.events.connection import Row
from src.events.findings import Finding, Kind
from src.events.hashed_page import Asking
from src.events.identifiers import Stream
from src.queries.differences import Difference
from src.queries.expected_rows.table import Table
from src.queries.row_cursors import RowCursors
from src.queries.stream_pages import stream_pages
from src.queries.stream_range import Range, only
from src.queries.stream_replay import Doubts, StreamReplay

FINDINGS_MAX = 1_000
"""After so many, somebody knows enough of the book."""
DIFFERENCES_MAX = 100
"""After so many, a read model is not looked at any more: it has to be built again."""

Progress = Callable[[int, int], object]
"""Is told how many events were replayed, and how many there are."""


def silent(done: int, total: int) -> None:
    """Tell nobody."""
    del done, total


class Replayable(Struct, frozen=True, kw_only=True):
    """A book up to a head, and what is kept of it."""

    db: Asking
    book: int
    head: int
    tables: Mapping[str, tuple[Table, int]]
    """By name, each with the version of its read model."""
    doubts: Doubts | None = None


class Counted(Struct, kw_only=True):
    """How much was gone through."""

    events: int = 0
    """Up to the head; those that came meanwhile are read where rows know of them."""
    streams: int = 0
    rows: int = 0
    snapshots: int = 0
    foreign_snapshots: int = 0
    """Folded by other code, and judged by nobody."""


class ReplayWalk:
    """Goes once through the streams of a range."""

    def __init__(self, of: Replayable, within: Range, *, is_second: bool = False) -> None:
        self.counted = Counted()
        self.findings: list[Finding] = []
        self.differences: list[Difference] = []
        self.given_up: set[str] = set()
        self.left_out: set[tuple[str, Stream]] = set()
        """Streams too long to be compared, each with the read model that has rows of it."""
        self.is_complete = True
        self._of, self._within, self._is_second = of, within, is_second
        self._cursors = RowCursors(of.db, of.book, list(of.tables.values()), within)
        self._stream: StreamReplay | None = None
        self._suspects: list[Stream] = []
        self._wrong_rows: Counter[str] = Counter()

    async def go(self, progress: Progress) -> None:
        """Go through all streams, segment by segment."""
        begin = self._within.begin
        while begin < self._within.end and self.is_complete:
            segment = await self._cursors.next(begin)
            self.left_out |= self._cursors.left_out()
            await self._go_through(segment, progress)
            begin = segment.end

    async def _go_through(self, segment: Range, progress: Progress) -> None:
        to = (await notary_rows.head(self._of.db, self._of.book)).position
        pages = stream_pages(self._of.db, self._of.book, segment, to)
        async with aclosing(pages):
            async for page in pages:
                self._take(page)
                await self._look_again()
                progress(self.counted.events, self._of.head)
                if not self.is_complete:
                    return
        self._end_stream()
        for name in self._cursors.left(segment.end):
            claims, kept = self._cursors.strays(name), self._cursors.kept(name)
            self._stream = StreamReplay(name, claims, kept, self._of.doubts)
            self._end_stream()
        await self._look_again()

    def _take(self, page: Sequence[Row]) -> None:
        stream, head = self._stream, self._of.head
        for row in page:
            if stream is None or row[0] != stream.name:
                self._end_stream()
                stream = self._begin_stream(Stream(row[0]))
                self.counted.streams += row[1] <= head
            stream.take(row)
        self.counted.events += sum(row[1] <= head for row in page)

    def _begin_stream(self, name: Stream) -> StreamReplay:
        claims, kept = self._cursors.claims(name), self._cursors.kept(name)
        self._stream = StreamReplay(name, claims, kept, self._of.doubts)
        return self._stream

    def _end_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is None:
            return
        differences = stream.end()
        self.counted.rows += stream.rows_compared
        self.counted.snapshots += stream.is_snapshot_judged
        self.counted.foreign_snapshots += stream.is_snapshot_foreign
        self.left_out |= {(model, stream.name) for model in stream.left_out}
        self.findings += [each for each in stream.findings if each.kind is not Kind.SNAPSHOT]
        of_snapshot = [each for each in stream.findings if each.kind is Kind.SNAPSHOT]
        if self._is_second:
            self.findings += of_snapshot
            self.differences += differences
        elif differences or of_snapshot:
            self._suspects.append(stream.name)

    async def _look_again(self) -> None:
        """Look at streams alone; one that was replayed a moment ago is quickly replayed again."""
        while self._suspects:
            again = ReplayWalk(self._of, only(self._suspects.pop(0)), is_second=True)
            await again.go(silent)
            self.findings += [each for each in again.findings if each.kind is Kind.SNAPSHOT]
            for each in again.differences:
                self._differ(each)
        self.is_complete = len(self.findings) < FINDINGS_MAX

    def _differ(self, difference: Difference) -> None:
        model = difference.model
        if model in self.given_up:
            return
        self.differences.append(difference)
        self._wrong_rows[model] += 1
        if self._wrong_rows[model] >= DIFFERENCES_MAX:
            self.given_up.add(model)
            self._cursors.give_up(model)
