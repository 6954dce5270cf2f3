"""What every key ring promises, and what the one in PostgreSQL promises besides."""

import asyncio
import secrets
import stat
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from msgspec import structs

from src.events.connection import Connection, connecting
from src.events.key_ring import KEY_CACHED_SECONDS, KEYS_CACHED_MAX, PostgresKeyRing
from src.events.lines import Line
from src.events.master_key import MasterKeys, UnusableMasterKeyError, load_master_keys
from src.events.ports import KeyDestroyedError, Sealed
from src.events.sealing import BrokenBoxError
from tests.databases import BookDatabase, connected
from tests.events.conftest import MASTER_KEYS
from tests.memory import MemoryKeyRing

pytestmark = pytest.mark.anyio

T = TypeVar("T")


async def test_what_was_sealed_can_be_opened(keys: MemoryKeyRing | PostgresKeyRing) -> None:
    sealed = await keys.seal("person-1", "सीता".encode())
    assert await keys.open(sealed) == "सीता".encode()


async def test_a_destroyed_key_opens_nothing_and_seals_nothing(
    keys: MemoryKeyRing | PostgresKeyRing,
) -> None:
    sealed, other = await keys.seal("person-1", b"one"), await keys.seal("person-2", b"two")
    await keys.destroy(["person-1", "person-3"])
    assert await keys.open(sealed) is None
    assert await keys.open(other) == b"two"
    for gone in ("person-1", "person-3"):
        with pytest.raises(KeyDestroyedError):
            await keys.seal(gone, b"again")


async def test_an_installation_secret_is_made_once(keys: MemoryKeyRing | PostgresKeyRing) -> None:
    secret = await keys.installation_secret("mailbox")
    assert len(secret) == 32
    assert await keys.installation_secret("mailbox") == secret
    assert await keys.installation_secret("guest") != secret


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class CountingLine(Line):
    """A line that counts how often it was used."""

    uses = 0

    async def run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        self.uses += 1
        return await super().run(work)


class Process:
    """A key ring as one process has it, with its own clock and its own count."""

    def __init__(self, database: BookDatabase, master: MasterKeys = MASTER_KEYS) -> None:
        self.line = CountingLine(connecting(database.app_url, "khata tests"))
        self.clock = Clock()
        self.ring = PostgresKeyRing(self.line, master, secrets.token_bytes, self.clock)


@pytest.fixture
async def process(book_database: BookDatabase) -> Process:
    return Process(book_database)


async def test_two_processes_share_keys_and_secrets(book_database: BookDatabase) -> None:
    here, there = Process(book_database).ring, Process(book_database).ring
    ours, theirs = await asyncio.gather(here.seal("p", b"ours"), there.seal("p", b"theirs"))
    assert await here.open(theirs) == b"theirs"
    assert await there.open(ours) == b"ours"
    first, second = await asyncio.gather(
        here.installation_secret("mailbox"), there.installation_secret("mailbox")
    )
    assert first == second
    await asyncio.gather(here.close(), there.close())


async def test_a_key_is_durable_before_it_seals(book_database: BookDatabase) -> None:
    first = Process(book_database)
    sealed = await first.ring.seal("person-1", b"one")
    await first.ring.close()
    second = Process(book_database)
    assert await second.ring.open(sealed) == b"one"
    await second.ring.close()


async def test_a_crowd_of_new_keys_shares_its_round_trips(process: Process) -> None:
    sealed = await asyncio.gather(*(process.ring.seal(f"p-{n % 50}", b"x") for n in range(200)))
    assert process.line.uses <= 2
    assert {await process.ring.open(box) for box in sealed} == {b"x"}
    assert process.line.uses <= 2
    await process.ring.close()


async def test_a_caller_who_goes_away_takes_nothing_from_the_others(process: Process) -> None:
    leaving = asyncio.create_task(process.ring.seal("p", b"left"))
    staying = asyncio.create_task(process.ring.seal("p", b"stayed"))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await process.ring.open(await staying) == b"stayed"
    await process.ring.close()


async def test_another_process_forgets_a_destroyed_key_in_time(book_database: BookDatabase) -> None:
    here, there = Process(book_database), Process(book_database)
    sealed = await there.ring.seal("person-1", b"one")
    await here.ring.destroy(["person-1"])
    assert await here.ring.open(sealed) is None
    there.clock.seconds += KEY_CACHED_SECONDS + 1
    assert await there.ring.open(sealed) is None
    await asyncio.gather(here.ring.close(), there.ring.close())


async def test_a_key_that_is_said_to_be_destroyed_is_not_kept_open_by_a_late_answer(
    process: Process,
) -> None:
    sealed = await process.ring.seal("person-1", b"one")
    process.ring.forget(["person-1"])
    uses = process.line.uses
    for _ in range(2):
        assert await process.ring.open(sealed) == b"one"  # nobody destroyed it, so it is asked for
    assert process.line.uses == uses + 2
    await process.ring.close()


async def test_the_cache_of_opened_keys_is_bounded(process: Process) -> None:
    await asyncio.gather(*(process.ring.seal(f"p-{n}", b"") for n in range(KEYS_CACHED_MAX + 1)))
    uses = process.line.uses
    await process.ring.seal(f"p-{KEYS_CACHED_MAX}", b"")
    assert process.line.uses == uses
    await process.ring.seal("p-0", b"")
    assert process.line.uses > uses
    await process.ring.close()


async def test_a_box_opens_only_with_its_own_name_and_unaltered(process: Process) -> None:
    sealed = await process.ring.seal("person-1", b"one")
    other = await process.ring.seal("person-2", b"two")
    raw = b64decode(sealed.box)
    altered = [
        structs.replace(sealed, key_id="person-2"),
        structs.replace(other, box=sealed.box),
        *(
            Sealed(sealed.key_id, b64encode(box).decode())
            for box in (raw[:-1], b"\x02" + raw[1:], b"")
        ),
    ]
    for wrong in altered:
        with pytest.raises(BrokenBoxError):
            await process.ring.open(wrong)
    await process.ring.close()


async def test_a_wrapped_key_is_bound_to_its_id_and_to_the_master_key(
    book_database: BookDatabase,
) -> None:
    here = Process(book_database)
    sealed = await here.ring.seal("person-1", b"one")
    stranger = Process(book_database, master=MasterKeys([b"s" * 32]))
    with pytest.raises(BrokenBoxError):
        await stranger.ring.open(sealed)
    swap = "insert into keys.person_keys select book, 'person-2', wrapped from keys.person_keys"
    await connected(book_database.app_url, lambda connection: connection.execute(swap))
    with pytest.raises(BrokenBoxError):
        await here.ring.seal("person-2", b"two")
    await asyncio.gather(here.ring.close(), stranger.ring.close())


async def test_the_ring_goes_on_after_its_connection_died(
    process: Process, book_database: BookDatabase
) -> None:
    await process.ring.seal("person-1", b"one")
    kill = (
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    await connected(book_database.superuser_url, lambda connection: connection.execute(kill))
    assert await process.ring.open(await process.ring.seal("person-2", b"two")) == b"two"
    await process.ring.close()


def test_the_master_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "home" / "master.key"
    (key,) = load_master_keys(path, secrets.token_bytes)
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_master_keys(path, secrets.token_bytes) == (key,)
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_is_no_master_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(b"short")
    with pytest.raises(UnusableMasterKeyError):
        load_master_keys(path, secrets.token_bytes)
