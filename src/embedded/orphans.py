"""Servers that outlived their supervisor, stopped before the next one starts.

Only macOS knows them for longer than a moment. Nothing is ended on the word of a
pid alone: PostgreSQL must run on our data directory, Valkey must accept our password.
"""

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

import msgspec

from src.embedded.errors import HomeInUse
from src.embedded.locks import Lock
from src.embedded.passwords import FILE_NAME, Passwords
from src.embedded.postgres import CLUSTER, postmaster_pid
from src.embedded.processes import command_line, wait_until
from src.embedded.valkey import left_port, shut_down


def stop_orphans(
    place: Path, lock: Lock, *, wait_seconds: float, unless: Callable[[], bool]
) -> None:
    """Return holding the lock, which no server of ours holds any more then."""
    if lock.take():
        return
    _stop_postgres(place / CLUSTER)
    _stop_valkey(place)
    if not wait_until(lock.take, wait_seconds, unless=unless):
        raise HomeInUse(
            f"Engines of an earlier run still hold {place} (PostgreSQL pid "
            f"{postmaster_pid(place / CLUSTER)}, started by pid {lock.holder()}): "
            "stop them, then start again."
        )


def _stop_postgres(cluster: Path) -> None:
    pid = postmaster_pid(cluster)
    if pid is None or f"-D {cluster} " not in command_line(pid):
        return
    with contextlib.suppress(ProcessLookupError):  # It went down while we looked.
        os.kill(pid, signal.SIGINT)


def _stop_valkey(place: Path) -> None:
    port = left_port(place)
    with contextlib.suppress(
        FileNotFoundError, msgspec.MsgspecError
    ):  # Without a password we cannot have one.
        passwords = msgspec.json.decode((place / FILE_NAME).read_bytes(), type=Passwords)
        if port is not None:
            shut_down(port, passwords.valkey)
