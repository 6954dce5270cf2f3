"""Goes through the whole book and says of every place whether it is as it was written.

Every leaf is made anew from its row, every append's root and chain from the
leaves, and the tree is compared with every checkpoint that was ever signed, in
the database and outside. Whatever is found is mended in memory, from the leaves
that are remembered outside, so that one change is one finding. What follows
from another finding is not said.
"""

from msgspec import Struct

from src.events import notary_rows
from src.events.chain_walk import ChainWalk
from src.events.checkpoint_notes import BadNoteError, Checkpoint
from src.events.findings import Finding, Kind, finding
from src.events.merkle import Frontier
from src.events.signed_past import NOTHING_SIGNED
from src.events.subtrees import MissingSubtreeError, Subtrees
from src.queries.audit_walk import Audited, AuditWalk, Beginning, Progress
from src.queries.checkpoint_check import newest_outside
from src.queries.consequences import without_consequences
from src.queries.proofs import checkpoint_of


class Report(Struct, frozen=True, kw_only=True):
    """What was gone through, and what was found."""

    after: int
    """The checkpoint that it began from; 0 for the beginning of the book."""
    head: int
    checkpoints: int
    signed: int
    """The last position under a checkpoint that agreed; what is above it, nobody vouches for."""
    findings: list[Finding]
    is_complete: bool
    """False when there was so much that the rest was not looked at."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing at all is wrong."""
        return not self.findings and self.is_complete


def _silent(done: int, total: int) -> None:
    assert done <= total


async def verify(audited: Audited, *, after: int = 0, progress: Progress = _silent) -> Report:
    """Verify a book from its beginning, or from the checkpoint of the size `after`.

    Raises NoSuchCheckpointError when nothing of that size was signed.
    """
    outside, found = _outside(audited)
    inside = await _inside(audited)
    # Asked after the checkpoints: what was signed by then is in the book by now.
    head = await notary_rows.head(audited.db, audited.book)
    walk = AuditWalk(audited, head, await _beginning(audited, after), outside)
    await walk.go(progress)
    await walk.end(max(each.size for each in (outside, inside, NOTHING_SIGNED) if each))
    return Report(
        after=after,
        head=head.position,
        checkpoints=walk.checkpoints.count,
        signed=walk.checkpoints.good,
        findings=without_consequences(found + walk.findings),
        is_complete=walk.is_complete,
    )


class NoSuchCheckpointError(Exception):
    """Nothing of this size was signed, or not what the book gives."""


def _outside(audited: Audited) -> tuple[Checkpoint | None, list[Finding]]:
    try:
        return newest_outside(audited.folder, audited.key), []
    except BadNoteError as error:
        return None, [finding(Kind.FOLDER, 1, f"its newest note: {error}")]


async def _inside(audited: Audited) -> Checkpoint | None:
    note = await notary_rows.newest_note(audited.db, audited.book)
    try:
        return None if note is None else audited.key.read(note)
    except BadNoteError:
        return None  # the walk finds it, and says so


async def _beginning(audited: Audited, after: int) -> Beginning:
    if not after:
        return Beginning(Frontier(), ChainWalk())
    db, book, key = audited.db, audited.book, audited.key
    try:
        found = await checkpoint_of(db, book, key, after)
        if found is None:
            raise NoSuchCheckpointError(await _sizes_there(audited, after))
        tree = await Subtrees(db, book).frontier(after)
    except (BadNoteError, MissingSubtreeError) as error:
        raise NoSuchCheckpointError(f"{after}: {error}") from error
    if tree.root != found.root:
        raise NoSuchCheckpointError(f"the book cannot be taken up at a checkpoint of size {after}")
    return Beginning(tree, ChainWalk(after, key.read(found.note).chain))


async def _sizes_there(audited: Audited, after: int) -> str:
    newest = await _inside(audited)
    there = "there is none yet" if newest is None else f"the newest is of {newest.size:,}"
    return f"no checkpoint of size {after:,} was signed; {there}"
