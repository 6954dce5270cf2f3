"""Figures of the write path: how many commands share an append, and how long it takes."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram

COMMANDS_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
SECONDS_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class WriteFigures(Protocol):
    """What the writer of a process tells of its work."""

    def appending(self, commands: int, *, held: bool = False) -> AbstractContextManager[None]:
        """Count one append and the time until it is answered."""
        ...

    def moved(self, commands: int) -> None:
        """Count commands whose streams had moved."""
        ...

    def shed(self) -> None:
        """Count a command that was refused because too many wait."""
        ...


class Uncounted:
    """Counts nothing."""

    def appending(self, commands: int, *, held: bool = False) -> AbstractContextManager[None]:
        """Let it pass."""
        del commands, held
        return nullcontext()

    def moved(self, commands: int) -> None:
        """Let it pass."""

    def shed(self) -> None:
        """Let it pass."""


class PrometheusWriteFigures:
    """The figures of one process, under `khata_append…` and `khata_commands…`."""

    def __init__(self, registry: CollectorRegistry, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._commands = Histogram(
            "khata_append_commands",
            "Commands that shared one append.",
            buckets=COMMANDS_BUCKETS,
            registry=registry,
        )
        self._seconds = Histogram(
            "khata_append_seconds",
            "Time from sending an append to its verdicts.",
            buckets=SECONDS_BUCKETS,
            registry=registry,
        )
        self._held = Counter(
            "khata_appends_held", "Appends for which the book was held.", registry=registry
        )
        self._moved = Counter(
            "khata_commands_moved",
            "Commands decided again because a stream had moved.",
            registry=registry,
        )
        self._shed = Counter(
            "khata_commands_shed", "Commands refused because too many waited.", registry=registry
        )

    @contextmanager
    def appending(self, commands: int, *, held: bool = False) -> Generator[None]:
        """Count one append, also one that fails, and the time until then."""
        begun = self._monotonic()
        try:
            yield
        finally:
            self._seconds.observe(self._monotonic() - begun)
            self._commands.observe(commands)
            self._held.inc(int(held))

    def moved(self, commands: int) -> None:
        """Count commands whose streams had moved."""
        self._moved.inc(commands)

    def shed(self) -> None:
        """Count a command that was refused."""
        self._shed.inc()
