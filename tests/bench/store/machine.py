"""The machine, as far as it explains the figures."""

import os
import time
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Self

from tests.bench.usage import busy_seconds, cpu_seconds

SYNCS, PAGE = 200, bytes(8_192)


def sync_ms(folder: Path) -> float:
    """Return how long it takes, in the middle, until a page is on the disk."""
    place = folder / "synced"
    seconds: list[float] = []
    with place.open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            file.write(PAGE)
            begun = time.perf_counter()
            os.fsync(file.fileno())
            seconds.append(time.perf_counter() - begun)
    place.unlink()
    return median(seconds) * 1e3


class BusyElsewhere:
    """How many cores were busy meanwhile with what is not of this benchmark."""

    def __enter__(self) -> Self:
        self._begun, self._before = time.monotonic(), self._others()
        self.cores = 0.0
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        worked = self._others() - self._before
        self.cores = max(0.0, worked) / (time.monotonic() - self._begun)

    @staticmethod
    def _others() -> float:
        return busy_seconds() - cpu_seconds({"ours": os.getpid()})["ours"]
