"""`khata doctor` finds a database that refuses us, and one that does not fit."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest

from src.bootstrap.moments import now
from src.cli import database_findings
from src.embedded import Engines
from src.events.migrated import newest
from tests.cli.findings import wrong
from tests.databases import BookDatabase, as_superuser, connected


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ((":", ":hunter2"), "InvalidPasswordError"),
        (("/khata_test", "/another"), "InvalidCatalogNameError"),
    ],
)
def test_a_database_that_will_not_have_us_says_why(
    change: tuple[str, str],
    says: str,
    own_environ: dict[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    before, after = change
    scheme, _, rest = own_environ["DATABASE_URL"].partition("://")
    url = f"{scheme}://{rest.replace(before, after, 1)}"
    found = wrong(own_environ | {"DATABASE_URL": url}, capsys)
    assert says in found["DATABASE_URL"]
    assert "correct role, password or database" in found["DATABASE_URL"]


def test_a_database_that_speaks_no_tls_is_told_apart(
    own_environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"{own_environ['DATABASE_URL']}?sslmode=require"
    found = wrong(own_environ | {"DATABASE_URL": url}, capsys)
    assert set(found) == {"DATABASE_URL", "KHATA_READ_DATABASE_URL"}


async def _set_version(database: BookDatabase, version: str) -> None:
    await connected(
        database.superuser_url,
        lambda db: db.execute(f"update khata.migrated set version_num = '{version}'"),  # noqa: S608  # a number of ours
    )


@pytest.mark.parametrize(("version", "mend"), [("0001", "khata migrate"), ("9999", "restore")])
def test_a_book_of_another_version_is_named(
    version: str,
    mend: str,
    own_environ: dict[str, str],
    book_database: BookDatabase,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asyncio.run(_set_version(book_database, version))
    found = wrong(own_environ, capsys)["DATABASE_URL"]
    assert f"version {int(version)}" in found
    assert str(int(newest())) in found
    assert mend in found


@pytest.fixture
def latin(engines: Engines) -> Iterator[str]:
    """A database that cannot hold every word."""
    made = "create database khata_latin encoding 'LATIN1' template template0 locale 'C'"
    asyncio.run(as_superuser(engines, made))
    yield f"{engines.superuser_url.rpartition('/')[0]}/khata_latin"
    asyncio.run(as_superuser(engines, "drop database khata_latin with (force)"))


def test_an_encoding_that_cannot_hold_every_word_is_named(
    latin: str, own_environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = wrong(own_environ | {"KHATA_READ_DATABASE_URL": latin}, capsys)
    assert "its encoding is LATIN1" in found["KHATA_READ_DATABASE_URL"]


def test_an_old_postgresql_is_named(
    own_environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(database_findings, "POSTGRESQL_MIN", 990_000)
    found = wrong(own_environ, capsys)
    assert "use PostgreSQL 15 or newer" in found["DATABASE_URL"]


@pytest.mark.parametrize(("hours", "way"), [(1, "behind"), (-1, "ahead of")])
def test_a_clock_that_differs_is_named(
    hours: int,
    way: str,
    own_environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(database_findings, "now", lambda: now() + timedelta(hours=hours))
    found = wrong(own_environ, capsys)
    assert f"s {way} this machine's" in found["DATABASE_URL"]
