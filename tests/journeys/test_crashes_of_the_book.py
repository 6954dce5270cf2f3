"""PostgreSQL crashes under load again and again, and so do its writers: the book is right.

Three tills sell through the real commands while a projection runner and a
notary follow the book. What the shop as a whole makes of a crash is shown in
test_killed_processes.py; here it is the book and all that is made from it.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from src.embedded import Engines, EnginesSettings, start_engines
from src.embedded.postgres import CLUSTER, postmaster_pid
from src.events.checkpoint_folder import CheckpointFolder
from src.events.connection import connecting
from src.events.ledger import open_book
from src.events.migrations import migrate
from src.events.notary import Notary
from src.events.notary_key import load_signer
from src.projections.runner import Runner
from tests.databases import connected, role_of
from tests.factories import shop
from tests.journeys.expected_models import check_models
from tests.journeys.tills import check_told, open_tills
from tests.journeys.whole_book import (
    check_checkpoints,
    check_log,
    check_rebuild,
    stored_chain,
    whole_book,
)
from tests.processes import Process

pytestmark = pytest.mark.anyio

CRASHES = (signal.SIGQUIT, signal.SIGKILL, signal.SIGQUIT, signal.SIGKILL, signal.SIGQUIT)
"""How PostgreSQL goes down: at once by order, or killed."""
WAIT_SECONDS_MAX = 60.0
POLL_SECONDS = 0.02
UNITS = 100_000


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory into which PostgreSQL may go as somebody else."""
    with TemporaryDirectory(prefix="khata-crashed-") as directory:
        Path(directory).chmod(0o711)
        yield Path(directory)


@pytest.fixture
def engines(place: Path) -> Iterator[Engines]:
    """A durable PostgreSQL, to be crashed."""
    with start_engines(EnginesSettings(home=place / "home", valkey=False)) as started:
        yield started


def crash(engines: Engines, how: signal.Signals) -> None:
    """Let PostgreSQL go down; its supervisor starts it again."""
    pid = postmaster_pid(engines.data_directory / CLUSTER)
    assert pid is not None
    os.kill(pid, how)


async def until_back(engines: Engines, before: object) -> None:
    """Wait until the server that answers is another one."""
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while await began(engines) in {before, None}:  # noqa: ASYNC110  # another process
            await asyncio.sleep(POLL_SECONDS)


async def began(engines: Engines) -> object:
    """Return when the running server began, None while there is none."""
    try:
        return await connected(
            engines.app_url, lambda db: db.fetchval("select pg_postmaster_start_time()")
        )
    except Exception:  # noqa: BLE001 - whatever it says in the middle of a crash, it is not there
        return None


@asynccontextmanager
async def onlookers(engines: Engines, notary: Notary) -> AsyncIterator[None]:
    """A projection runner and a notary follow the book through every crash."""
    book = await open_book(engines.app_url)
    runner = Runner(book, connecting(engines.app_url, "khata tests"))
    following = [
        asyncio.create_task(each.follow(asyncio.sleep, asyncio.sleep)) for each in (runner, notary)
    ]
    yield
    for task in following:
        assert not task.done(), "whoever follows gives up for no crash"
        task.cancel()
    await asyncio.gather(*following, return_exceptions=True)
    await runner.close()
    await book.close()


async def test_after_every_crash_the_book_and_all_that_is_made_from_it_are_right(
    engines: Engines, place: Path
) -> None:
    await migrate(engines.owner_url, role_of(engines.app_url))
    book = await open_book(engines.app_url)
    await Process(book).write("open", *shop(units=UNITS))
    await book.close()
    folder, signer = CheckpointFolder(place / "signed"), load_signer(place / "notary")
    notary = Notary(connecting(engines.app_url, "khata tests"), folder, signer)
    with open_tills(engines.app_url, place) as tills:
        async with onlookers(engines, notary):
            for how in CRASHES:
                await tills.go_on()
                before = await began(engines)
                tills.kill_one()
                crash(engines, how)
                await until_back(engines, before)
            await tills.go_on()
            notes = await tills.close()
    await notary.catch_up()
    await notary.close()
    assert notary.stopped is None
    events = await whole_book(engines.app_url)
    check_log(events)
    check_told(events, notes)
    leaves, chains = await stored_chain(engines.app_url, events)
    signed = check_checkpoints(folder, signer.key, leaves, chains)
    assert signed[-1] == len(events)
    assert len(signed) > 1
    await check_rebuild(engines.app_url)
    await connected(engines.app_url, lambda db: check_models(db, events))
