"""One walk through the book: what each page says of itself, and of everything signed above it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from itertools import pairwise

from msgspec import Struct

from src.events.chain_walk import ChainWalk
from src.events.checkpoint_folder import CheckpointFolder
from src.events.checkpoint_notes import Checkpoint, NoteKey
from src.events.findings import Finding, Kind, finding
from src.events.hashed_page import Asking
from src.events.merkle import KEPT_EVERY, Frontier, Kept
from src.events.notary_rows import Head
from src.queries.audit_pages import AuditPage, audit_pages
from src.queries.checkpoint_check import CheckpointCheck
from src.queries.diagnosis import SHIFT_MAX, Diagnosis, View
from src.queries.kept_nodes import wrong_nodes
from src.queries.outside_leaves import OutsideLeaves
from src.queries.stored_rows import rows_between

FINDINGS_MAX = 1_000
"""After so many, somebody knows enough."""
NO_EVENT = bytes(32)

Progress = Callable[[int, int], object]
"""Is told up to which position the book was gone through, and how far it goes."""


class Audited(Struct, frozen=True, kw_only=True):
    """A book, and what an auditor has to judge it by."""

    db: Asking
    """Several questions are asked at once, as `open_audit_pool` answers them."""
    key: NoteKey
    folder: CheckpointFolder | None
    """The checkpoints and leaves outside; without them a place may be named less exactly."""
    book: int = 1


class Beginning(Struct, frozen=True):
    """Where a walk begins: the tree and the chain up to there."""

    tree: Frontier
    chain: ChainWalk


class AuditWalk:
    """Goes through a book once."""

    def __init__(
        self, audited: Audited, head: Head, beginning: Beginning, outside: Checkpoint | None
    ) -> None:
        self.findings: list[Finding] = []
        self.is_complete = True
        self._db, self._book, self._head = audited.db, audited.book, head
        self._tree, self._chain = beginning.tree, beginning.chain
        reach = outside.size if outside else 0
        self.checkpoints = CheckpointCheck(audited.key, audited.folder, self._tree.size, reach)
        self._outside = OutsideLeaves(audited.folder, outside)
        self._diagnosis = Diagnosis(head.last_event)
        self._time_us = 0
        self._kept: list[Kept] = []

    async def go(self, progress: Progress) -> None:
        """Check every page."""
        pages = audit_pages(self._db, self._book, self._tree.size, self._head.position)
        async with aclosing(pages):
            async for page in pages:
                await self._check(page)
                progress(page.to, self._head.position)
                if len(self.findings) >= FINDINGS_MAX:
                    self.is_complete = False
                    return

    async def end(self, signed: int) -> None:
        """Check what can only be seen from the end; `signed` is how far anything was signed."""
        self.findings += self._diagnosis.close()
        if self.is_complete:
            self.findings += [*self._unwritten(), *self._beyond(signed)]
            nodes = [each for each in self._kept if _end(each) <= self.checkpoints.good]
            self.findings += await wrong_nodes(self._db, self._book, nodes)

    def _unwritten(self) -> Iterator[Finding]:
        """Find events at the end without an append, and a head without an end."""
        end, at = self._chain.last, self._head.position
        if end != at:
            first, last = sorted((end + 1, at))
            yield finding(Kind.APPEND, first, "no append wrote these events", last)
        elif self._chain.chain != self._head.chain:
            words = "the head of the book is not where its appends end"
            yield finding(Kind.APPEND, max(at, 1), words)

    def _beyond(self, signed: int) -> Iterator[Finding]:
        """Find events behind the head, and a head before what was signed."""
        at, last, shift = self._head.position, self._head.last_event, self._diagnosis.shift
        if last > at and shift != at - last:
            yield finding(Kind.INSERTED, at + 1, "it stands behind the head of the book", last)
        if signed > at + max(shift, 0):
            words = f"the book ends at {at}, and {signed} was signed"
            yield finding(Kind.TRUNCATED, at + 1, words, signed)

    async def _check(self, page: AuditPage) -> None:
        remembered = self._outside.between(page.after, page.to)
        leaves = page.hashed.computed
        if not self._is_as_written(page, remembered):
            leaves = await self._look_closer(page)
        self._look_at_times(page)
        for position in page.orphans:
            words = "its stream has no version just before it, further down in the book"
            self.findings.append(finding(Kind.VERSION, position, words))
        wrong = self._chain.take(leaves, page.hashed.appends)
        if not self._diagnosis.shift:
            self.findings += wrong
        self._grow(page, leaves)

    def _is_as_written(self, page: AuditPage, remembered: Sequence[bytes]) -> bool:
        hashed = page.hashed
        return (
            not self._diagnosis.shift
            and len(hashed.positions) == page.to - page.after
            and hashed.computed == hashed.kept
            and hashed.computed[: len(remembered)] == remembered
        )

    async def _look_closer(self, page: AuditPage) -> list[bytes]:
        """Name what happened, and return the leaves that should have been there."""
        beyond = page.to + 2 * SHIFT_MAX
        rows = await rows_between(self._db, self._book, page.after, beyond)
        by_position = {row.event.position: row for row in rows}
        if not self._outside.is_proven():
            words = "its leaves do not give the root that was signed; they are not used"
            self.findings.append(finding(Kind.FOLDER, 1, words, self._outside.drop()))
        leaves = self._outside.between(page.after, beyond)
        remembered = dict(enumerate(leaves, start=page.after + 1))
        view = View(book=self._book, rows=by_position, remembered=remembered)
        self.findings += self._diagnosis.look(view, page.after, page.to)
        kept = {position: row.kept for position, row in by_position.items()} | remembered
        return [kept.get(each, NO_EVENT) for each in range(page.after + 1, page.to + 1)]

    def _look_at_times(self, page: AuditPage) -> None:
        times_us = [self._time_us, *page.hashed.times_us]
        if times_us != sorted(times_us):
            pairs = zip(pairwise(times_us), page.hashed.positions, strict=True)
            words = "it was recorded before the event before it"
            self.findings += [finding(Kind.TIME, at, words) for (a, b), at in pairs if b < a]
        self._time_us = max(times_us)

    def _grow(self, page: AuditPage, leaves: Sequence[bytes]) -> None:
        done = page.after
        for size, notes in self.checkpoints.due(page.to, page.notes):
            self._kept += self._tree.extend(leaves[done - page.after : size - page.after])
            done = size
            chain = self._chain.ends.get(size)
            self.findings += self.checkpoints.check(size, notes, self._tree.root, chain)
        self._kept += self._tree.extend(leaves[done - page.after :])


def _end(node: Kept) -> int:
    return (node.place + 1) << (KEPT_EVERY * node.level)
