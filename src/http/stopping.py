"""A process that was told to stop: it says that it is not ready, and ends what would not end."""

from collections.abc import Callable


class Stopping:
    """Begins when a stop is asked for; streams end once no more requests are taken."""

    def __init__(self) -> None:
        self.is_asked = False
        self._endless: list[Callable[[], None]] = []

    def at_the_end(self, end: Callable[[], None]) -> None:
        """Call this before the process waits for what it began."""
        self._endless.append(end)

    def ask(self) -> None:
        """From now on `/health/ready` is 503, and everything is answered all the same."""
        self.is_asked = True

    def end_streams(self) -> None:
        """End what only ever ends when it is told to."""
        self.is_asked = True
        for end in self._endless:
            end()
