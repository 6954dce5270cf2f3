"""PostgreSQL as one server of the supervisor."""

import signal
import socket
import subprocess
from pathlib import Path

from msgspec import Struct

from src.embedded.account import Account
from src.embedded.postgres_conf import configured
from src.embedded.processes import Ladder, spawn

CLUSTER = "pg"
PID_FILE = "postmaster.pid"
PID_LINE, PORT_LINE, STATUS_LINE = 0, 3, 7
ANSWER_SECONDS = 2.0
SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")
CLEAN: Ladder = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 10.0))
AT_ONCE: Ladder = ((signal.SIGQUIT, 10.0),)


class Postgres(Struct, frozen=True, kw_only=True):
    install: Path
    place: Path
    account: Account
    log: Path
    lock: int
    stop_ladder: Ladder = CLEAN
    name: str = "PostgreSQL"

    @property
    def cluster(self) -> Path:
        return self.place / CLUSTER

    def spawn(self, port: int) -> subprocess.Popen[bytes]:
        return spawn(
            [
                str(self.install / "bin" / "postgres"),
                "-D",
                str(self.cluster),
                "-p",
                str(port),
                *configured(self.place),
            ],
            self.account,
            log=self.log,
            lock=self.lock,
            last_signal=self.stop_ladder[0][0],
        )

    def is_ready(self, process: subprocess.Popen[bytes], port: int) -> bool:
        return ready_postmaster(self.cluster) == (process.pid, port)

    def explanation(self) -> str:
        return f"see {self.log}, mend what it says and start again."


def ready_postmaster(cluster: Path) -> tuple[int, int] | None:
    """Pid and port as the server itself wrote them, None before it takes connections."""
    lines = _pid_file(cluster)
    if len(lines) <= STATUS_LINE or lines[STATUS_LINE].strip() != "ready":
        return None
    return int(lines[PID_LINE]), int(lines[PORT_LINE])


def postmaster_pid(cluster: Path) -> int | None:
    """The pid of the server that has, or had, the cluster."""
    lines = _pid_file(cluster)
    return int(lines[PID_LINE]) if lines and lines[PID_LINE].strip().isdigit() else None


def postgres_answers(port: int) -> bool:
    """Whether a PostgreSQL listens there; it answers one byte to the question about TLS."""
    try:
        with socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS) as connection:
            connection.sendall(SSL_REQUEST)
            return connection.recv(1) in {b"N", b"S"}
    except OSError:
        return False


def _pid_file(cluster: Path) -> list[str]:
    try:
        return (cluster / PID_FILE).read_text().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
