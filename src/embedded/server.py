"""One server under the supervisor: started on a free port, watched, restarted, stopped."""

import subprocess
import time
from collections.abc import Callable
from typing import Protocol

from src.embedded.errors import EngineDidNotStart
from src.embedded.processes import Ladder, end, free_port, wait_until

START_ATTEMPTS_MAX = 5
START_SECONDS = 120.0  # Recovery after a power cut reads all of the log since the last checkpoint.
RETRY_SECONDS = 0.2


class Engine(Protocol):
    """What differs between the two servers."""

    @property
    def name(self) -> str: ...

    @property
    def stop_ladder(self) -> Ladder: ...

    def spawn(self, port: int) -> subprocess.Popen[bytes]: ...

    def is_ready(self, process: subprocess.Popen[bytes], port: int) -> bool: ...

    def explanation(self) -> str: ...


class Server:
    """A running engine; its port never changes while the supervisor lives."""

    def __init__(self, engine: Engine, unless: Callable[[], bool]) -> None:
        self.engine = engine
        self._unless = unless
        self.port = 0
        self.process = self._start(free_port)

    def has_died(self) -> bool:
        return self.process.poll() is not None

    def revive(self) -> None:
        """Start again where clients expect it."""
        port = self.port
        self.process = self._start(lambda: port)

    def _start(self, choose_port: Callable[[], int]) -> subprocess.Popen[bytes]:
        """A port may be taken between the choice and the start, hence the attempts."""
        for attempt in range(START_ATTEMPTS_MAX):
            time.sleep(attempt * RETRY_SECONDS)
            self.port = choose_port()
            process = self.engine.spawn(self.port)
            if self._becomes_ready(process):
                return process
            end(process, self.engine.stop_ladder)
            if self._unless():
                break
        raise EngineDidNotStart(f"{self.engine.name} did not start: {self.engine.explanation()}")

    def _becomes_ready(self, process: subprocess.Popen[bytes]) -> bool:
        def over() -> bool:
            return process.poll() is not None or self._unless()

        return wait_until(
            lambda: self.engine.is_ready(process, self.port), START_SECONDS, unless=over
        )
