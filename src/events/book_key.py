"""The master key of one book: made while the book keeps no secret, tried on one ever after."""

from contextlib import suppress
from pathlib import Path

from src.events.connection import Row, connecting
from src.events.master_key import (
    VARIABLE,
    MasterKeys,
    UnusableMasterKeyError,
    load_master_keys,
    opened,
    read_master_keys,
)
from src.events.sealing import BrokenBoxError, TokenBytes
from src.events.wrapping import WRAPPER, bound, of_installation


class ForeignMasterKeyError(UnusableMasterKeyError):
    """The file is missing, or its key does not open the secrets of this book."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{VARIABLE}: {path} is not the key of this book; point it at the right file."
        )


async def master_keys_of(
    dsn: str, path: Path, token_bytes: TokenBytes, book: int = 1
) -> MasterKeys:
    """Return a book's master keys, one made on its first use; raises UnusableMasterKeyError."""
    kept = await _secret_of(dsn, book)
    # A new key for a book that has secrets would only hide that theirs is elsewhere.
    keys = load_master_keys(path, token_bytes) if kept is None else _tried(path, kept, book)
    return MasterKeys(keys, path)


async def check_master_key(dsn: str, path: Path, book: int = 1) -> None:
    """Make nothing; raises UnusableMasterKeyError if the book cannot be served with this file."""
    kept = await _secret_of(dsn, book)
    if kept is not None:
        _tried(path, kept, book)
        return
    with suppress(FileNotFoundError):  # a first use will make it
        read_master_keys(path)


def _tried(path: Path, kept: Row, book: int) -> tuple[bytes, ...]:
    try:
        keys = read_master_keys(path)
        opened(keys, kept["wrapped"], bound(book, of_installation(kept["name"])))
    except (FileNotFoundError, BrokenBoxError):
        raise ForeignMasterKeyError(path) from None
    return keys


async def _secret_of(dsn: str, book: int) -> Row | None:
    connection = await connecting(dsn, "khata master key")()
    try:
        if await connection.fetchval("select to_regclass('keys.installation')") is None:
            return None
        return await connection.fetchrow(_ONE_OF_THEM, book, WRAPPER)
    finally:
        await connection.close()


# Best of all is the one without which nothing new can be wrapped.
_ONE_OF_THEM = """
    select name, wrapped from keys.installation where book = $1
    order by name <> $2, name limit 1
"""
