"""Waiting until something can be seen; nothing becomes correct by waiting."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

LOOK_AGAIN_SECONDS = 0.02
SEEN_SECONDS_MAX = 15.0

T = TypeVar("T")


class NotSeenError(Exception):
    """What should have happened was not seen in time."""


async def seen(
    what: str, look: Callable[[], Awaitable[T | None]], seconds_max: float = SEEN_SECONDS_MAX
) -> T:
    """Look again and again until there is something to see; raises NotSeenError."""
    end = time.monotonic() + seconds_max
    while True:
        found = await look()
        if found is not None:
            return found
        if time.monotonic() > end:
            raise NotSeenError(f"{what} was not seen within {seconds_max:g} s")
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
