"""Three processes want one stream all the time, a fourth reads it among many: all are served."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from src.events.identifiers import STOCK, stream
from src.events.ledger import open_book
from tests.commands.rush import HOT, OWN, READS
from tests.databases import BookDatabase

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
HOT_PROCESSES = 3
WAIT_SECONDS_MAX = 60.0
POLL_SECONDS = 0.02
RUSHING = 300
"""So much has been written when the reader begins."""
Rushing = subprocess.Popen[bytes]


def start(kind: str, name: str, url: str) -> Rushing:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "tests.commands.rush", kind, name, url],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def ended(process: Rushing) -> Counter[str]:
    """Let a process end, and return what its commands came to."""
    said, _ = process.communicate(timeout=WAIT_SECONDS_MAX)
    assert process.returncode == 0
    return Counter(msgspec.json.decode(said, type=dict[str, int]))


@pytest.fixture
def processes() -> Iterator[list[Rushing]]:
    """Whoever is started; nobody is left behind."""
    started: list[Rushing] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


async def test_nobody_starves_and_nobody_is_told_to_come_back(
    processes: list[Rushing], book_database: BookDatabase
) -> None:
    url = book_database.app_url
    hot = [start("hot", f"hot {n}", url) for n in range(HOT_PROCESSES)]
    processes += hot
    book = await open_book(url)
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while await book.head() < RUSHING:  # noqa: ASYNC110 - other processes tell nobody
            await asyncio.sleep(POLL_SECONDS)
    reader = start("reader", "reader", url)
    processes.append(reader)
    # The hot ones go on until it is done.
    assert await asyncio.to_thread(ended, reader) == Counter(held=READS)
    answers = [ended(process) for process in hot]
    assert [set(answer) for answer in answers] == [{"held"}] * HOT_PROCESSES
    hot_events = await book.read_stream(stream(STOCK, HOT))
    own_events = await book.read_stream(stream(STOCK, OWN))
    await book.close()
    assert len(hot_events) == sum(answer["held"] for answer in answers)
    assert len({event.command_id for event in hot_events}) == len(hot_events)
    assert len({event.command_id for event in own_events}) == len(own_events) == READS
