"""A folder outside the database that remembers what was signed: notes, and every leaf.

The notes say that something is wrong; the leaves, 32 bytes an event, say where.
Files are only added to. `latest.note` is replaced as a whole, and is the last
thing that is written: what it speaks of is there.
"""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

LEAF_BYTES = 32
LEAVES_PER_FILE = 1 << 20
SIZES_PER_FILE = 1 << 16
LATEST = "latest.note"
DIRECTORY_MODE = 0o700

_ONE_NOTE = re.compile(r"^[^\n]+\n[0-9]+\n[^\n]+\n[^\n]+\n\n— [^\n]+\n", re.MULTILINE)


class CheckpointFolder:
    """The notes and leaves of one book."""

    def __init__(self, folder: Path, book: int = 1) -> None:
        self._folder = folder / str(book)

    def latest(self) -> str | None:
        """Return the newest note, or None if there was never one."""
        path = self._folder / LATEST
        return _text(path) if path.exists() else None

    def notes(self) -> Iterator[str]:
        """Return every note that was written whole, in the order of writing; a few come twice."""
        for path in sorted((self._folder / "notes").glob("*.notes")):
            for note in _ONE_NOTE.finditer(_text(path)):
                yield note[0]

    def leaves(self, after: int, to: int) -> list[bytes]:
        """Return the leaves of the positions above `after` and up to `to`, as many as there are."""
        read = b"".join(self._read(number, *place) for number, place in _places(after, to))
        whole = len(read) // LEAF_BYTES * LEAF_BYTES
        return [read[at : at + LEAF_BYTES] for at in range(0, whole, LEAF_BYTES)]

    def leaf_count(self) -> int:
        """Return up to which position there are leaves."""
        paths = sorted((self._folder / "leaves").glob("*.leaves"))
        whole_files = LEAVES_PER_FILE * max(len(paths) - 1, 0)
        return whole_files + (paths[-1].stat().st_size // LEAF_BYTES if paths else 0)

    def keep(
        self, leaves_after: int, leaves: Sequence[bytes], notes: Sequence[tuple[int, str]]
    ) -> None:
        """Write leaves, notes with their sizes, and the newest note; each lasts before the next."""
        (self._folder / "leaves").mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
        (self._folder / "notes").mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
        self._keep_leaves(leaves_after, leaves)
        for size, note in notes:
            self._keep_note(size, note)
        if notes:
            self._keep_latest(notes[-1][1])

    def _keep_leaves(self, after: int, leaves: Sequence[bytes]) -> None:
        """The same place always gets the same leaf, so what a crash has torn is written again."""
        to = after + len(leaves)
        for number, (first, last) in _places(after, to):
            begin = number * LEAVES_PER_FILE - after
            mine = b"".join(leaves[begin + first : begin + last])
            _write(self._file("leaves", number), mine, first * LEAF_BYTES)

    def _keep_note(self, size: int, note: str) -> None:
        path = self._file("notes", size // SIZES_PER_FILE)
        written = path.read_bytes()[-1:] if path.exists() else b"\n"
        # A note that a crash has torn stays torn, and does not spoil the next one.
        _write(path, (b"" if written == b"\n" else b"\n") + note.encode(), None)

    def _keep_latest(self, note: str) -> None:
        draft = self._folder / f".{LATEST}.{os.getpid()}"
        draft.unlink(missing_ok=True)
        _write(draft, note.encode(), None)
        draft.replace(self._folder / LATEST)
        _sync(self._folder)

    def _read(self, number: int, first: int, last: int) -> bytes:
        path = self._file("leaves", number)
        if not path.exists():
            return b""
        with path.open("rb") as file:
            file.seek(first * LEAF_BYTES)
            return file.read((last - first) * LEAF_BYTES)

    def _file(self, what: str, number: int) -> Path:
        return self._folder / what / f"{number:08}.{what}"


def _text(path: Path) -> str:
    """Read notes; bytes that are none make a note that nobody has signed."""
    return path.read_bytes().decode(errors="replace")


def _places(after: int, to: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """Cut leaves into files: each one's number, and the leaves in it, from and without the last."""
    while after < to:
        number, first = divmod(after, LEAVES_PER_FILE)
        last = min(first + to - after, LEAVES_PER_FILE)
        yield number, (first, last)
        after += last - first


def _write(path: Path, content: bytes, at: int | None) -> None:
    """Add to a file's end, or write at a place of it, and return when it lasts."""
    is_new = not path.exists()
    end = os.O_APPEND if at is None else 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | end, 0o600)
    try:
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            if at is not None:
                file.seek(at)
            file.write(content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if is_new:
        _sync(path.parent)


def _sync(directory: Path) -> None:
    """Make a new name itself last."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
