"""Keys for deliveries, made ahead by the hundred, and always in the same order."""

import asyncio

from src.cli.sample_history.chance import Ids
from src.events.identifiers import public_id
from src.events.ports import KeyRing

KEYS_AHEAD = 500
"""Made in one round trip."""


class KeysAhead:
    """Keys that are durable before anybody needs them."""

    def __init__(self, keys: KeyRing, ids: Ids) -> None:
        self._keys = keys
        self._ids = ids
        self._ready: list[str] = []

    async def top_up(self) -> None:
        """See to it that the next is there."""
        if not self._ready:
            fresh = [public_id("key", self._ids.new()) for _ in range(KEYS_AHEAD)]
            await asyncio.gather(*(self._keys.seal(each, b"") for each in fresh))
            self._ready = fresh

    def take(self) -> str:
        """Return the id of the next."""
        return self._ready.pop()
