"""The key that wraps all others: 32 bytes in a file that only its owner can read.

While one key gives way to another the file holds both: `SEVERAL`, and behind it
the keys, newest first. Such a file is never 32 bytes long, so that a Khata that
knows nothing of this refuses it.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from src.events.sealing import KEY_BYTES, BrokenBoxError, TokenBytes, unlock

OWNER_ONLY = 0o600
VARIABLE = "KHATA_MASTER_KEY_FILE"
SEVERAL = b"khata master keys, newest first\n"
KEYS_IN_FILE_MAX = 8
FINGERPRINT_CHARACTERS = 8


class UnusableMasterKeyError(Exception):
    """The file is there, but it is not a master key."""


class MasterKeys:
    """The master keys that a process knows, newest first."""

    def __init__(self, keys: Sequence[bytes], path: Path | None = None) -> None:
        self._keys = tuple(keys)
        self._path = path

    @property
    def oldest(self) -> bytes:
        """The one that every process knows, also one that has not seen the file change."""
        return self._keys[-1]

    def open(self, box: bytes, name: str) -> tuple[bytes, bytes]:
        """Return what is in the box, and the key that opened it; raises BrokenBoxError."""
        try:
            return opened(self._keys, box, name)
        except BrokenBoxError:
            # The file may have changed since it was read.
            if self._path is None or (there := _read_again(self._path)) == self._keys:
                raise
            self._keys = there
            return opened(there, box, name)


def opened(keys: Sequence[bytes], box: bytes, name: str) -> tuple[bytes, bytes]:
    """Return what is in the box, and the first key that opens it; raises BrokenBoxError."""
    for key in keys:
        with suppress(BrokenBoxError):
            return unlock(key, box, name), key
    raise BrokenBoxError("a box that no master key opens")


def fingerprint(key: bytes) -> str:
    """Return a name for a master key that may be shown."""
    named = hashlib.sha256(b"khata: the fingerprint of a master key\n" + key)
    return named.hexdigest()[:FINGERPRINT_CHARACTERS]


def load_master_keys(path: Path, token_bytes: TokenBytes) -> tuple[bytes, ...]:
    """Return the master keys, one made on first use; whoever comes second reads the first's."""
    if not path.exists():
        _make(path, token_bytes)
    return read_master_keys(path)


def read_master_keys(path: Path) -> tuple[bytes, ...]:
    """Return the keys there, newest first; raises FileNotFoundError, UnusableMasterKeyError."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnusableMasterKeyError(f"{VARIABLE}: {path}: {error.strerror}") from error
    return _several(path, content) if content.startswith(SEVERAL) else (_one(path, content),)


def _read_again(path: Path) -> tuple[bytes, ...]:
    try:
        return read_master_keys(path)
    except FileNotFoundError as error:
        raise UnusableMasterKeyError(f"{VARIABLE}: {path} is gone") from error


def replace_master_keys(path: Path, keys: Sequence[bytes]) -> None:
    """Put these keys in the place of those that are there, all at once; raises OSError.

    Only one process at a time may do so: the draft has one name, so that none is ever left
    behind with a key in it.
    """
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    content = keys[0] if len(keys) == 1 else SEVERAL + b"".join(keys)
    owner = path.stat()
    try:
        _write(draft, content, lambda descriptor: os.fchown(descriptor, owner.st_uid, owner.st_gid))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    _sync(path.parent)


def _one(path: Path, content: bytes) -> bytes:
    if len(content) != KEY_BYTES:
        raise UnusableMasterKeyError(
            f"{VARIABLE}: {path} must hold {KEY_BYTES} bytes, it holds {len(content)}"
        )
    return content


def _several(path: Path, content: bytes) -> tuple[bytes, ...]:
    count, rest = divmod(len(content) - len(SEVERAL), KEY_BYTES)
    if rest or not 1 < count <= KEYS_IN_FILE_MAX:
        raise UnusableMasterKeyError(
            f"{VARIABLE}: {path} says that it holds several keys, and is damaged"
        )
    places = range(len(SEVERAL), len(content), KEY_BYTES)
    return tuple(content[place : place + KEY_BYTES] for place in places)


def _make(path: Path, token_bytes: TokenBytes) -> None:
    """Write beside the file and link it into place, so that nobody ever reads half a key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{token_bytes(8).hex()}")
    try:
        _write(draft, token_bytes(KEY_BYTES))
        with suppress(FileExistsError):  # somebody was faster, and theirs is the key
            path.hardlink_to(draft)
    finally:
        draft.unlink()
    _sync(path.parent)


def _write(path: Path, content: bytes, give: Callable[[int], None] = lambda _: None) -> None:
    """Write a new file for its owner alone, whoever that is to be, and return when it lasts."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        give(descriptor)
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _sync(directory: Path) -> None:
    """Make the new name itself durable: a lost master key loses every sealed word."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
