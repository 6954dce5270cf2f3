"""Wake-ups: who follows the book hears at once that there is more, in whatever process it is.

They only save waiting. A follower that hears nothing looks by itself after its
timeout, so a lost wake-up, or no Redis at all, costs time and nothing else.
"""

import asyncio
from contextlib import suppress

from src.events.channels import Channels
from src.events.redis_client import Redis
from src.events.redis_link import RedisLink

POSITION_DIGITS_MAX = 19
GAP_SECONDS = 0.01
"""Between two calls, in which many appends may be told of as one."""


class Wake:
    """What this process knows about the head of the book without asking for it."""

    def __init__(self, link: RedisLink, channels: Channels, book: int = 1) -> None:
        self._link = link
        self._channel = f"khata:wake:{book}"
        self._position = 0
        self._told = 0
        self._call: asyncio.Task[None] | None = None
        self._rung = asyncio.Event()
        self.turn = 0
        channels.on(self._channel, self._heard)

    def announce(self, position: int) -> None:
        """Say that the book has reached a position; returns at once.

        At most one call to Redis is under way; the next tells the latest position.
        """
        self._reached(position)
        if self._call is None:
            self._call = asyncio.get_running_loop().create_task(self._call_out())

    def follower(self) -> "Follower":
        """Return an ear for one follower; it misses nothing while the follower works."""
        return Follower(self)

    async def rung(self) -> None:
        """Wait for the next turn."""
        await self._rung.wait()

    async def close(self) -> None:
        """Wait for the call that is under way."""
        if self._call is not None:
            await asyncio.wait([self._call])

    async def _call_out(self) -> None:
        try:
            while self._told < self._position:
                self._told = self._position
                await self._link.do(self._publish, None)
                await asyncio.sleep(GAP_SECONDS)
        finally:
            self._call = None

    async def _publish(self, redis: Redis) -> None:
        await redis.publish(self._channel, str(self._told))

    def _heard(self, said: bytes | None) -> None:
        if said is None:
            self._ring()
        elif said.isdigit() and len(said) <= POSITION_DIGITS_MAX:
            self._reached(int(said))

    def _reached(self, position: int) -> None:
        if position > self._position:
            self._position = position
            self._ring()

    def _ring(self) -> None:
        self.turn += 1
        self._rung.set()
        self._rung = asyncio.Event()


class Follower:
    """Remembers up to which turn it was woken."""

    def __init__(self, wake: Wake) -> None:
        self._wake = wake
        self._turn = wake.turn

    async def wait(self, timeout_seconds: float) -> None:
        """Return when there was news since the last return, or after the timeout."""
        if self._turn == self._wake.turn:
            with suppress(TimeoutError):  # then it is time to look without having been called
                async with asyncio.timeout(timeout_seconds):
                    await self._wake.rung()
        self._turn = self._wake.turn
