"""Keys that are durable before anybody needs them, so that sealing a delivery waits for nothing.

A delivery's body has a key of its own. Made when the body arrives, it would cost
the sender a round trip to the disk before the one that stores the body. A spare
that a crash leaves unused opens nothing.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from src.events.identifiers import public_id
from src.events.ports import DatabaseUnavailableError, KeyRing

SPARES_MAX, SPARES_MIN = 128, 64


class SpareKeys:
    """A few keys, made ahead by the dozen."""

    def __init__(self, keys: KeyRing, new_id: Callable[[], UUID]) -> None:
        self._keys = keys
        self._new_id = new_id
        self._ready: list[str] = []
        self._making: asyncio.Task[None] | None = None

    def take(self) -> str:
        """Return the id of a key that seals nothing yet; when none is ready, of one to be made."""
        if len(self._ready) < SPARES_MIN and self._making is None:
            self._making = asyncio.create_task(self._make())
        return self._ready.pop() if self._ready else self._fresh()

    async def close(self) -> None:
        """Wait for those that are being made."""
        if self._making is not None:
            await asyncio.wait([self._making])

    async def _make(self) -> None:
        fresh = [self._fresh() for _ in range(SPARES_MAX - len(self._ready))]
        try:
            with suppress(DatabaseUnavailableError):  # then whoever needs a key hears of it
                await asyncio.gather(*(self._keys.seal(each, b"") for each in fresh))
                self._ready += fresh
        finally:
            self._making = None

    def _fresh(self) -> str:
        return public_id("key", self._new_id())
