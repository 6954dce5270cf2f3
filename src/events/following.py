"""The loop of whoever carries the book into Redis: woken when there is more, patient when not."""

import asyncio
from collections.abc import Awaitable, Callable

from src.events.ports import DatabaseUnavailableError
from src.telemetry import Log

SLOW_POLL_SECONDS = 1.0
"""How long a fact may wait when nobody tells us about it."""
PACE_SECONDS = 0.02
"""Rest after the head was reached: a busy book is read in pages, not fact by fact."""

Wait = Callable[[float], Awaitable[object]]


async def follow(
    catch_up: Callable[[], Awaitable[object]], log: Log, wake: Wait, pause: Wait = asyncio.sleep
) -> None:
    """Catch up until cancelled; `wake` returns when there is more, or after some seconds."""
    away = False
    while True:
        try:
            await catch_up()
            away = False
        except DatabaseUnavailableError:
            if not away:
                log.warning("waiting for the database")
            away = True
        await pause(PACE_SECONDS)
        await wake(SLOW_POLL_SECONDS)
