"""Valkey as one server of the supervisor; all it is told comes through its standard input."""

import json
import signal
import socket
import subprocess
from pathlib import Path

from msgspec import Struct

from src.embedded.account import Account
from src.embedded.processes import Ladder, spawn

DIRECTORY = "valkey"
PORT_FILE = "valkey.port"
ANSWER_SECONDS = 2.0
ANSWER_BYTES_MAX = 4096
LADDER: Ladder = ((signal.SIGTERM, 10.0),)


class Valkey(Struct, frozen=True, kw_only=True):
    server: Path
    place: Path
    account: Account
    log: Path
    lock: int
    password: str
    stop_ladder: Ladder = LADDER
    name: str = "Valkey"

    def spawn(self, port: int) -> subprocess.Popen[bytes]:
        """The port is left behind for a successor that finds the server without us."""
        (self.place / PORT_FILE).write_text(str(port))
        process = spawn(
            [str(self.server), "-"],
            self.account,
            log=self.log,
            lock=self.lock,
            last_signal=self.stop_ladder[0][0],
            stdin=subprocess.PIPE,
        )
        assert process.stdin is not None
        with process.stdin as told:
            told.write(self._configuration(port).encode())
        return process

    def is_ready(self, process: subprocess.Popen[bytes], port: int) -> bool:
        return process.poll() is None and valkey_answers(port, self.password)

    def explanation(self) -> str:
        return f"see {self.log}, mend what it says and start again."

    def _configuration(self, port: int) -> str:
        """Crash reports are off because they would print what clients sent."""
        lines = (
            "bind 127.0.0.1",
            f"port {port}",
            f"requirepass {self.password}",
            f"dir {json.dumps(str(self.place / DIRECTORY), ensure_ascii=False)}",
            "daemonize no",
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            "crash-log-enabled no",
        )
        return "\n".join((*lines, ""))


def left_port(place: Path) -> int | None:
    try:
        return int((place / PORT_FILE).read_text())
    except (FileNotFoundError, ValueError):
        return None


def valkey_answers(port: int, password: str) -> bool:
    """Whether our own server is there: nobody else accepts the password."""
    return _ask(port, password, "PING") == b"+OK\r\n+PONG\r\n+OK\r\n"


def shut_down(port: int, password: str) -> None:
    """Ask whoever accepts our password to stop; anybody else only refuses the login."""
    _ask(port, password, "SHUTDOWN")


def _ask(port: int, password: str, command: str) -> bytes:
    """Everything that is answered up to QUIT; empty if nobody listens."""
    try:
        with socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS) as connection:
            connection.sendall(f"AUTH {password}\r\n{command}\r\nQUIT\r\n".encode())
            return _read_all(connection)
    except OSError:
        return b""


def _read_all(connection: socket.socket) -> bytes:
    answer = b""
    while len(answer) < ANSWER_BYTES_MAX and (part := connection.recv(ANSWER_BYTES_MAX)):
        answer += part
    return answer
