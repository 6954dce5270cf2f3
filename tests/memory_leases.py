"""Leases in memory: the same rules as Redis keeps, held to by the same tests."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager


class MemoryLeases:
    """One lease a cart, in this process."""

    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token
        self._held: dict[str, str] = {}

    @asynccontextmanager
    async def hold(self, cart_id: str) -> AsyncGenerator[bool]:
        """Yield whether the lease is ours."""
        token = self._token()
        mine = self._held.setdefault(cart_id, token) == token
        try:
            yield mine
        finally:
            if self._held.get(cart_id) == token:
                del self._held[cart_id]

    def run_out(self, cart_id: str) -> None:
        """End a lease as its time would."""
        self._held.pop(cart_id, None)
