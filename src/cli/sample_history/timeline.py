"""The simulated clock, and everybody who waits for their moment in it."""

from collections.abc import AsyncGenerator, Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush

from src.commands.rejections import Rejection

Life = AsyncGenerator[timedelta, None]
"""Somebody who acts, says how long they pause, and acts again."""


class Timeline:
    """One life moves at a time, in the order of the clock; who began first goes first."""

    def __init__(self, since: datetime) -> None:
        self.now = since
        self.refused = 0
        """So many lives ended because the shop said no."""
        self._due: list[tuple[datetime, int, Life]] = []
        self._begun = 0

    def clock(self) -> datetime:
        """Return the simulated time."""
        return self.now

    def begin(self, at: datetime, life: Life) -> None:
        """Let somebody act at this time, or now if it is over."""
        self._begun += 1
        heappush(self._due, (max(at, self.now), self._begun, life))

    async def run(self, until: datetime, goes_on: Callable[[], bool]) -> None:
        """Live everything that is due before `until`, as long as it goes on."""
        while self._due and self._due[0][0] < until and goes_on():
            self.now, _, life = heappop(self._due)
            pause = await self._lived(life)
            if pause is not None:
                self.begin(self.now + pause, life)

    async def close(self) -> None:
        """End every life where it stands."""
        for _, _, life in self._due:
            await life.aclose()
        self._due.clear()

    async def _lived(self, life: Life) -> timedelta | None:
        try:
            return await anext(life)
        except StopAsyncIteration:
            return None
        except Rejection:
            self.refused += 1
            return None
