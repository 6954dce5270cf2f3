"""The key that wraps all others: 32 bytes in a file that only its owner can read."""

import os
from contextlib import suppress
from pathlib import Path

from src.events.sealing import KEY_BYTES, TokenBytes

OWNER_ONLY = 0o600
VARIABLE = "KHATA_MASTER_KEY_FILE"


class UnusableMasterKeyError(Exception):
    """The file is there, but it is not a master key."""


def load_master_key(path: Path, token_bytes: TokenBytes) -> bytes:
    """Return the master key, made on first use; whoever comes second reads the first's."""
    if not path.exists():
        _make(path, token_bytes)
    return read_master_key(path)


def read_master_key(path: Path) -> bytes:
    """Return the master key that is there; raises FileNotFoundError, UnusableMasterKeyError."""
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnusableMasterKeyError(f"{VARIABLE}: {path}: {error.strerror}") from error
    if len(key) != KEY_BYTES:
        raise UnusableMasterKeyError(
            f"{VARIABLE}: {path} must hold {KEY_BYTES} bytes, it holds {len(key)}"
        )
    return key


def _make(path: Path, token_bytes: TokenBytes) -> None:
    """Write beside the file and link it into place, so that nobody ever reads half a key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{token_bytes(8).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # somebody was faster, and theirs is the key
            path.hardlink_to(draft)
    finally:
        draft.unlink()
    _sync(path.parent)


def _sync(directory: Path) -> None:
    """Make the new name itself durable: a lost master key loses every sealed word."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
