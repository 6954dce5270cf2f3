"""The sandbox's time: the wall's, plus what it was told to skip."""

import asyncio
from collections.abc import Callable
from contextlib import suppress


class Clock:
    def __init__(self, wall: Callable[[], float], skipped_seconds: float = 0.0) -> None:
        self._wall = wall
        self._moved = asyncio.Event()
        self.skipped_seconds = skipped_seconds

    def now(self) -> float:
        """Unix seconds, with fractions."""
        return self._wall() + self.skipped_seconds

    def seconds(self) -> int:
        """Unix seconds, whole, as Razorpay writes its timestamps."""
        return int(self.now())

    def advance(self, seconds: float) -> None:
        self.skipped_seconds += seconds
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def pass_by(self, seconds: float) -> None:
        """Return once so much time has passed, by itself or because it was skipped."""
        until = self.now() + seconds
        while (left := until - self.now()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), left)
