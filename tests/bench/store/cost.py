"""How long the processors worked for each of many things."""

import time
from collections.abc import Awaitable, Sequence
from statistics import median

from msgspec import Struct

from src.embedded import Engines
from tests.bench.usage import cpu_seconds


class Cost(Struct, frozen=True):
    """Microseconds for each."""

    python_us: float
    postgres_us: float

    @property
    def per_second(self) -> float:
        """Return how many one core would do a second."""
        return 1e6 / (self.python_us + self.postgres_us)


def in_the_middle(costs: Sequence[Cost]) -> str:
    """Write the medians of both parts."""
    python = median(each.python_us for each in costs)
    postgres = median(each.postgres_us for each in costs)
    return f"{python:.1f} + {postgres:.1f} µs"


class Costs:
    """Reads the clocks of this process and of PostgreSQL, its backends included."""

    def __init__(self, engines: Engines) -> None:
        pid = engines.postgres_pid
        assert pid is not None
        self._postgres = pid

    async def of(self, work: Awaitable[int]) -> Cost:
        """Let so many things be done, and say what each of them cost."""
        python, postgres = time.process_time(), self._postgres_seconds()
        things = await work
        python, postgres = time.process_time() - python, self._postgres_seconds() - postgres
        return Cost(python / things * 1e6, postgres / things * 1e6)

    def _postgres_seconds(self) -> float:
        return cpu_seconds({"PostgreSQL": self._postgres})["PostgreSQL"]
