"""Proofs from the book: that an event is under a checkpoint, that one checkpoint extends another.

Every proof is checked here before it is given out, so a book that was altered
is found by the first proof that touches the place.
"""

from msgspec import Struct

from src.events import notary_rows
from src.events.checkpoint_notes import Checkpoint, NoteKey
from src.events.hashed_page import Asking
from src.events.merkle import consistency, inclusion, is_consistent, is_included
from src.events.subtrees import Subtrees
from src.queries.stored_rows import rows_at


class BookAlteredError(Exception):
    """What stands in the book is not what was signed."""


class SignedCheckpoint(Struct, frozen=True, kw_only=True):
    """A checkpoint and the note that it was read from; bytes are base64 in JSON."""

    size: int
    root: bytes
    note: str


class InclusionProof(Struct, frozen=True, kw_only=True):
    """That the event at a position is under a checkpoint, as RFC 9162 2.1.3 has it."""

    position: int
    leaf_index: int
    leaf: bytes
    hashes: list[bytes]
    checkpoint: SignedCheckpoint


class ConsistencyProof(Struct, frozen=True, kw_only=True):
    """That the newer checkpoint's book begins with the older one's, as RFC 9162 2.1.4 has it."""

    older: SignedCheckpoint
    newer: SignedCheckpoint
    hashes: list[bytes]


async def latest_checkpoint(db: Asking, book: int, key: NoteKey) -> SignedCheckpoint | None:
    """Return the newest checkpoint, or None before the first; raises BadNoteError."""
    note = await notary_rows.newest_note(db, book)
    return None if note is None else _signed(key.read(note), note)


async def checkpoint_of(db: Asking, book: int, key: NoteKey, size: int) -> SignedCheckpoint | None:
    """Return the checkpoint of a size, or None if none was signed there; raises BadNoteError."""
    found = await notary_rows.notes(db, book, size - 1, size)
    return _signed(key.read(found[0][1]), found[0][1]) if found else None


async def inclusion_proof(
    db: Asking, book: int, key: NoteKey, position: int, size: int | None = None
) -> InclusionProof | None:
    """Prove that an event is under the checkpoint of a size, the newest unless said.

    None when there is no such checkpoint, or it does not reach the position.
    Raises BookAlteredError, MissingSubtreeError or BadNoteError when the book was altered.
    """
    signed = await _checkpoint(db, book, key, size)
    if signed is None or not 0 < position <= signed.size:
        return None
    rows = await rows_at(db, book, [position])
    hashes = await Subtrees(db, book).roots(inclusion(position - 1, signed.size))
    leaf = rows[0].leaf_at(book, position) if rows else b""
    if not is_included(leaf, position - 1, signed.size, hashes, signed.root):
        raise BookAlteredError(f"position {position} cannot be proven: audit the book")
    return InclusionProof(
        position=position, leaf_index=position - 1, leaf=leaf, hashes=hashes, checkpoint=signed
    )


async def consistency_proof(
    db: Asking, book: int, key: NoteKey, older: int, newer: int | None = None
) -> ConsistencyProof | None:
    """Prove that the checkpoint of the newer size, the newest unless said, extends the older one.

    None when one of them was never signed, or the newer is the older one's elder; raises as
    `inclusion_proof` does.
    """
    first = await checkpoint_of(db, book, key, older)
    second = await _checkpoint(db, book, key, newer)
    if first is None or second is None or first.size > second.size:
        return None
    hashes = await Subtrees(db, book).roots(consistency(first.size, second.size))
    if not is_consistent(first.size, second.size, hashes, first.root, second.root):
        raise BookAlteredError(f"{second.size} does not extend {first.size}: audit the book")
    return ConsistencyProof(older=first, newer=second, hashes=hashes)


async def _checkpoint(
    db: Asking, book: int, key: NoteKey, size: int | None
) -> SignedCheckpoint | None:
    """Return the checkpoint of a size, or the newest."""
    if size is None:
        return await latest_checkpoint(db, book, key)
    return await checkpoint_of(db, book, key, size)


def _signed(checkpoint: Checkpoint, note: str) -> SignedCheckpoint:
    return SignedCheckpoint(size=checkpoint.size, root=checkpoint.root, note=note)
