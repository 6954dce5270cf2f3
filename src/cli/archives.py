"""Archives of pg_dump: what is in them, and which must never lie side by side.

A person is erased by destroying a key. Whoever has the book and an older copy of the
keys in one place can bring the person back, so no place has both.
"""

import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from src.cli.complaint import Complaint
from src.cli.postgres_tools import listing

MAGIC = b"PGDMP"
BOOK, KEYS = "khata", "keys"
"""By the schema whose rows an archive holds."""
SPOKEN = {BOOK: "the book", KEYS: "keys"}
PRIVATE = 0o600

_ROWS = re.compile(r"\bTABLE DATA (\S+) ")


def contents(archive: Path) -> frozenset[str]:
    """Return which of book and keys an archive has rows of; raises Complaint."""
    return frozenset(_ROWS.findall(listing(archive))) & {BOOK, KEYS}


def check_holds(archive: Path, kind: str) -> None:
    """Raise Complaint unless the archive holds this, and not the other too."""
    if not archive.is_file():
        raise Complaint(f"{archive} is not a file.")
    found = contents(archive)
    if found != frozenset({kind}):
        held = " and ".join(SPOKEN[each] for each in sorted(found)) or "neither"
        raise Complaint(f"{archive} is no backup of {SPOKEN[kind]} alone: it holds {held}.")


def check_company(directory: Path, kind: str) -> None:
    """Raise Complaint if a backup of the other kind lies in the directory."""
    if not directory.is_dir():
        raise Complaint(f"{directory} is not a directory.")
    if not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
        raise Complaint(f"{directory} is closed to this user: choose a directory of your own.")
    other = KEYS if kind == BOOK else BOOK
    for path in sorted(directory.iterdir()):
        if _is_archive(path) and other in contents(path):
            raise Complaint(
                f"{path} is a backup of {SPOKEN[other]}. Book and keys must never lie in one "
                "place, or who was erased could be brought back: choose another directory, on "
                "another disk, that other people look after."
            )


@contextmanager
def written_whole(output: Path) -> Generator[int]:
    """Yield a descriptor to write to; the file has its name only once all of it lasts."""
    if output.exists():
        raise Complaint(f"{output} is there already; nothing is overwritten.")
    draft = output.with_name(f".{output.name}.draft")
    descriptor = _open_new(draft)
    try:
        yield descriptor
        os.fsync(descriptor)
        _name(draft, output)
    finally:
        os.close(descriptor)
        draft.unlink()


def _is_archive(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError as error:
        raise Complaint(f"{path} may be a backup and cannot be read: {error.strerror}.") from error


def _open_new(draft: Path) -> int:
    try:
        return os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE)
    except FileExistsError as error:
        raise Complaint(
            f"{draft} is there: another backup is being written, or one was killed. Remove it if "
            "none is running."
        ) from error
    except OSError as error:
        raise Complaint(f"{draft} cannot be written: {error.strerror}.") from error


def _name(draft: Path, output: Path) -> None:
    try:
        output.hardlink_to(draft)
    except FileExistsError as error:
        raise Complaint(f"{output} appeared meanwhile; nothing is overwritten.") from error
    descriptor = os.open(output.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
