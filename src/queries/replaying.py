"""Replays every stream of a book, and compares what is kept beside the book with the fold."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from src.events import notary_rows
from src.events.findings import Finding, Kind, finding
from src.events.hashed_page import Asking
from src.projections.checkpoints import Checkpoint, load
from src.queries.consequences import doubts
from src.queries.differences import Difference
from src.queries.expected_rows.catalogue import TABLES, versions
from src.queries.expected_rows.table import FACTS_MAX
from src.queries.replay_walk import Counted, Progress, Replayable, ReplayWalk, silent
from src.queries.stream_range import WHOLE, Range


class ReplayReport(Struct, frozen=True, kw_only=True):
    """What was gone through, and what was found."""

    head: int
    counted: Counted
    findings: list[Finding]
    """Of the book and its snapshots."""
    differences: list[Difference]
    """Of read models, which are not the book's fault."""
    notes: list[str]
    """What could not be judged, or not to the end; nothing of it is wrong."""
    is_complete: bool

    @property
    def is_whole(self) -> bool:
        """Whether nothing at all is wrong."""
        return not (self.findings or self.differences) and self.is_complete


async def replay_streams(  # noqa: PLR0913 - the last three have their defaults
    db: Asking,
    book: int,
    *,
    within: Range = WHOLE,
    head: int | None = None,
    hashed: Sequence[Finding] = (),
    progress: Progress = silent,
) -> ReplayReport:
    """Replay the streams of a range up to a head, or to where the book ends now.

    An event of which its hash already says that it is another is not judged again.
    """
    is_hashed = head is not None
    head = await _end(db, book) if head is None else head
    known = await _begun(db, book)
    tables = {
        each.name: (each, known[each.model].version) for each in TABLES if each.model in known
    }
    of = Replayable(db=db, book=book, head=head, tables=tables, doubts=doubts(hashed))
    walk = ReplayWalk(of, within)
    await walk.go(progress)
    if is_hashed and within == WHOLE and not hashed:
        walk.findings += _unread(walk, head)
    return ReplayReport(
        head=head,
        counted=walk.counted,
        findings=sorted(walk.findings, key=lambda each: (each.position, each.last)),
        differences=[*_beyond(known, await _end(db, book)), *walk.differences],
        notes=[*_standing(known, head, within), *_left_out(walk)],
        is_complete=walk.is_complete,
    )


async def _begun(db: Asking, book: int) -> dict[str, Checkpoint]:
    """Return where the read models stand that there are tables of."""
    there = await db.fetch("select to_regclass('models.checkpoints') is not null")
    if not there[0][0]:
        return {}
    places = await load(db, book)
    wanted = versions()
    return {name: places[name, at] for name, at in wanted.items() if (name, at) in places}


async def _end(db: Asking, book: int) -> int:
    return (await notary_rows.head(db, book)).position


def _unread(walk: ReplayWalk, head: int) -> Iterator[Finding]:
    """Find out that an index leads to other events than the positions, which have no gaps."""
    if walk.is_complete and walk.counted.events != head:
        words = f"{walk.counted.events:,} of these events are found by their streams"
        yield finding(Kind.STREAM, 1, f"{words}: an index is damaged", head)


def _beyond(known: Mapping[str, Checkpoint], end: int) -> Iterator[Difference]:
    """Find read models that have seen more than there is; `end` was asked after their places."""
    for name, place in known.items():
        if place.position > end:
            words = f"has seen {place.position:,} events of a book that ends at {end:,}"
            yield Difference(model=name, row=None, position=end, words=words)


def _standing(known: Mapping[str, Checkpoint], head: int, within: Range) -> Iterator[str]:
    """Say how far the read models of these streams could be compared."""
    compared = {each.model for each in TABLES}
    for name in versions():
        if name not in compared:
            yield f"read model {name}: nobody compares it with the book"
        elif any(each.model == name and each.reaches(within) for each in TABLES):
            why = _why_not_all(known.get(name), head)
            if why:
                yield f"read model {name}: {why}"


def _why_not_all(place: Checkpoint | None, head: int) -> str | None:
    if place is None:
        return "it was never begun, and was not compared"
    if place.stopped_at is not None:
        return f"it has stopped at {place.stopped_at:,}, and was compared up to there"
    if place.position < head:
        return f"it has seen {place.position:,} of {head:,} events, and was compared up to there"
    return None


def _left_out(walk: ReplayWalk) -> Iterator[str]:
    for name in sorted(walk.given_up):
        yield f"read model {name}: so many rows differ that the rest was not looked at"
    for model, name in sorted(walk.left_out):
        words = f"its rows of {name} are of more than {FACTS_MAX:,} events, and were not compared"
        yield f"read model {model}: {words}; `khata rebuild {model}` compares them"
    if foreign := walk.counted.foreign_snapshots:
        yield f"snapshots folded by another Khata, which nobody judges: {foreign:,}"
