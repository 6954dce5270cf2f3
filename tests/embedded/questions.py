"""Small questions to running engines and processes."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # ships no types
import redis

WAIT_SECONDS = 20.0
ROOT = Path(__file__).resolve().parents[2]
STARTER = """
import sys, time
from pathlib import Path
from src.embedded import EnginesSettings, start_engines
engines = start_engines(EnginesSettings(home=Path(sys.argv[1])))
print(engines.supervisor_pid, engines.postgres_pid, engines.valkey_pid, flush=True)
sys.stdin.read()
"""


def ask(url: str, *statements: str) -> object:
    """The first value that the last statement answers."""

    async def conversation() -> object:
        connection = await asyncpg.connect(url)
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return await connection.fetchval(statements[-1])
        finally:
            await connection.close()

    return asyncio.run(conversation())


@contextlib.contextmanager
def valkey(url: str) -> Iterator["redis.Redis"]:
    client = redis.Redis.from_url(url, decode_responses=True)
    try:
        yield client
    finally:
        client.close()


def is_alive(pid: int) -> bool:
    """A process that ended and was not collected yet counts as gone."""
    asked = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)],  # noqa: S607 - ps is where the system says
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() not in {"", "Z", "Zs"}


def eventually(condition: Callable[[], bool]) -> bool:
    """Whether it comes true within the bound."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)  # between two looks; the condition decides, not the time
    return condition()


def all_gone(pids: list[int]) -> bool:
    return eventually(lambda: not any(is_alive(pid) for pid in pids))


@contextlib.contextmanager
def started_by_another_process(home: Path) -> Iterator[tuple["subprocess.Popen[str]", list[int]]]:
    """Engines of a process that can be killed: it, and the pids of supervisor and servers."""
    with subprocess.Popen(
        [sys.executable, "-c", STARTER, str(home)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process, [int(pid) for pid in process.stdout.readline().split()]
        process.kill()


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
