"""What processes call out to each other through Redis pub/sub: one listening connection each.

Nothing is promised here: a message may be lost, and with Redis away all of
them are. Every listener therefore also looks now and then by itself.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

from src.events.redis_client import Listener
from src.events.redis_link import TIMEOUT_SECONDS, UNREACHABLE, RedisLink
from src.telemetry import logger, places

RECONNECT_SECONDS = 1.0
"""Rest before Redis is tried again, to save work: whoever listens polls meanwhile."""
QUIET_SECONDS = 5.0
"""After so much silence we ask whether anybody is still there."""

Heard = Callable[[bytes | None], None]
"""Takes a message; None says that messages may have been missed."""
Pause = Callable[[float], Awaitable[object]]

log = logger("channels")


class Channels:
    """The channels that this process listens to."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._heard: dict[str, Heard] = {}
        self.connected = False

    def on(self, channel: str, heard: Heard) -> None:
        """Hear a channel; to be said before listening begins."""
        self._heard[channel] = heard

    async def listen(self, pause: Pause = asyncio.sleep) -> None:
        """Hand out messages until cancelled."""
        while True:
            try:
                async with aclosing(self._link.listener()) as listener:
                    await self._hand_out(listener)
            except UNREACHABLE as error:
                self._lost(error)
            except Exception as error:  # noqa: BLE001 - nobody awaits us, and a deaf process is only slow
                log.warning("a bug", error=type(error).__name__, places=places(error))
            finally:
                self.connected = False
            await pause(RECONNECT_SECONDS)

    async def _hand_out(self, listener: Listener) -> None:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await listener.subscribe(*self._heard)
        while True:
            message = await listener.get_message(timeout=QUIET_SECONDS)
            if message is None:
                message = await _sign_of_life(listener)
            self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        match message:
            case {"type": "subscribe", "channel": bytes() as channel}:
                self.connected = True
                self._heard[channel.decode()](None)
            case {"type": "message", "channel": bytes() as channel, "data": bytes() as said}:
                self._heard[channel.decode()](said)
            case _:
                pass  # a pong: somebody is there

    def _lost(self, error: Exception) -> None:
        if self.connected:
            log.warning("no longer listening", error=type(error).__name__)


async def _sign_of_life(listener: Listener) -> dict[str, Any]:
    async with asyncio.timeout(TIMEOUT_SECONDS):
        await listener.ping()
    message: dict[str, Any] | None = await listener.get_message(timeout=TIMEOUT_SECONDS)
    if message is None:
        raise TimeoutError("nobody answers any more")
    return message
