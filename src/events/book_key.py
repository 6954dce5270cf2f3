"""The master key of one book: made while the book keeps no secret, tried on one ever after."""

from contextlib import suppress
from pathlib import Path

from src.events.connection import Row, connecting
from src.events.key_ring import box_of_installation
from src.events.master_key import (
    VARIABLE,
    UnusableMasterKeyError,
    load_master_key,
    read_master_key,
)
from src.events.sealing import BrokenBoxError, TokenBytes, unlock


class ForeignMasterKeyError(UnusableMasterKeyError):
    """The file is missing, or its key does not open the secrets of this book."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{VARIABLE}: {path} is not the key of this book; point it at the right file."
        )


async def master_key_of(dsn: str, path: Path, token_bytes: TokenBytes, book: int = 1) -> bytes:
    """Return a book's master key, made on its first use; raises UnusableMasterKeyError."""
    kept = await _secret_of(dsn, book)
    # A new key for a book that has secrets would only hide that theirs is elsewhere.
    return load_master_key(path, token_bytes) if kept is None else _tried(path, kept, book)


async def check_master_key(dsn: str, path: Path, book: int = 1) -> None:
    """Make nothing; raises UnusableMasterKeyError if the book cannot be served with this file."""
    kept = await _secret_of(dsn, book)
    if kept is not None:
        _tried(path, kept, book)
        return
    with suppress(FileNotFoundError):  # a first use will make it
        read_master_key(path)


def _tried(path: Path, kept: Row, book: int) -> bytes:
    try:
        key = read_master_key(path)
        unlock(key, kept["wrapped"], box_of_installation(book, kept["name"]))
    except (FileNotFoundError, BrokenBoxError):
        raise ForeignMasterKeyError(path) from None
    return key


async def _secret_of(dsn: str, book: int) -> Row | None:
    connection = await connecting(dsn, "khata master key")()
    try:
        if await connection.fetchval("select to_regclass('keys.installation')") is None:
            return None
        return await connection.fetchrow(_ONE_OF_THEM, book)
    finally:
        await connection.close()


_ONE_OF_THEM = "select name, wrapped from keys.installation where book = $1 order by name limit 1"
