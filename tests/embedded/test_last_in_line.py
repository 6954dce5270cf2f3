"""Who may only read gets what the others leave of the processors."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # ships no types
import pytest

from src.embedded import Engines
from src.embedded.cluster import READ
from src.embedded.last_in_line import LAST, LastInLine
from tests.embedded.questions import eventually

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def server_process(url: str) -> AsyncIterator[int]:
    """The pid of the process that a connection has at the server."""
    connection = await asyncpg.connect(url)
    try:
        yield await connection.fetchval("select pg_backend_pid()")
    finally:
        await connection.close()


def nice(pid: int) -> set[int]:
    """Of the process, and of its session where the system has such."""
    session = Path(f"/proc/{pid}/autogroup")
    words = session.read_text().split() if session.exists() else []
    return {os.getpriority(os.PRIO_PROCESS, pid), *(int(word) for word in words[2:])}


def is_last(pid: int) -> bool:
    return nice(pid) == {LAST}


async def test_an_analysts_process_is_the_last_and_a_shops_is_not(engines: Engines) -> None:
    async with server_process(engines.app_url) as shop:
        for _ in range(2):  # whoever comes later is found, too
            async with server_process(engines.read_url) as analyst:
                assert eventually(partial(is_last, analyst))
        assert nice(shop) == {0}


def test_a_server_that_is_gone_is_nobody(engines: Engines) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    LastInLine(READ).look(gone.pid)
    assert engines.postgres_pid is not None
    assert nice(engines.postgres_pid) == {0}


async def test_a_system_that_forbids_it_is_told_of_once_and_ends_nobody(
    engines: Engines, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def forbidden(*_: int) -> None:
        raise PermissionError("not here")

    monkeypatch.setattr(os, "setpriority", forbidden)
    assert engines.postgres_pid is not None
    analysts = LastInLine(READ)
    async with server_process(engines.read_url) as analyst:
        for _ in range(2):
            analysts.look(engines.postgres_pid)
    said = [each.getMessage() for each in caplog.records if each.name == "khata.engines"]
    assert said == [f"process {analyst} of analysts cannot be put last: not here"]
