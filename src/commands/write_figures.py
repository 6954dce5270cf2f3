"""Figures of the write path: how many commands share an append, and how long it takes."""

from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import StrEnum
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram

from src.commands.rejections import Rejection
from src.commands.wish import Busy
from src.events.ports import DatabaseUnavailableError, OutcomeUnknownError

COMMANDS_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
SECONDS_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class CommandOutcome(StrEnum):
    """How a command ended for whoever wanted it."""

    HELD = "held"
    REFUSED = "refused"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"
    FAILED = "failed"
    LEFT = "left"
    """Nobody waited for its end."""


class WriteFigures(Protocol):
    """What the writer of a process tells of its work."""

    def deciding(self, command: str) -> AbstractContextManager[None]:
        """Count a command by how it ends."""
        ...

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

    def deciding(self, command: str) -> AbstractContextManager[None]:
        """Let it pass."""
        del command
        return nullcontext()

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
        self._ended = Counter(
            "khata_commands",
            "Commands, by the rule that decides and by how they ended.",
            ("command", "outcome"),
            registry=registry,
        )
        # Finding a labelled figure costs more than raising it, so each is found once.
        self._found: dict[tuple[str, CommandOutcome], Counter] = {}
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
    def deciding(self, command: str) -> Generator[None]:
        """Count a command by how it ends."""
        outcome = CommandOutcome.HELD
        try:
            yield
        except BaseException as error:
            outcome = _outcome(error)
            raise
        finally:
            self._ended_as(command, outcome).inc()

    def _ended_as(self, command: str, outcome: CommandOutcome) -> Counter:
        found = self._found.get((command, outcome))
        if found is None:
            found = self._ended.labels(command, outcome.value)
            self._found[command, outcome] = found
        return found

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


_OUTCOMES: Sequence[tuple[type[BaseException], CommandOutcome]] = (
    (Rejection, CommandOutcome.REFUSED),
    (Busy, CommandOutcome.BUSY),
    (DatabaseUnavailableError, CommandOutcome.UNAVAILABLE),
    (OutcomeUnknownError, CommandOutcome.UNKNOWN),
    (Exception, CommandOutcome.FAILED),
)


def _outcome(error: BaseException) -> CommandOutcome:
    return next((said for kind, said in _OUTCOMES if isinstance(error, kind)), CommandOutcome.LEFT)
