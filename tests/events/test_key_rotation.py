"""The master key gives way to another while the shop sells, and wherever the rotation is killed."""

import asyncio
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from src.events.connection import Connection, connecting
from src.events.key_ring import PostgresKeyRing
from src.events.key_rotation import (
    RotationRunningError,
    finish_rotation,
    prepare_rotation,
    sole_rotation,
    wrap_anew,
)
from src.events.key_shelves import KEYS_PER_PAGE, SHELF_SESSION, SHELVES, standing
from src.events.lines import Line
from src.events.master_key import (
    SEVERAL,
    MasterKeys,
    UnusableMasterKeyError,
    fingerprint,
    load_master_keys,
    read_master_keys,
    replace_master_keys,
)
from src.events.ports import KeyDestroyedError
from src.events.sealing import BrokenBoxError
from tests.databases import BookDatabase

pytestmark = pytest.mark.anyio

NOBODY_UID = 65_534


_SOMEBODY_WAITS = "select exists (select from pg_locks where not granted)"


class KilledError(Exception):
    """Stands for the end of the process."""


class Shop:
    """One book, one file, and as many processes as a test opens."""

    def __init__(self, database: BookDatabase, path: Path) -> None:
        self.database = database
        self.path = path
        self.rings: list[PostgresKeyRing] = []

    def process(self, path: Path | None = None) -> PostgresKeyRing:
        """A process that has just read the file; it forgets opened keys at once."""
        path = path or self.path
        master = MasterKeys(read_master_keys(path), path)
        line = Line(connecting(self.database.app_url, "khata tests"))
        clock = iter(range(0, 10**9, 1_000))
        self.rings.append(PostgresKeyRing(line, master, secrets.token_bytes, lambda: next(clock)))
        return self.rings[-1]

    async def connection(self) -> Connection:
        return await connecting(self.database.app_url, "khata tests", session=SHELF_SESSION)()

    async def wrap_anew(self, killed_after: int | None = None) -> int:
        """Return how many keys were left; perhaps die once so many rows were looked at."""

        def progress(done: int, total: int) -> None:
            assert done <= total
            if killed_after is not None and done >= killed_after:
                raise KilledError

        db = await self.connection()
        try:
            return (await wrap_anew(db, self.path, secrets.token_bytes, progress)).count
        finally:
            await db.close()

    async def rotate(self) -> None:
        with sole_rotation(self.path):
            prepare_rotation(self.path, secrets.token_bytes)
            assert await self.wrap_anew() == 0
            finish_rotation(self.path)

    async def under(self, *keys: bytes) -> list[int]:
        """How many wrapped keys each of these opens."""
        db = await self.connection()
        try:
            found = await standing(db, keys, 1)
            return [found.under[fingerprint(key)] for key in keys]
        finally:
            await db.close()


@pytest.fixture
async def shop(book_database: BookDatabase, tmp_path: Path) -> AsyncIterator[Shop]:
    path = tmp_path / "keys" / "master.key"
    load_master_keys(path, secrets.token_bytes)
    opened = Shop(book_database, path)
    yield opened
    await asyncio.gather(*(ring.close() for ring in opened.rings))


async def test_everything_opens_after_a_rotation_and_nothing_with_the_old_key(shop: Shop) -> None:
    old = read_master_keys(shop.path)
    ring = shop.process()
    sealed = [await ring.seal(f"p-{n}", b"%d" % n) for n in range(3)]
    secret = await ring.installation_secret("mailbox")
    await shop.rotate()
    assert len(read_master_keys(shop.path)) == 1
    assert read_master_keys(shop.path) != old
    assert list(shop.path.parent.iterdir()) == [shop.path]
    for process in (ring, shop.process()):
        assert [await process.open(box) for box in sealed] == [b"0", b"1", b"2"]
        assert await process.installation_secret("mailbox") == secret
    with_old = shop.path.with_name("old")
    with_old.write_bytes(old[0])
    late = shop.process(with_old)
    with pytest.raises(BrokenBoxError):
        await late.open(sealed[0])
    with pytest.raises(BrokenBoxError):
        await late.installation_secret("mailbox")
    with pytest.raises(BrokenBoxError):
        await late.seal("p-new", b"")
    assert await shop.process().open(await ring.seal("p-new", b"new")) == b"new"


async def test_two_processes_seal_and_open_while_the_key_changes(shop: Shop) -> None:
    here, there = shop.process(), shop.process()
    sealed = list(await asyncio.gather(*(here.seal(f"a-{n}", b"a") for n in range(2_500))))
    enough = asyncio.Event()

    async def sell(ring: PostgresKeyRing, other: PostgresKeyRing, name: str) -> None:
        for number in range(2_000):
            box = await ring.seal(f"{name}-{number}", name.encode())
            assert await other.open(box) == name.encode()
            sealed.append(box)
            if enough.is_set():
                return

    selling = [
        asyncio.create_task(sell(here, there, "b")),
        asyncio.create_task(sell(there, here, "c")),
    ]
    for _ in range(3):
        await shop.rotate()
    enough.set()
    await asyncio.gather(*selling)
    (newest,) = read_master_keys(shop.path)
    fresh = shop.process()
    assert {await fresh.open(box) for box in sealed} == {b"a", b"b", b"c"}
    # Every key there is, the wrapper among them.
    assert await shop.under(newest) == [len(sealed) + 1]


async def test_a_key_that_was_wrapped_long_ago_is_not_kept_after_the_rotation(shop: Shop) -> None:
    ring = shop.process()
    await ring.seal("p-0", b"")  # It knows the old key, and which box said that this wraps.
    await shop.rotate()
    sealed = await ring.seal("p-1", b"one")
    assert await shop.process().open(sealed) == b"one"
    assert await shop.under(*read_master_keys(shop.path)) == [3]


async def test_a_key_that_is_being_kept_is_waited_for_and_wrapped_anew(shop: Shop) -> None:
    ring = shop.process()
    await ring.seal("p-0", b"")
    prepare_rotation(shop.path, secrets.token_bytes)
    db = await shop.connection()
    async with db.transaction():
        await db.execute("select from keys.installation for share")
        rotating = asyncio.create_task(shop.wrap_anew())
        other = await shop.connection()
        while not await other.fetchval(_SOMEBODY_WAITS):  # noqa: ASYNC110  # only the server knows
            await asyncio.sleep(0)
        await other.close()
        copy = "insert into keys.person_keys (book, key_id, wrapped) values (1, 'p-1', $1)"
        old = await db.fetchval("select wrapped from keys.person_keys where key_id = 'p-0'")
        await db.execute(copy, old)
    await db.close()
    # Copied from another name, it opens with nothing: that it was seen is the point.
    assert await rotating == 1


async def test_other_processes_wrap_with_the_old_key_until_the_rotation_begins(shop: Shop) -> None:
    old = read_master_keys(shop.path)[0]
    elsewhere = shop.path.with_name("elsewhere")
    elsewhere.write_bytes(old)
    assert prepare_rotation(shop.path, secrets.token_bytes)
    here, there = shop.process(), shop.process(elsewhere)
    assert await there.open(await here.seal("p-0", b"here")) == b"here"
    assert await here.open(await there.seal("p-1", b"there")) == b"there"
    elsewhere.write_bytes(shop.path.read_bytes())
    assert await shop.wrap_anew() == 0
    assert await there.open(await here.seal("p-2", b"here")) == b"here"
    assert (await shop.under(*read_master_keys(shop.path)))[1] == 0


@pytest.mark.parametrize("step", ["draft", "prepared", "first page", "second page", "swept"])
async def test_a_rotation_that_was_killed_is_run_again(shop: Shop, step: str) -> None:
    ring = shop.process()
    names = [f"p-{n}" for n in range(KEYS_PER_PAGE + 10)]
    sealed = await asyncio.gather(*(ring.seal(name, name.encode()) for name in names))
    match step:
        case "draft":
            (shop.path.parent / ".master.key.draft").write_bytes(SEVERAL)
        case "prepared":
            prepare_rotation(shop.path, secrets.token_bytes)
        case _:
            prepare_rotation(shop.path, secrets.token_bytes)
            after = {"first page": 1, "second page": 2, "swept": None}[step]
            if after is None:
                assert await shop.wrap_anew() == 0
            else:
                with pytest.raises(KilledError):
                    await shop.wrap_anew(after)
    assert await ring.open(sealed[0]) == b"p-0"
    await ring.seal("between", b"")
    prepared = read_master_keys(shop.path)
    await shop.rotate()
    (newest,) = read_master_keys(shop.path)
    assert len(prepared) == 1 or newest == prepared[0]
    assert list(shop.path.parent.iterdir()) == [shop.path]
    assert [await shop.process().open(box) for box in sealed[:2]] == [b"p-0", b"p-1"]
    assert await shop.under(newest) == [len(sealed) + 2]


async def test_a_key_that_is_destroyed_meanwhile_stays_destroyed(shop: Shop) -> None:
    """The page was read before the key was destroyed, and is written after."""
    ring = shop.process()
    sealed = await ring.seal("p-0", b"gone")
    db = await shop.connection()
    was = await db.fetchval("select wrapped from keys.person_keys where key_id = 'p-0'")
    (persons,) = (shelf for shelf in SHELVES if "person_keys" in shelf.rewrap)
    await ring.destroy(["p-0"])
    await db.execute(persons.rewrap, 1, ["p-0"], [was], [b"again"])
    assert await db.fetchval("select wrapped from keys.person_keys where key_id = 'p-0'") is None
    await db.close()
    await shop.rotate()
    assert await shop.process().open(sealed) is None
    with pytest.raises(KeyDestroyedError):
        await shop.process().seal("p-0", b"")


async def test_keys_are_destroyed_in_crowds_while_all_are_wrapped_anew(shop: Shop) -> None:
    ring, other = shop.process(), shop.process()
    names = [f"p-{n:05}" for n in range(3 * KEYS_PER_PAGE)]
    await asyncio.gather(*(ring.seal(name, b"") for name in names))
    gone, kept = names[::2], names[1::2]
    pieces = [gone[at : at + 100] for at in range(0, len(gone), 100)]

    async def destroy() -> None:
        for piece in pieces:
            await other.destroy(list(reversed(piece)))

    await asyncio.gather(shop.rotate(), destroy())
    db = await shop.connection()
    alive = await db.fetch(
        "select key_id from keys.person_keys where wrapped is not null order by key_id"
    )
    await db.close()
    assert [row[0] for row in alive] == kept
    assert await shop.under(*read_master_keys(shop.path)) == [len(kept) + 1]


async def test_what_no_key_opens_keeps_the_old_key_in_the_file(shop: Shop) -> None:
    await shop.process().seal("p-0", b"")
    db = await shop.connection()
    strange = "insert into keys.person_keys (book, key_id, wrapped) values (1, 'strange', $1)"
    await db.execute(strange, b"\x01" + b"?" * 60)
    prepare_rotation(shop.path, secrets.token_bytes)
    left = await wrap_anew(db, shop.path, secrets.token_bytes, lambda _done, _total: None)
    assert (left.count, left.names) == (1, ["strange"])
    found = await standing(db, read_master_keys(shop.path), 1)
    assert (list(found.under.values()), found.strange, found.destroyed) == ([2, 0], 1, 0)
    await db.close()


async def test_a_file_of_another_book_wraps_nothing(shop: Shop) -> None:
    await shop.process().seal("p-0", b"")
    replace_master_keys(shop.path, [b"f" * 32])
    prepare_rotation(shop.path, secrets.token_bytes)
    with pytest.raises(BrokenBoxError):
        await shop.wrap_anew()


async def test_only_one_rotation_runs(shop: Shop) -> None:
    with sole_rotation(shop.path), pytest.raises(RotationRunningError), sole_rotation(shop.path):
        raise AssertionError
    with sole_rotation(shop.path):
        assert prepare_rotation(shop.path, secrets.token_bytes)
        assert not prepare_rotation(shop.path, secrets.token_bytes)


def test_a_file_of_two_keys_is_none_for_a_khata_that_knows_of_one(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(b"1" * 32)
    replace_master_keys(path, [b"2" * 32, b"1" * 32])
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_master_keys(path) == (b"2" * 32, b"1" * 32)
    assert len(path.read_bytes()) != 32
    for content in (b"3" * 64, SEVERAL, SEVERAL + b"3" * 32, SEVERAL + b"3" * 65):
        path.write_bytes(content)
        with pytest.raises(UnusableMasterKeyError):
            read_master_keys(path)


async def test_a_file_that_is_gone_is_said_to_be_gone(shop: Shop) -> None:
    sealed = await shop.process().seal("p-0", b"")
    away = shop.path.with_name("away")
    away.write_bytes(b"a" * 32)
    stranger = shop.process(away)
    away.unlink()
    with pytest.raises(UnusableMasterKeyError, match="is gone"):
        await stranger.open(sealed)
    with pytest.raises(UnusableMasterKeyError, match="is gone"):
        await stranger.seal("p-1", b"")


@pytest.fixture
def closed() -> Iterator[Path]:
    """A directory that its owner, who is not root, may look into and not write to."""
    open_to_all = Path(tempfile.mkdtemp(prefix="khata-keys-"))
    open_to_all.chmod(0o755)
    directory = open_to_all / "closed"
    directory.mkdir()
    (directory / "master.key").write_bytes(b"1" * 32)
    if os.geteuid() == 0:
        os.chown(directory, NOBODY_UID, -1)
        os.chown(directory / "master.key", NOBODY_UID, -1)
    directory.chmod(0o500)
    yield directory
    directory.chmod(0o700)
    shutil.rmtree(open_to_all)


def test_a_directory_that_cannot_be_written_leaves_the_key_as_it_was(closed: Path) -> None:
    """As somebody who is not root, to whom every directory is open."""
    path = closed / "master.key"
    program = (
        "import os, secrets, sys; from pathlib import Path;"
        "from src.events.key_rotation import prepare_rotation;"
        f"os.geteuid() or os.setuid({NOBODY_UID});"
        "prepare_rotation(Path(sys.argv[1]), secrets.token_bytes)"
    )
    ran = subprocess.run(
        [sys.executable, "-B", "-P", "-c", program, str(path)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "PermissionError" in ran.stderr
    assert path.read_bytes() == b"1" * 32
    assert list(closed.iterdir()) == [path]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_root_replaces_the_file_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(b"1" * 32)
    os.chown(path, NOBODY_UID, NOBODY_UID)
    prepare_rotation(path, secrets.token_bytes)
    assert (path.stat().st_uid, path.stat().st_gid) == (NOBODY_UID, NOBODY_UID)
