"""Book and keys are backed up apart, come back whole, and bring back nobody who was erased."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from src.bootstrap import open_parts
from src.bootstrap.erasing import REACTION
from src.bootstrap.notary import notary_of
from src.cli.archives import BOOK, check_company
from src.cli.audit_verify import verify_book
from src.cli.backups import back_up_book, back_up_keys, restore_book, restore_keys
from src.cli.complaint import Complaint
from src.cli.engines_here import migrate_book
from src.cli.key_rotation import rotate
from src.cli.postgres_tools import check_version, database_of, run_tool, variables_of
from src.cli.reconciliation import reconcile
from src.embedded.binaries import postgres_install
from src.events.connection import Connection, Row
from src.events.envelope import Entry
from src.events.identifiers import CUSTOMER, stream
from src.events.master_key import UnusableMasterKeyError
from src.events.ports import KeyDestroyedError, Sealed
from src.settings import Settings
from tests.cli.commands import khata
from tests.databases import BookDatabase, connected
from tests.events.entries import entry
from tests.shop import ShopUnderTest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio

PLAIN_USER = 65_534

WRAPPED = """
    select wrapped from keys.person_keys where wrapped is not null
    union all select wrapped from keys.installation
"""
_RAVIS_KEY = "select wrapped from keys.person_keys where key_id = 'cus_ravi'"
_AS_IT_WAS = "update keys.person_keys set wrapped = $1 where key_id = 'cus_ravi'"
_OLDER = "create schema khata create table events (book int); create schema read"
_DENY = "revoke select on khata.appends from khata_app"


def erased(customer_id: str, at: int) -> Entry:
    """The fact that somebody was erased, as whoever reads backups knows it: by its name alone."""
    written = entry(customer_id, (stream(CUSTOMER, customer_id), at, 1))
    fact = replace(written.events[0], type="CustomerErased", payload=b"{}")
    return replace(written, events=[fact])


def elsewhere(settings: Settings, database: BookDatabase) -> Settings:
    """The same files, and an empty database."""
    return replace(
        settings,
        database_url=database.app_url,
        owner_database_url=database.owner_url,
        read_database_url=database.app_url,
    )


async def rows(url: str, query: str) -> list[Row]:
    found: list[Row] = await connected(url, lambda db: db.fetch(query))
    return found


async def place(directory: Path) -> Path:
    await asyncio.to_thread(directory.mkdir)
    return directory


class Files(NamedTuple):
    """Where a book and its keys are written, never side by side."""

    book: Path
    keys: Path


async def files_apart(directory: Path) -> Files:
    return Files(
        book=await place(directory / "a") / "book.dump",
        keys=await place(directory / "b") / "keys.dump",
    )


async def opened_with(there: Settings, master_key: bytes, sealed: Sealed) -> bytes | None:
    """Open a box in a restored shop, once its file has this master key."""
    await asyncio.to_thread(there.master_key_file.write_bytes, master_key)
    parts = await open_parts(there)
    try:
        return await parts.keys.open(sealed)
    finally:
        await parts.close()


async def test_a_restored_shop_is_whole_and_nobody_who_was_erased_comes_back(
    shop: ShopUnderTest,
    empty_database: BookDatabase,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings, keys = shop.settings, shop.parts.keys
    book_file, keys_file = await files_apart(tmp_path)
    await shop.stocked("TEA")
    asha, ravi = await keys.seal("cus_asha", b"Asha"), await keys.seal("cus_ravi", b"Ravi")
    await shop.parts.book.append([entry("asha", ("customer-cus_asha", 0, 1))])
    await asyncio.to_thread(back_up_keys, settings, keys_file)
    await shop.parts.book.append([erased("cus_asha", 1)])
    await keys.destroy(["cus_asha"])
    await shop.parts.bookmarks.move(REACTION, 5)
    await shop.notarise()
    await asyncio.to_thread(back_up_book, settings, book_file)
    assert [file.stat().st_mode & 0o777 for file in (book_file, keys_file)] == [0o600, 0o600]

    there = elsewhere(settings, empty_database)
    await asyncio.to_thread(restore_book, there, book_file)
    script = await asyncio.to_thread(as_script, book_file)
    wrapped = [row[0].hex() for row in await rows(settings.app_url, WRAPPED)]
    assert len(wrapped) > 2
    assert [box for box in wrapped if box in script] == []
    assert await rows(there.app_url, WRAPPED) == []
    events = "select * from khata.events order by position"
    assert await rows(there.app_url, events) == await rows(settings.app_url, events)
    capsys.readouterr()
    assert await asyncio.to_thread(verify_book, there, 0, hashes_only=True) == 0
    assert re.search(r"^whole: ", capsys.readouterr().out, re.MULTILINE)

    await asyncio.to_thread(restore_keys, there, keys_file)
    said = capsys.readouterr().out
    assert "1 erased in the book; 1 of them had to have their keys destroyed" in said
    parts = await open_parts(there)
    assert await parts.keys.open(ravi) == b"Ravi"
    assert await parts.keys.open(asha) is None
    with pytest.raises(KeyDestroyedError):
        await parts.keys.seal("cus_asha", b"again")
    # What else belongs to the erased the worker finds once more.
    assert await parts.bookmarks.position(REACTION) == 0
    await parts.bookmarks.move(REACTION, 5)
    await asyncio.to_thread(reconcile, there)
    assert "1 erased in the book; 0 of them" in capsys.readouterr().out
    assert await parts.bookmarks.position(REACTION) == 0
    # The application may do there what it may do here.
    await parts.book.append([entry("after", ("thing-1", 0, 1))])
    notary = notary_of(there)
    await notary.catch_up()
    await notary.close()
    await parts.runner.catch_up()
    await parts.close()


async def test_a_restored_database_is_as_a_migrated_one(
    shop: ShopUnderTest, empty_database: BookDatabase, tmp_path: Path
) -> None:
    file = tmp_path / "book.dump"
    before = await asyncio.to_thread(shape, shop.settings)
    await asyncio.to_thread(back_up_book, shop.settings, file)
    there = elsewhere(shop.settings, empty_database)
    await asyncio.to_thread(restore_book, there, file)
    restored = await asyncio.to_thread(shape, there)
    assert restored == before
    assert "CREATE TABLE keys.person_keys" in restored
    assert "GRANT USAGE ON SCHEMA notary TO PUBLIC" in restored
    await asyncio.to_thread(migrate_book, there)
    assert await asyncio.to_thread(shape, there) == before


async def test_keys_older_than_a_rotation_want_the_master_key_of_their_time(
    shop: ShopUnderTest, empty_database: BookDatabase, tmp_path: Path
) -> None:
    settings, master = shop.settings, shop.settings.master_key_file
    files = await files_apart(tmp_path)
    sealed = await shop.parts.keys.seal("cus_ravi", b"Ravi")
    await asyncio.to_thread(back_up_book, settings, files.book)
    await asyncio.to_thread(back_up_keys, settings, files.keys)
    old = await asyncio.to_thread(master.read_bytes)
    assert await asyncio.to_thread(rotate, settings, only_prepare=False) == 0
    assert await shop.parts.keys.open(sealed) == b"Ravi"
    there = elsewhere(settings, empty_database)
    await asyncio.to_thread(restore_book, there, files.book)
    with pytest.raises(UnusableMasterKeyError, match="is not the key of this book"):
        await asyncio.to_thread(restore_keys, there, files.keys)
    assert await opened_with(there, old, sealed) == b"Ravi"


async def test_keys_from_the_middle_of_a_rotation_are_not_called_whole_without_both_master_keys(
    shop: ShopUnderTest, empty_database: BookDatabase, tmp_path: Path
) -> None:
    settings, master = shop.settings, shop.settings.master_key_file
    files = await files_apart(tmp_path)
    sealed = await shop.parts.keys.seal("cus_ravi", b"Ravi")
    await asyncio.to_thread(back_up_book, settings, files.book)
    was = (await rows(settings.owner_url, _RAVIS_KEY))[0][0]
    assert await asyncio.to_thread(rotate, settings, only_prepare=True) == 0
    both = await asyncio.to_thread(master.read_bytes)
    assert await asyncio.to_thread(rotate, settings, only_prepare=False) == 0
    # So it stood while the rotation had come to the installation's secrets, and not to persons.
    await connected(settings.owner_url, lambda db: db.execute(_AS_IT_WAS, was))
    await asyncio.to_thread(back_up_keys, settings, files.keys)
    there = elsewhere(settings, empty_database)
    await asyncio.to_thread(restore_book, there, files.book)
    with pytest.raises(Complaint, match="opens 1 of the restored keys"):
        await asyncio.to_thread(restore_keys, there, files.keys)
    assert await opened_with(there, both, sealed) == b"Ravi"


async def test_a_book_older_than_what_was_signed_since_is_told(
    shop: ShopUnderTest, empty_database: BookDatabase, tmp_path: Path
) -> None:
    signed, then = shop.settings.home / "checkpoints", tmp_path / "checkpoints"
    await shop.stocked("TEA")
    await shop.notarise()
    await asyncio.to_thread(back_up_book, shop.settings, tmp_path / "book.dump")
    await asyncio.to_thread(shutil.copytree, signed, then)
    await shop.stocked("CUP")
    await shop.notarise()
    there = elsewhere(shop.settings, empty_database)
    await asyncio.to_thread(restore_book, there, tmp_path / "book.dump")
    urls = {"DATABASE_URL": there.app_url, "REDIS_URL": there.cache_url}
    ran = await asyncio.to_thread(khata, there.home, "audit", "verify", **urls)
    assert (ran.returncode, ran.stderr) == (1, "")
    await asyncio.to_thread(shutil.rmtree, signed)
    await asyncio.to_thread(shutil.copytree, then, signed)
    ran = await asyncio.to_thread(khata, there.home, "audit", "verify", **urls)
    assert (ran.returncode, ran.stderr) == (0, "")


def shape(settings: Settings) -> str:
    """Every definition and right but those of read models, which the application makes."""
    made = Path(settings.home) / "shape.sql"
    hidden = [
        f"--exclude-table={each}"
        for each in ("read.*", "models.*", "models_next.*", "models_old.*")
    ]
    arguments = ["--schema-only", "--restrict-key=a", *hidden, f"--file={made}"]
    url = settings.owner_url
    run_tool("pg_dump", [*arguments, "--dbname", database_of(url)], url)
    return re.sub(r"khata_(test|empty)_\d+", "database", made.read_text(encoding="utf-8"))


def as_script(archive: Path) -> str:
    """All that an archive holds, in clear."""
    tool = postgres_install() / "bin" / "pg_restore"
    options = ["--no-owner", "--no-privileges", "--file=-"]
    ran = subprocess.run([tool, *options, archive], capture_output=True, text=True, check=True)
    assert "COPY khata.events" in ran.stdout
    return ran.stdout


async def test_an_archive_becomes_a_script_for_an_older_server(
    shop: ShopUnderTest, empty_database: BookDatabase, tmp_path: Path
) -> None:
    """As docs/backups.md says: without the one line that PostgreSQL 15 and 16 refuse."""
    await shop.stocked("TEA")
    await asyncio.to_thread(back_up_book, shop.settings, tmp_path / "book.dump")
    script = await asyncio.to_thread(as_script, tmp_path / "book.dump")
    older = script.replace("\nSET transaction_timeout = 0;\n", "\n", 1)
    assert older != script
    there = elsewhere(shop.settings, empty_database)
    assert await asyncio.to_thread(run_script, there, older) == ""
    await asyncio.to_thread(migrate_book, there)
    assert await asyncio.to_thread(shape, there) == await asyncio.to_thread(shape, shop.settings)


def run_script(settings: Settings, script: str) -> str:
    """Give it to psql, whole or not at all; return what it complains of."""
    ran = subprocess.run(
        [postgres_install() / "bin" / "psql", "-X", "-1", "-v", "ON_ERROR_STOP=1"],
        input=script,
        env=variables_of(settings.owner_url, {}),
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.stderr if ran.stderr or not ran.returncode else f"it ended with {ran.returncode}"


async def test_book_and_keys_are_never_written_side_by_side(
    shop: ShopUnderTest, tmp_path: Path
) -> None:
    here, there = await place(tmp_path / "a"), await place(tmp_path / "b")
    await asyncio.to_thread(back_up_book, shop.settings, here / "1")
    await asyncio.to_thread(back_up_keys, shop.settings, there / "1")
    await asyncio.to_thread((here / "notes").write_text, "nothing of ours")
    for write, file in ((back_up_keys, here / "2"), (back_up_book, there / "2")):
        with pytest.raises(Complaint, match="must never lie in one place"):
            await asyncio.to_thread(write, shop.settings, file)
    for write, file in ((back_up_book, here / "1"), (back_up_keys, there / "1")):
        with pytest.raises(Complaint, match="is there already"):
            await asyncio.to_thread(write, shop.settings, file)
    await asyncio.to_thread(back_up_book, shop.settings, here / "2")
    await asyncio.to_thread(back_up_keys, shop.settings, there / "2")
    names = [sorted(path.name for path in directory.iterdir()) for directory in (here, there)]
    assert names == [["1", "2", "notes"], ["1", "2"]]


def test_a_directory_of_somebody_else_is_said_to_be_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with as_a_plain_user(), pytest.raises(Complaint, match="is closed to this user"):
            check_company(tmp_path, BOOK)
    finally:
        tmp_path.chmod(0o700)


@contextmanager
def as_a_plain_user() -> Generator[None]:
    """Give up for a moment what root may do everywhere."""
    if os.getuid():
        yield
        return
    os.setreuid(PLAIN_USER, 0)  # access(2) asks for the real user
    try:
        yield
    finally:
        os.setreuid(0, 0)


async def test_a_backup_that_fails_leaves_nothing(
    shop: ShopUnderTest, empty_database: BookDatabase, tmp_path: Path
) -> None:
    with pytest.raises(Complaint, match="is not a directory"):
        await asyncio.to_thread(back_up_book, shop.settings, tmp_path / "none" / "1")
    with pytest.raises(Complaint, match="There is no book"):
        await asyncio.to_thread(
            back_up_book, elsewhere(shop.settings, empty_database), tmp_path / "1"
        )
    await connected(empty_database.owner_url, lambda db: db.execute(_OLDER))
    with pytest.raises(Complaint, match="of an older Khata"):
        await asyncio.to_thread(
            back_up_book, elsewhere(shop.settings, empty_database), tmp_path / "1"
        )
    await connected(shop.settings.owner_url, lambda db: db.execute(_DENY))
    reader = replace(shop.settings, owner_database_url=shop.settings.app_url)
    with pytest.raises(Complaint, match="permission denied"):
        await asyncio.to_thread(back_up_book, reader, tmp_path / "1")
    assert await asyncio.to_thread(lambda: list(tmp_path.glob("*1*"))) == []
    draft = tmp_path / ".1.draft"
    await asyncio.to_thread(draft.write_bytes, b"")
    with pytest.raises(Complaint, match="another backup is being written"):
        await asyncio.to_thread(back_up_book, shop.settings, tmp_path / "1")
    assert draft.exists()


async def test_a_restore_overwrites_nothing_and_knows_what_it_restores(
    shop: ShopUnderTest, empty_database: BookDatabase, tmp_path: Path
) -> None:
    book_file = await place(tmp_path / "a") / "book"
    keys_file = await place(tmp_path / "b") / "keys"
    await asyncio.to_thread(back_up_book, shop.settings, book_file)
    await asyncio.to_thread(back_up_keys, shop.settings, keys_file)
    there = elsewhere(shop.settings, empty_database)
    torn = tmp_path / "torn"
    await asyncio.to_thread(torn.write_bytes, b"PGDMP")
    for run, settings, file, words in (
        (restore_book, shop.settings, book_file, "There is a book"),
        (restore_keys, shop.settings, keys_file, "There are keys .* run khata keys reconcile"),
        (restore_keys, there, keys_file, "restore the book first"),
        (restore_book, there, keys_file, "no backup of the book alone: it holds keys"),
        (restore_keys, there, book_file, "no backup of keys alone: it holds the book"),
        (restore_book, there, torn, "not a whole archive"),
        (restore_book, there, tmp_path, "is not a file"),
    ):
        with pytest.raises(Complaint, match=words):
            await asyncio.to_thread(run, settings, file)


async def test_it_is_done_from_the_command_line(shop: ShopUnderTest, tmp_path: Path) -> None:
    settings, output = shop.settings, tmp_path / "book.dump"
    urls = {
        "DATABASE_URL": settings.app_url,
        "KHATA_OWNER_DATABASE_URL": settings.owner_url,
        "REDIS_URL": settings.cache_url,
    }
    ran = await asyncio.to_thread(khata, settings.home, "backup", "book", str(output), **urls)
    assert (ran.returncode, "docs/backups.md" in ran.stderr) == (0, True)
    assert ran.stdout.startswith(f"{output}: the book, at least ")
    ran = await asyncio.to_thread(khata, settings.home, "backup", "book", str(output), **urls)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == f"khata: {output} is there already; nothing is overwritten.\n"
    ran = await asyncio.to_thread(khata, settings.home, "backup", "keys", str(output), **urls)
    assert (ran.returncode, ran.stdout) == (1, "")
    ran = await asyncio.to_thread(khata, settings.home, "restore", "book", str(output), **urls)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("khata: There is a book in this database already")
    ran = await asyncio.to_thread(khata, settings.home, "keys", "reconcile", **urls)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "0 erased in the book; 0 of them had to have their keys destroyed\n"


async def test_a_server_that_is_newer_than_the_tools_is_told(book_database: BookDatabase) -> None:
    class Newer:
        """A server of the far future."""

        async def fetchval(self, query: str) -> str:
            assert query == "show server_version_num"
            return "990001"

    with pytest.raises(
        Complaint, match=r"PostgreSQL 99, and the tools here are of[^\n]*\npg_dump -a"
    ):
        await check_version(Newer(), "pg_dump -a")

    async def check(db: Connection) -> int:
        return await check_version(db, "pg_dump")

    assert await connected(book_database.app_url, check) >= 15


def test_an_address_becomes_variables_and_no_argument_holds_the_password() -> None:
    url = "postgresql://a%40b:p%3Aw'@[::1]:5433,db2/my'shop?sslmode=require&user=other"
    found = variables_of(url, {"PGPASSFILE": "f", "PATH": "p", "KHATA_HOME": "h"})
    assert found == {
        "PATH": "p",
        "LC_ALL": "C",
        "PGPASSFILE": "f",
        "PGUSER": "other",
        "PGPASSWORD": "p:w'",
        "PGHOST": "::1,db2",
        "PGPORT": "5433,",
        "PGDATABASE": "my'shop",
        "PGSSLMODE": "require",
    }
    assert database_of(url) == r"dbname='my\'shop'"
    assert variables_of("postgresql:///shop", {}) == {"PGDATABASE": "shop", "LC_ALL": "C"}
    with pytest.raises(Complaint, match="says sslpassword, which"):
        variables_of("postgresql:///shop?sslpassword=secret", {})
