"""The sandbox's time: the wall's, plus what it was told to skip."""

from collections.abc import Callable


class Clock:
    def __init__(self, wall: Callable[[], float], skipped_seconds: float = 0.0) -> None:
        self._wall = wall
        self.skipped_seconds = skipped_seconds

    def now(self) -> float:
        """Unix seconds, with fractions."""
        return self._wall() + self.skipped_seconds

    def seconds(self) -> int:
        """Unix seconds, whole, as Razorpay writes its timestamps."""
        return int(self.now())

    def advance(self, seconds: float) -> None:
        self.skipped_seconds += seconds
