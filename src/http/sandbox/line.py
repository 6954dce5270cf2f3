"""Who is delivered to next: the deliveries in the order of when they are due."""

import asyncio
from contextlib import suppress
from heapq import heappop, heappush
from itertools import count
from typing import NamedTuple

from src.http.sandbox.clock import Clock
from src.http.sandbox.event_table import Delivery, Event


class Turn(NamedTuple):
    due_at: float
    number: int
    event: Event
    delivery: Delivery
    is_copy: bool


class Line:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._turns: list[Turn] = []
        self._numbers = count()
        self._woken = asyncio.Event()

    def join(self, event: Event, delivery: Delivery, *, is_copy: bool = False) -> None:
        heappush(self._turns, Turn(delivery.due_at, next(self._numbers), event, delivery, is_copy))
        self.wake()

    def wake(self) -> None:
        """Look again: somebody came in, or the time was moved."""
        self._woken.set()

    async def next(self) -> Turn:
        """Whoever is due first, once that is due."""
        while not self._turns or self._turns[0].due_at > self._clock.now():
            self._woken.clear()
            patience = self._turns[0].due_at - self._clock.now() if self._turns else None
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), patience)
        return heappop(self._turns)

    def clear(self) -> None:
        self._turns.clear()
