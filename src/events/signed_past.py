"""What the notary has signed, and whether the book still holds it; what does not is refused."""

import asyncio

from src.events import notary_rows
from src.events.checkpoint_folder import CheckpointFolder
from src.events.checkpoint_notes import BadNoteError, Checkpoint, NoteKey
from src.events.connection import Connection
from src.events.findings import Finding, Kind, finding
from src.events.leaf import EMPTY_CHAIN
from src.events.merkle import EMPTY_ROOT, Frontier
from src.events.notary_rows import Head
from src.events.subtrees import MissingSubtreeError, Subtrees

NOTHING_SIGNED = Checkpoint(size=0, root=EMPTY_ROOT, chain=EMPTY_CHAIN)


class Refusal(Exception):
    """Something that must not be signed."""

    def __init__(self, found: Finding) -> None:
        super().__init__(str(found))
        self.finding = found


def must(holds: bool, size: int, words: str) -> None:  # noqa: FBT001 - it reads as a sentence
    """Refuse to go on from a checkpoint of this size unless something holds."""
    if not holds:
        raise Refusal(finding(Kind.CHECKPOINT, max(size, 1), words))


async def last_signed(
    db: Connection, folder: CheckpointFolder, key: NoteKey, book: int
) -> Checkpoint:
    """Return the newest checkpoint, on which the database and the folder must agree."""
    inside = await notary_rows.newest_note(db, book)
    outside = await asyncio.to_thread(folder.latest)
    kept, told = _read(key, inside), _read(key, outside)
    must(told.size <= kept.size, told.size, "the database has lost a signed checkpoint")
    must(told.size < kept.size or told == kept, told.size, "two checkpoints of one size disagree")
    if told.size:
        await _tell_outside(db, folder, book, told.size, kept.size)
    return kept


def _read(key: NoteKey, note: str | None) -> Checkpoint:
    try:
        return NOTHING_SIGNED if note is None else key.read(note)
    except BadNoteError as error:
        raise Refusal(finding(Kind.CHECKPOINT, 1, f"the newest note: {error}")) from error


async def _tell_outside(
    db: Connection, folder: CheckpointFolder, book: int, after: int, to: int
) -> None:
    """Write what a crash has kept from the folder; its leaves are there already."""
    while page := await notary_rows.notes(db, book, after, to):
        await asyncio.to_thread(folder.keep, 0, [], page)
        after = page[-1][0]


async def look_back(db: Connection, book: int, signed: Checkpoint, head: Head) -> None:
    """Look whether the book is still there up to what was signed, and its chain the same."""
    end = min(head.position, head.last_event)
    if end < signed.size:
        words = f"the book ends at {end}, and {signed.size} was signed"
        raise Refusal(finding(Kind.TRUNCATED, end + 1, words, signed.size))
    last = await notary_rows.append_at(db, book, signed.size)
    same = last is not None and last.chain == signed.chain
    must(same or not signed.size, signed.size, "the append there is not the one that was signed")


async def signed_tree(db: Connection, book: int, signed: Checkpoint) -> Frontier:
    """Return the tree that was signed, ready to grow."""
    try:
        tree = await Subtrees(db, book).frontier(signed.size)
    except MissingSubtreeError as error:
        raise Refusal(finding(Kind.SUBTREE, 1, str(error), signed.size)) from error
    must(tree.root == signed.root, signed.size, "the tree is not the one that was signed")
    return tree
