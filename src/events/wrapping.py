"""How keys are wrapped: which master key wraps new ones stands in the database, for every process.

A secret of the installation says it: the master key that opens it wraps. Whoever
keeps a new key says in the same statement which box they found there, and shares a
lock on it. So once a rotation has changed that box, nothing more is ever kept that
the old master key wraps, however long a process had been thinking.
"""

from msgspec import Struct

from src.events.connection import Connection
from src.events.master_key import MasterKeys
from src.events.sealing import KEY_BYTES, TokenBytes, shut

WRAPPER = "wraps-new-keys"
"""The name of the installation's secret that says which master key wraps."""
TRIES_MAX = 5
"""A rotation moves the wrapper once; more than so often in one question it never moves."""


class RestlessWrapperError(Exception):
    """The master key that wraps new keys changed at every attempt."""


class Wrapper(Struct, frozen=True):
    """The master key that wraps new keys, and the box that said so."""

    key: bytes
    box: bytes


class Wrapping:
    """Wraps and unwraps the keys of one book."""

    def __init__(self, master: MasterKeys, token_bytes: TokenBytes, book: int) -> None:
        self._master = master
        self._token_bytes = token_bytes
        self._book = book
        self._wrapper: Wrapper | None = None

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        """Return the key; raises BrokenBoxError if no master key opens it, here or in the file."""
        return self._master.open(wrapped, bound(self._book, name))[0]

    def wrap(self, wrapper: Wrapper, key: bytes, name: str) -> bytes:
        """Return the key, wrapped for this name."""
        return shut(wrapper.key, key, bound(self._book, name), self._token_bytes)

    async def wrapper(self, db: Connection) -> Wrapper:
        """Return what wraps new keys, as it was last seen; raises BrokenBoxError."""
        if self._wrapper is None:
            box = await db.fetchval(_FIND, self._book, WRAPPER) or await self._keep_first(db)
            name = bound(self._book, of_installation(WRAPPER))
            self._wrapper = Wrapper(self._master.open(box, name)[1], box)
        return self._wrapper

    def look_again(self) -> None:
        """Forget what was seen: nothing was kept, because another master key wraps now."""
        self._wrapper = None

    async def _keep_first(self, db: Connection) -> bytes:
        """Begin with the oldest key: another machine may not have the newer ones yet."""
        first = shut(
            self._master.oldest,
            self._token_bytes(KEY_BYTES),
            bound(self._book, of_installation(WRAPPER)),
            self._token_bytes,
        )
        kept: bytes = await db.fetchval(_KEEP, self._book, WRAPPER, first) or await db.fetchval(
            _FIND, self._book, WRAPPER
        )
        return kept


def bound(book: int, name: str) -> str:
    """What is authenticated with a wrapped key."""
    return f"{book}:{name}"


def of_installation(name: str) -> str:
    """Name an installation's secret; no person's key id begins like this."""
    return f"installation:{name}"


STILL_WRAPS = f"""
    wrapper as (
        select from keys.installation where book = $1 and name = '{WRAPPER}' and wrapped = $4
        for share
    )
"""
"""Takes the box as $4: no row if another stands there, also one that stood up meanwhile."""

_KEEP = """
    insert into keys.installation (book, name, wrapped) values ($1, $2, $3)
    on conflict do nothing returning wrapped
"""
_FIND = "select wrapped from keys.installation where book = $1 and name = $2"
