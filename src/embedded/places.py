"""Where the engines keep what they own: below home, or somewhere their account can enter."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from src.embedded.account import Account, can_enter
from src.embedded.errors import HomeUnusable
from src.embedded.record import write_private

BELOW_HOME = "engines"
POINTER = "data-directory"
MEMORY_DISK = Path("/dev/shm")  # noqa: S108 - a throw-away cluster wants memory; it is made 0711 and its owner is checked
MEMORY_FREE_BYTES_MIN = 1 << 30
DURABLE_ROOTS = (Path("/var/lib"), Path("/var/db"), Path("/var/tmp"))  # noqa: S108 - the last one survives a restart and is made by mkdtemp
ENTERABLE = 0o711


def make_home(home: Path) -> None:
    """As root the servers' account must pass through; as anybody else nobody needs to."""
    try:
        if not home.exists():
            home.mkdir(parents=True)
            home.chmod(ENTERABLE if os.geteuid() == 0 else 0o700)
    except OSError as error:
        raise HomeUnusable(
            f"{home} cannot be made ({error.strerror}): choose another KHATA_HOME."
        ) from error
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        raise HomeUnusable(f"{home} is not writable for this user: choose another KHATA_HOME.")


def durable_place(home: Path, account: Account) -> Path:
    """The same directory every time, even if home is moved; a new home starts empty."""
    pointer = home / POINTER
    if pointer.exists():
        return _existing(Path(pointer.read_text()), pointer)
    if can_enter(account, home):
        return _made(home / BELOW_HOME)
    elsewhere = _elsewhere()
    write_private(pointer, str(elsewhere).encode())
    return elsewhere


def throw_away_place(home: Path, account: Account) -> Path:
    """One directory per home, so that the next start finds what a crash left and removes it."""
    name = f"khata-{hashlib.sha256(str(home).encode()).hexdigest()[:16]}"
    if _has_room(MEMORY_DISK):
        return _owned(MEMORY_DISK / name)
    if can_enter(account, home):
        return _owned(home / "throw-away")
    return _owned(Path(tempfile.gettempdir()) / name)


def clear(place: Path) -> None:
    """Remove everything in the directory but the lock that we hold in it."""
    for entry in place.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif not entry.name.endswith(".lock"):
            entry.unlink()


def _existing(place: Path, pointer: Path) -> Path:
    if not place.is_dir():
        raise HomeUnusable(
            f"{pointer} says the data is in {place}, which is gone. "
            f"Restore it from a backup, or delete {pointer} to start empty."
        )
    return place


def _elsewhere() -> Path:
    for root in DURABLE_ROOTS:
        if os.access(root, os.W_OK):
            place = Path(tempfile.mkdtemp(prefix="khata-", dir=root))
            place.chmod(ENTERABLE)
            return place
    raise HomeUnusable(
        "The servers' account cannot enter KHATA_HOME, and no other durable directory is "
        "writable: choose a KHATA_HOME that every user can pass through."
    )


def _made(place: Path) -> Path:
    if not place.exists():
        place.mkdir()
        place.chmod(ENTERABLE)
    return place


def _owned(place: Path) -> Path:
    """Others may write beside it: a directory that somebody else made first is refused."""
    place.mkdir(mode=ENTERABLE, exist_ok=True)
    if place.is_symlink() or place.stat().st_uid != os.geteuid():
        raise HomeUnusable(
            f"{place} belongs to somebody else: remove it or choose another KHATA_HOME."
        )
    return place


def _has_room(root: Path) -> bool:
    writable = root.is_dir() and os.access(root, os.W_OK | os.X_OK)
    return writable and shutil.disk_usage(root).free >= MEMORY_FREE_BYTES_MIN
