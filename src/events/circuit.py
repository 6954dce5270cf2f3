"""A circuit breaker: after a failure nobody is let through for a while, then one goes first."""

OPEN_SECONDS = 1.0
"""So long a failure is believed to last."""


class Circuit:
    """Closed while things work; times are seconds of any clock that only goes forward."""

    def __init__(self, open_seconds: float = OPEN_SECONDS) -> None:
        self._open_seconds = open_seconds
        self._open_until: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether the last that was tried failed."""
        return self._open_until is not None

    def lets_through(self, now: float) -> bool:
        """Return whether to try. Of an open circuit one may, each period: the probe."""
        if self._open_until is None:
            return True
        if now < self._open_until:
            return False
        # The others keep out until the probe is back; one that gets lost is followed by another.
        self._open_until = now + self._open_seconds
        return True

    def succeeded(self) -> None:
        """Let everybody through again."""
        self._open_until = None

    def failed(self, now: float) -> None:
        """Let nobody through for a while."""
        self._open_until = now + self._open_seconds
