"""Another master key for every wrapped key, while the shop sells.

The order makes it safe to be killed anywhere and to be run again: both keys stand in
the file before the new one wraps anything; from then on nothing new is wrapped with the
old one (`wrapping` says how); every row is wrapped anew; and the old key leaves the file
only after a whole sweep that found nothing of its.
"""

import fcntl
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from src.events.connection import Connection
from src.events.key_shelves import SHELVES, Shelf, count_keys, pages
from src.events.master_key import MasterKeys, opened, read_master_keys, replace_master_keys
from src.events.sealing import KEY_BYTES, BrokenBoxError, TokenBytes, shut
from src.events.wrapping import (
    TRIES_MAX,
    WRAPPER,
    RestlessWrapperError,
    Wrapping,
    bound,
    of_installation,
)

SWEEPS_MAX = 10
"""One is enough, and another to see that it was; more only if somebody restores keys meanwhile."""
NAMED_MAX = 10

Progress = Callable[[int, int], None]
"""How many rows of how many were looked at."""


class RotationRunningError(Exception):
    """Another process is changing the file of the master key."""


class Left(Struct, frozen=True):
    """What could not be wrapped anew, as no key in the file opens it."""

    count: int
    names: list[str]
    """The first of them."""


@contextmanager
def sole_rotation(path: Path) -> Generator[None]:
    """Keep every other rotation on this machine out; the lock dies with the process."""
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        _take(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def prepare_rotation(path: Path, token_bytes: TokenBytes) -> bool:
    """Put a new key before the one in the file; False if one is there already."""
    keys = read_master_keys(path)
    if len(keys) == 1:
        replace_master_keys(path, [token_bytes(KEY_BYTES), *keys])
    return len(keys) == 1


async def wrap_anew(
    db: Connection, path: Path, token_bytes: TokenBytes, progress: Progress, book: int = 1
) -> Left:
    """Wrap everything with the newest key in the file; raises BrokenBoxError before it begins."""
    keys = read_master_keys(path)
    for _ in range(TRIES_MAX):
        if await _is_wrapper(db, keys, token_bytes, book):
            return await _sweep(db, keys, token_bytes, progress, book)
    raise RestlessWrapperError


def finish_rotation(path: Path) -> None:
    """Leave the newest key alone in the file."""
    replace_master_keys(path, read_master_keys(path)[:1])


def _take(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RotationRunningError(f"{path} is being changed by another process") from None


async def _is_wrapper(
    db: Connection, keys: tuple[bytes, ...], token_bytes: TokenBytes, book: int
) -> bool:
    """Have every process wrap with the newest key; what is being kept meanwhile is waited for."""
    master, name = MasterKeys(keys), bound(book, of_installation(WRAPPER))
    found = await Wrapping(master, token_bytes, book).wrapper(db)
    if found.key != keys[0]:
        fresh = shut(keys[0], master.open(found.box, name)[0], name, token_bytes)
        await db.execute(_LET_WRAP, book, WRAPPER, fresh, found.box)
    return found.key == keys[0]


async def _sweep(
    db: Connection,
    keys: tuple[bytes, ...],
    token_bytes: TokenBytes,
    progress: Progress,
    book: int,
) -> Left:
    """Go through everything until once there is nothing to do."""
    sweep = _Sweep(db, keys, token_bytes, progress, book)
    for _ in range(SWEEPS_MAX):
        await sweep.run()
        if not sweep.changed:
            break
    return Left(sweep.left + sweep.changed, sweep.names)


class _Sweep:
    """Once over all rows; `changed` says how many were wrapped anew."""

    def __init__(
        self,
        db: Connection,
        keys: tuple[bytes, ...],
        token_bytes: TokenBytes,
        progress: Progress,
        book: int,
    ) -> None:
        self._db = db
        self._keys = keys
        self._token_bytes = token_bytes
        self._progress = progress
        self._book = book
        self.changed = self.left = 0
        self.names: list[str] = []

    async def run(self) -> None:
        """Page by page; each page is one short transaction."""
        self.changed, self.left, self.names = 0, 0, []
        total, seen = await count_keys(self._db, self._book), 0
        for shelf in SHELVES:
            async for page in pages(self._db, shelf, self._book):
                await self._rewrap(shelf, page)
                seen += len(page)
                self._progress(seen, max(total, seen))

    async def _rewrap(self, shelf: Shelf, page: dict[str, bytes]) -> None:
        fresh = {name: box for name, was in page.items() if (box := self._anew(shelf, name, was))}
        if fresh:
            was = [page[name] for name in fresh]
            await self._db.execute(shelf.rewrap, self._book, list(fresh), was, list(fresh.values()))
            self.changed += len(fresh)

    def _anew(self, shelf: Shelf, name: str, was: bytes) -> bytes | None:
        """Wrap it with the newest key; None where that is done, or cannot be."""
        about = bound(self._book, shelf.named(name))
        try:
            key, opener = opened(self._keys, was, about)
        except BrokenBoxError:
            self.left += 1
            self.names += [name] if len(self.names) < NAMED_MAX else []
            return None
        newest = self._keys[0]
        return None if opener == newest else shut(newest, key, about, self._token_bytes)


_LET_WRAP = """
    update keys.installation set wrapped = $3 where book = $1 and name = $2 and wrapped = $4
"""
