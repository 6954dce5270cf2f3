"""Destroying keys for every process at once: the ring destroys, Redis carries the word.

A process that does not hear it forgets an opened key after `KEY_CACHED_SECONDS`.
"""

from collections.abc import Sequence
from typing import Protocol

from src.events.channels import Channels
from src.events.redis_client import Redis
from src.events.redis_link import RedisLink

KEYS_PER_CALL_MAX = 500
ID_SEPARATOR = " "


class DestroyableKeys(Protocol):
    """A key ring whose keys can be destroyed, and that forgets what it has opened."""

    async def destroy(self, key_ids: Sequence[str]) -> None:
        """Destroy the keys for ever."""
        ...

    def forget(self, key_ids: Sequence[str]) -> None:
        """Drop keys that another process destroyed."""
        ...

    def forget_all(self) -> None:
        """Drop every opened key; each is found again when it is needed."""
        ...


class KeyDestruction:
    """Destroys keys here and calls their ids out; hears what others destroyed."""

    def __init__(
        self, keys: DestroyableKeys, link: RedisLink, channels: Channels, book: int = 1
    ) -> None:
        self._keys = keys
        self._link = link
        self._channel = f"khata:keys:{book}"
        channels.on(self._channel, self._heard)

    async def destroy(self, key_ids: Sequence[str]) -> None:
        """Destroy the keys for ever, some hundred at a time; again changes nothing."""
        for first in range(0, len(key_ids), KEYS_PER_CALL_MAX):
            some = key_ids[first : first + KEYS_PER_CALL_MAX]
            await self._keys.destroy(some)
            await self._call_out(ID_SEPARATOR.join(some))

    async def _call_out(self, said: str) -> None:
        async def publish(redis: Redis) -> None:
            await redis.publish(self._channel, said)

        await self._link.do(publish, None)

    def _heard(self, said: bytes | None) -> None:
        if said is None:
            self._keys.forget_all()
        else:
            self._keys.forget(said.decode(errors="replace").split(ID_SEPARATOR))
