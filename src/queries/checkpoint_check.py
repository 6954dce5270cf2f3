"""Every checkpoint that was signed, inside and outside, beside the tree that the book gives."""

from collections.abc import Iterator, Sequence

from src.events.checkpoint_folder import CheckpointFolder
from src.events.checkpoint_notes import BadNoteError, Checkpoint, NoteKey
from src.events.findings import Finding, Kind, finding


class CheckpointCheck:
    """Is told how the tree and the chain stand at the size of each checkpoint, in order."""

    def __init__(
        self, key: NoteKey, folder: CheckpointFolder | None, after: int, outside: int
    ) -> None:
        self.count = 0
        self.good = after
        """The size of the last checkpoint that agreed."""
        self._key = key
        # What is signed while we read may be outside before we look for it inside.
        self._reach = outside
        self._is_lost = False
        self._outside = folder.notes() if folder else iter(())
        self._next = self._advance(after)

    def due(self, to: int, inside: Sequence[tuple[int, str]]) -> list[tuple[int, list[str]]]:
        """Return the sizes up to a position that were signed, each with its different notes."""
        notes: dict[int, list[str]] = {size: [note] for size, note in inside}
        while self._next and self._next[0] <= to:
            size, note = self._next
            known = notes.setdefault(size, [""])
            if note not in known:
                known.append(note)
            self._next = self._advance(size)
        return sorted(notes.items())

    def check(self, size: int, notes: list[str], root: bytes, chain: bytes | None) -> list[Finding]:
        """Compare what was signed with what is there."""
        self.count += 1
        return [each for note in notes for each in self._check(size, note, root, chain)]

    def _check(self, size: int, note: str, root: bytes, chain: bytes | None) -> Iterator[Finding]:
        if not note:
            words = "this checkpoint is outside, and the database has lost it"
            yield finding(Kind.CHECKPOINT, size, words)
            return
        try:
            signed = self._key.read(note)
        except BadNoteError as error:
            yield finding(Kind.CHECKPOINT, size, str(error))
            return
        if signed.size != size:
            yield finding(Kind.CHECKPOINT, size, "it is the checkpoint of another size")
        elif signed.root != root:
            yield from self._lose(size)
        else:
            self.good = size
            if signed.chain != chain:
                yield finding(Kind.APPEND, size, "no append ends there with the chain signed")

    def _lose(self, size: int) -> Iterator[Finding]:
        """Say it once: a tree that has lost its way never finds it again."""
        if not self._is_lost:
            words = "the events up to here are not those that were signed, since the one before"
            yield finding(Kind.CHECKPOINT, self.good + 1, words, size)
        self._is_lost = True

    def _advance(self, after: int) -> tuple[int, str] | None:
        """Find the next note outside; what is not the notary's is as good as not there."""
        for note in self._outside:
            size = self._size(note)
            if after < size <= self._reach:
                return size, note
        return None

    def _size(self, note: str) -> int:
        size = note.split("\n")[1]
        return int(size) if size.isascii() and size.isdigit() else 0


def newest_outside(folder: CheckpointFolder | None, key: NoteKey) -> Checkpoint | None:
    """Return the newest checkpoint outside; raises BadNoteError if it is not the notary's."""
    if folder is None:
        return None
    note = folder.latest()
    if note is None and any(folder.notes()):
        raise BadNoteError("it is gone, and older ones are there")
    return None if note is None else key.read(note)
