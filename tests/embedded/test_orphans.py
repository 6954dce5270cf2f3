"""Servers that no kernel stopped are stopped by the next start, and only if they are ours."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from src.embedded.account import servers_account
from src.embedded.binaries import postgres_install, valkey_server
from src.embedded.errors import HomeInUse
from src.embedded.locks import ENGINES_LOCK, Lock
from src.embedded.orphans import stop_orphans
from src.embedded.passwords import FILE_NAME, Passwords
from src.embedded.postgres import Postgres
from src.embedded.processes import end, free_port
from src.embedded.server import Engine
from src.embedded.valkey import Valkey
from tests.embedded.questions import WAIT_SECONDS, eventually


@pytest.fixture
def place(home: Path) -> Path:
    return home / "engines"


@pytest.fixture
def orphans(place: Path) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Both servers, running and ready, with the lock in their hands alone."""
    with ExitStack() as after:
        lock = Lock(place / ENGINES_LOCK)
        assert lock.take()
        running = [_run(engine, after) for engine in _both(place, lock.fd)]
        os.close(lock.fd)
        yield running


def test_the_next_start_stops_them_and_holds_their_place(
    place: Path, orphans: list["subprocess.Popen[bytes]"]
) -> None:
    lock = Lock(place / ENGINES_LOCK)
    assert not lock.take()
    stop_orphans(place, lock, wait_seconds=WAIT_SECONDS, unless=lambda: False)
    assert [orphan.wait(WAIT_SECONDS) for orphan in orphans] == [0, 0]
    os.close(lock.fd)


def test_a_stranger_that_got_the_old_pid_is_left_alone(place: Path) -> None:
    """The file that names the pid outlives its server; the number does not stay ours."""
    holder = Lock(place / ENGINES_LOCK)
    assert holder.take()
    sleep = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(sleep, stdin=subprocess.PIPE) as stranger:
        (place / "pg" / "postmaster.pid").write_text(f"{stranger.pid}\n{place}/pg\n")
        lock = Lock(place / ENGINES_LOCK)
        with pytest.raises(HomeInUse, match=f"pid {stranger.pid}"):
            stop_orphans(place, lock, wait_seconds=0.1, unless=lambda: False)
        assert stranger.poll() is None
        stranger.communicate()
    assert stranger.returncode == 0
    os.close(holder.fd)
    os.close(lock.fd)


def _both(place: Path, lock: int) -> list[Engine]:
    account, log = servers_account(place / "pg"), place / "orphans.log"
    passwords = msgspec.json.decode((place / FILE_NAME).read_bytes(), type=Passwords)
    return [
        Postgres(install=postgres_install(), place=place, account=account, log=log, lock=lock),
        Valkey(
            server=valkey_server(),
            place=place,
            account=account,
            log=log,
            lock=lock,
            password=passwords.valkey,
        ),
    ]


def _run(engine: Engine, after: ExitStack) -> "subprocess.Popen[bytes]":
    port = free_port()
    process = engine.spawn(port)
    after.callback(end, process, engine.stop_ladder)
    assert eventually(lambda: engine.is_ready(process, port))
    return process
