"""Whoever holds an old view of the database is found, or at least counted."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import pytest

from src.embedded import Engines
from src.events.connection import Connection, connecting
from src.events.migrations import migrate
from src.queries.old_snapshots import SnapshotsHeld, snapshots_held
from tests.databases import BookDatabase, as_superuser, connected, role_of

pytestmark = pytest.mark.anyio

PLAIN, PASSWORD = "khata_plain", "plain"
HOLD = "begin isolation level repeatable read; select 1"


@pytest.fixture
async def plain_url(engines: Engines, book_database: BookDatabase) -> AsyncIterator[str]:
    """An application's role to which nothing was granted."""
    await as_superuser(engines, f"create role {PLAIN} login password '{PASSWORD}'")
    parts = urlsplit(book_database.app_url)
    place = parts.netloc.rpartition("@")[2]
    yield urlunsplit(parts._replace(netloc=f"{PLAIN}:{PASSWORD}@{place}"))
    await connected(
        book_database.superuser_url, lambda db: db.execute(f"drop owned by {PLAIN} cascade")
    )
    await as_superuser(engines, f"drop role {PLAIN}")


async def _as(url: str) -> SnapshotsHeld:
    held: SnapshotsHeld = await connected(url, snapshots_held)
    return held


async def _holding(url: str) -> Connection:
    holder = await connecting(url, "khata holder")()
    await holder.execute(HOLD)
    return holder


async def test_the_application_sees_how_old_every_roles_view_is(
    book_database: BookDatabase,
) -> None:
    assert await _as(book_database.app_url) == SnapshotsHeld(oldest_seconds=0, unknown=0)
    for url in (book_database.owner_url, book_database.superuser_url, book_database.app_url):
        holder = await _holding(url)
        first = await _as(book_database.app_url)
        second = await _as(book_database.app_url)
        assert 0 < first.oldest_seconds < second.oldest_seconds
        assert (first.unknown, second.unknown) == (0, 0)
        await holder.close()


async def test_a_plain_role_sees_its_own_and_counts_the_others(
    book_database: BookDatabase, plain_url: str
) -> None:
    own, other = await _holding(plain_url), await _holding(book_database.owner_url)
    found = await _as(plain_url)
    assert found.oldest_seconds > 0
    assert found.unknown == 1
    await own.close()
    assert await _as(plain_url) == SnapshotsHeld(oldest_seconds=0, unknown=1)
    await other.close()


async def test_a_transaction_that_holds_no_view_drags_nothing(book_database: BookDatabase) -> None:
    idle = await connecting(book_database.owner_url, "khata idle")()
    await idle.execute("begin; select 1")
    assert await _as(book_database.app_url) == SnapshotsHeld(oldest_seconds=0, unknown=0)
    await idle.close()


async def test_who_migrates_as_a_superuser_lets_the_application_see(
    book_database: BookDatabase, plain_url: str
) -> None:
    may = f"select pg_has_role('{PLAIN}', 'pg_read_all_stats', 'member')"
    await migrate(book_database.owner_url, role_of(plain_url))
    assert not await connected(book_database.superuser_url, lambda db: db.fetchval(may))
    await migrate(book_database.superuser_url, role_of(plain_url))
    assert await connected(book_database.superuser_url, lambda db: db.fetchval(may))
