"""Short leases in Redis around work that talks to the world, so that it is seldom done twice.

A lease saves work and decides nothing: with Redis away everybody gets one, and
the stream's version still lets only one of them write.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from src.events.redis_client import Redis
from src.events.redis_link import RedisLink

LEASE_SECONDS = 30.0
"""Longer than the work takes when it goes well; it ends by itself if we die."""

_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


def lease_key(cart_id: str) -> str:
    """Return where the lease of a cart lies in Redis."""
    return f"checkout:lock:{cart_id}"


class RedisLeases:
    """One lease a cart."""

    def __init__(
        self, link: RedisLink, token: Callable[[], str], lease_seconds: float = LEASE_SECONDS
    ) -> None:
        self._link = link
        self._token = token
        self._lease_ms = round(lease_seconds * 1_000)

    @asynccontextmanager
    async def hold(self, cart_id: str) -> AsyncGenerator[bool]:
        """Yield whether the lease is ours; while Redis is away it is everybody's."""
        key, token = lease_key(cart_id), self._token()
        mine = await self._take(key, token)
        try:
            yield mine
        finally:
            if mine:
                await self._release(key, token)

    async def _take(self, key: str, token: str) -> bool:
        async def ask(redis: Redis) -> bool:
            return bool(await redis.set(key, token, nx=True, px=self._lease_ms))

        return await self._link.do(ask, otherwise=True)

    async def _release(self, key: str, token: str) -> None:
        async def ask(redis: Redis) -> None:
            await redis.eval(_RELEASE, 1, key, token)

        await self._link.do(ask, otherwise=None)
