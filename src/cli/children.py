"""The processes of a shop, as `khata up` starts, restarts and stops them."""

import os
import subprocess
import sys
import time
from collections import deque
from contextlib import suppress
from pathlib import Path

from src.cli.complaint import Complaint
from src.cli.lifeline import Order, written
from src.telemetry import logger

IMPORT_ROOT = Path(__file__).resolve().parents[2]
RESTARTS_PER_MINUTE_MAX = 5
MINUTE_SECONDS = 60.0
STOP_SECONDS = 12.0
"""More than a part takes by itself: 5 s for requests under way and 2 s each for what is left."""

log = logger("up")


class Child:
    """One part of the shop in a process, and a session, of its own: Ctrl-C does not reach it."""

    def __init__(self, arguments: tuple[str, ...], handed_down: tuple[int, ...]) -> None:
        self.name = arguments[0]
        self._arguments = arguments
        self._handed_down = handed_down
        self._order: Order | None = None
        self._restarted: deque[float] = deque(maxlen=RESTARTS_PER_MINUTE_MAX)
        self._is_asked = False
        self._process = self._spawn()

    @property
    def pid(self) -> int:
        return self._process.pid

    def tell(self, order: Order) -> None:
        """Give the order it waits for; meanwhile it has imported what it needs."""
        self._order = order
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # It died already; whoever looks after it will see.
            self._process.stdin.write(written(order))

    def has_died(self) -> bool:
        return self._process.poll() is not None

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.returncode

    def revive(self) -> None:
        """Start it again; raises Complaint when it dies too often."""
        now = time.monotonic()
        full = len(self._restarted) == RESTARTS_PER_MINUTE_MAX
        if full and now - self._restarted[0] < MINUTE_SECONDS:
            raise Complaint(
                f"khata {self.name} ended {RESTARTS_PER_MINUTE_MAX + 1} times within a minute: "
                "its lines above say why; `khata doctor` may know more."
            )
        code = self._process.returncode
        log.warning("a process ended by itself: starting it again", name=self.name, code=code)
        self._restarted.append(now)
        self._replace()

    def restart(self, order: Order) -> None:
        """End it and start it with another order."""
        self.kill()
        self._order = order
        self._replace()

    def finish(self) -> int:
        """Wait until it ends by itself, and return its exit code."""
        return self._process.wait()

    def ask_to_stop(self) -> None:
        """Let it begin to stop while others do; asked twice, it would stop at once."""
        if not self._is_asked:
            self._is_asked = True
            self._process.terminate()

    def stop(self, drain_seconds: int) -> None:
        """Let it finish what it began; it is ended if that takes too long."""
        self.ask_to_stop()
        seconds = drain_seconds + STOP_SECONDS
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            log.warning("a process did not stop in time", name=self.name, seconds=seconds)
            self.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _replace(self) -> None:
        self._process = self._spawn()
        if self._order is not None:
            self.tell(self._order)

    def _spawn(self) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(filter(None, (str(IMPORT_ROOT), os.environ.get("PYTHONPATH"))))
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-P", "-m", "src", *self._arguments, "--lifeline"],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=sys.stderr,  # Standard output belongs to the line `ready`.
            env=os.environ | {"PYTHONPATH": path},
            pass_fds=self._handed_down,
            start_new_session=True,
        )
