"""The key ring in PostgreSQL: one key a person or foreign body, wrapped by the master key.

A key is durable before the first box is sealed with it. Other processes hear
through Redis that a key was destroyed; one that does not hear it can hold the
key open for `KEY_CACHED_SECONDS`, and no longer.
"""

from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from src.events.connection import Connection, connecting
from src.events.installation_secrets import InstallationSecrets
from src.events.key_rounds import KeyRounds
from src.events.lines import Line, read_until_answered
from src.events.master_key import MasterKeys
from src.events.ports import KeyDestroyedError, Sealed
from src.events.sealing import KEY_BYTES, TokenBytes, shut, unlock
from src.events.wrapping import Wrapping

KEYS_CACHED_MAX = 10_000
KEY_CACHED_SECONDS = 60.0

T = TypeVar("T")


async def open_key_ring(
    dsn: str,
    master: MasterKeys,
    token_bytes: TokenBytes,
    monotonic: Callable[[], float],
    book: int = 1,
) -> "PostgresKeyRing":
    """Open one book's key ring; raises DatabaseUnavailableError when nobody answers."""
    line = Line(connecting(dsn, "khata keys"))
    ring = PostgresKeyRing(line, master, token_bytes, monotonic, book)
    await line.run(lambda connection: connection.fetchval("select 1"))
    return ring


class PostgresKeyRing:
    """Keys, kept outside the book; the clock is monotonic, in seconds."""

    def __init__(
        self,
        line: Line,
        master: MasterKeys,
        token_bytes: TokenBytes,
        monotonic: Callable[[], float],
        book: int = 1,
    ) -> None:
        self._line = line
        self._token_bytes = token_bytes
        self._book = book
        self._wrapping = Wrapping(master, token_bytes, book)
        self._rounds = KeyRounds(line, self._wrapping, book)
        self._opened = _OpenedKeys(monotonic)
        self._secrets = InstallationSecrets(line, self._wrapping, token_bytes, book)

    async def seal(self, key_id: str, plain: bytes) -> Sealed:
        """Seal with the key of this id, made and durable if it is new; raises KeyDestroyedError."""
        key = self._opened.get(key_id)
        if key is None:
            fresh = self._token_bytes(KEY_BYTES)
            key = self._remembered(key_id, await self._rounds.find_or_keep(key_id, fresh))
        if key is None:
            raise KeyDestroyedError(key_id)
        box = shut(key, plain, key_id, self._token_bytes)
        return Sealed(key_id=key_id, box=b64encode(box).decode())

    async def open(self, sealed: Sealed) -> bytes | None:
        """Return what was sealed, or None once the key is destroyed; raises BrokenBoxError."""
        key = self._opened.get(sealed.key_id)
        if key is None:
            key = self._remembered(sealed.key_id, await self._rounds.find(sealed.key_id))
        return None if key is None else unlock(key, b64decode(sealed.box), sealed.key_id)

    async def destroy(self, key_ids: Sequence[str]) -> None:
        """Destroy the keys for ever, also those that were never made: they can never be."""
        self._opened.forget(key_ids)
        await self._ask(
            lambda connection: connection.execute(_DESTROY, self._book, sorted(set(key_ids)))
        )

    def forget(self, key_ids: Sequence[str]) -> None:
        """Drop keys that another process destroyed, and open them never again."""
        self._opened.forget(key_ids)

    def forget_all(self) -> None:
        """Drop every opened key; each is found again when it is needed."""
        self._opened.clear()

    async def installation_secret(self, name: str) -> bytes:
        """Return the installation's secret of this name, made once for every process."""
        return await self._secrets.get(name)

    async def close(self) -> None:
        """Close the connection."""
        await self._line.close()

    async def _ask(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        return await read_until_answered(lambda: self._line.run(work))

    def _remembered(self, key_id: str, wrapped: bytes | None) -> bytes | None:
        if wrapped is None:
            return None
        key = self._wrapping.unwrap(wrapped, key_id)
        self._opened.put(key_id, key)
        return key


class _OpenedKeys:
    """Opened keys in memory: bounded in number and in age."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._keys: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._gone: OrderedDict[str, None] = OrderedDict()

    def get(self, key_id: str) -> bytes | None:
        since, key = self._keys.get(key_id, (None, b""))
        if since is None or self._monotonic() - since > KEY_CACHED_SECONDS:
            self._keys.pop(key_id, None)
            return None
        self._keys.move_to_end(key_id)
        return key

    def put(self, key_id: str, key: bytes) -> None:
        if key_id in self._gone:
            return  # The question was asked before the key was destroyed.
        self._keys[key_id] = (self._monotonic(), key)
        while len(self._keys) > KEYS_CACHED_MAX:
            self._keys.popitem(last=False)

    def forget(self, key_ids: Sequence[str]) -> None:
        for key_id in key_ids:
            self._keys.pop(key_id, None)
            self._gone[key_id] = None
        while len(self._gone) > KEYS_CACHED_MAX:
            self._gone.popitem(last=False)

    def clear(self) -> None:
        self._keys.clear()


_DESTROY = """
    insert into keys.person_keys (book, key_id, wrapped, destroyed_at)
    select $1, key_id, null, clock_timestamp() from unnest($2::text[]) as key_id
    on conflict (book, key_id) do update set wrapped = null, destroyed_at = excluded.destroyed_at
    where keys.person_keys.destroyed_at is null
"""
