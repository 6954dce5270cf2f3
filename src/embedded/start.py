"""Starting the supervisor and holding the pipe that keeps it, and the engines, alive."""

import contextlib
import logging
import os
import subprocess
import sys
from pathlib import Path

from src.embedded.binaries import postgres_install, valkey_server
from src.embedded.engines import Engines
from src.embedded.errors import BY_NAME, EngineDidNotStart
from src.embedded.order import Order, Ready, Refused, line, read_answer
from src.embedded.places import make_home
from src.embedded.processes import open_log
from src.embedded.record import Record
from src.embedded.settings import EnginesSettings

IMPORT_ROOT = Path(__file__).resolve().parents[2]
SUPERVISOR = "src.embedded.supervisor"
STOP_SECONDS = 45.0

log = logging.getLogger(__name__)


def start_engines(settings: EnginesSettings) -> Engines:
    """Start what the settings ask for and return when it answers.

    Blocking: call it before the event loop starts.
    """
    order = _order(settings)
    make_home(home := Path(order.home))
    process = _spawn_supervisor(home)
    try:
        record = _give(order, process, home)
    except BaseException:
        _stop(process)
        raise
    if not record.data_directory.startswith(order.home) and settings.durable:
        log.warning("the data of %s is kept in %s", order.home, record.data_directory)
    return Engines(record, stop=lambda: _stop(process))


def _order(settings: EnginesSettings) -> Order:
    return Order(
        home=str(settings.home.resolve()),
        postgres_install=str(postgres_install()) if settings.postgres else None,
        valkey_server=str(valkey_server()) if settings.valkey else None,
        durable=settings.durable,
        predecessor_wait_seconds=settings.predecessor_wait_seconds,
    )


def _spawn_supervisor(home: Path) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C is for us, and we stop the engines last."""
    path = os.pathsep.join(filter(None, (str(IMPORT_ROOT), os.environ.get("PYTHONPATH"))))
    with open_log(home / "logs" / "supervisor.log") as errors:
        return subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", "-m", SUPERVISOR],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd="/",
            env=os.environ | {"PYTHONPATH": path},
            start_new_session=True,
        )


def _give(order: Order, supervisor: subprocess.Popen[bytes], home: Path) -> Record:
    assert supervisor.stdin is not None
    assert supervisor.stdout is not None
    with contextlib.suppress(BrokenPipeError):  # Its silence is told below.
        supervisor.stdin.write(line(order))
    with supervisor.stdout as said:
        answer = said.readline()
    if not answer:
        raise EngineDidNotStart(
            f"The supervisor ended before the engines answered: see {home}/logs/supervisor.log."
        )
    match read_answer(answer):
        case Ready(record):
            return record
        case Refused(kind, message):
            raise BY_NAME[kind](message)


def _stop(supervisor: subprocess.Popen[bytes]) -> None:
    """Close the pipe and wait: the supervisor does the rest. A second call does nothing."""
    assert supervisor.stdin is not None
    supervisor.stdin.close()
    try:
        supervisor.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()
