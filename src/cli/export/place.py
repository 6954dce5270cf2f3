"""Where a file goes: it has its name only when it is whole and on the disk, or it is not there."""

import fcntl
import os
import sys
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from glob import escape
from pathlib import Path
from typing import IO

from src.bootstrap.moments import new_id
from src.cli.complaint import Complaint
from src.cli.printing import reader_gone

PRINTED = Path("-")
"""In place of a file's name: standard output."""
SCHEMA_ENDING = ".schema.json"
PART_NAME_CHARACTERS = 40
"""So much of a file's name is in that of its part, which needs room for more."""
FOR_EVERYBODY, FOR_NOBODY_ELSE = 0o666, 0o600
MISUSED = 2


def beside(path: Path) -> Path:
    """Return where the schema of a file stands that has no room for it."""
    return path.with_name(path.name + SCHEMA_ENDING)


def followed(path: Path) -> Path:
    """Return the file that a link names, so that the link stays one; every other path as it is."""
    return Path(os.path.realpath(path)) if path.is_symlink() and path.is_file() else path


def check_free(paths: Sequence[Path], *, overwrite: bool) -> None:
    """Refuse what is there already, and what can be nowhere; raises Complaint."""
    for path in paths:
        if not path.parent.is_dir():
            raise Complaint(f"There is no directory {path.parent}.", exit_code=MISUSED)
        if path.is_dir():
            raise Complaint(f"{path} is a directory: say a file.", exit_code=MISUSED)
        if os.path.lexists(path) and not path.is_file():
            what = f"{path} is a link to nothing, a pipe or a device: say a file."
            raise Complaint(what, exit_code=MISUSED)
        if path.exists() and not overwrite:
            raise Complaint(f"{path} is there already; --overwrite replaces it.", exit_code=MISUSED)


@contextmanager
def whole_files(
    paths: Sequence[Path], *, overwrite: bool, mode: int = FOR_EVERYBODY
) -> Generator[list[IO[bytes]]]:
    """Yield an open file for each path; all of them get their names at the end, or none.

    Until then they lie beside as `.NAME.khata-….part`. Only a killed process leaves one, and
    the next export to the same file takes it away.
    """
    check_free(paths, overwrite=overwrite)
    for path in paths:
        _clear_leftovers(path)
    parts = [path.with_name(f"{_part_prefix(path)}{new_id().hex}.part") for path in paths]
    try:
        with ExitStack() as closing:
            files = [closing.enter_context(_opened(part, mode)) for part in parts]
            yield files
            for file in files:
                file.flush()
                os.fsync(file.fileno())
        check_free(paths, overwrite=overwrite)
        for part, path in zip(reversed(parts), reversed(paths), strict=True):
            part.replace(path)
        for folder in {path.parent for path in paths}:
            _sync(folder)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)


@contextmanager
def printed() -> Generator[IO[bytes]]:
    """Yield standard output; raises ReaderGoneError when nobody reads any more."""
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except BrokenPipeError as gone:
        raise reader_gone() from gone


def _opened(path: Path, mode: int) -> IO[bytes]:
    def with_mode(name: str, flags: int) -> int:
        return os.open(name, flags, mode)

    file = open(path, "xb", opener=with_mode)  # noqa: SIM115 - whoever asked for it closes it
    _is_ours(file.fileno())
    return file


def _part_prefix(path: Path) -> str:
    return f".{path.name[:PART_NAME_CHARACTERS]}.khata-"


def _clear_leftovers(path: Path) -> None:
    """Remove what a killed process left of this file; a living one holds a lock on its own."""
    for part in path.parent.glob(f"{escape(_part_prefix(path))}*.part"):
        if not os.access(part, os.R_OK):
            continue
        with part.open("rb") as file:
            if _is_ours(file.fileno()):
                part.unlink(missing_ok=True)


def _is_ours(descriptor: int) -> bool:
    """Whether nobody else holds a part; where files cannot be locked, somebody might."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
