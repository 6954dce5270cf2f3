"""Only the owner's own session can say when something was recorded, and only while it lasts."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types
import pytest

from src.cli.sample_history.backdated_book import (
    BackdatedBook,
    NotTheOwnerError,
    SomebodyElseWroteError,
    open_owner_connection,
)
from src.events.connection import Connection, connecting
from src.events.envelope import Cause, Entry, Expected, NewEvent
from src.events.identifiers import Stream
from src.events.ledger import open_book
from tests.databases import BookDatabase

pytestmark = pytest.mark.anyio
LONG_AGO = datetime(2020, 2, 29, 12, tzinfo=UTC)
BACKDATING = """
    select space.nspname as space, made.oid as id from pg_proc as made
    join pg_namespace as space on space.oid = made.pronamespace
    where made.prosrc like '%not_after%'
"""


@asynccontextmanager
async def connected(url: str) -> AsyncGenerator[Connection, None]:
    connection = await connecting(url, "khata tests")()
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def backdated(database: BookDatabase, at: datetime) -> AsyncGenerator[BackdatedBook, None]:
    reading = await open_book(database.app_url)
    owner = await open_owner_connection(database.owner_url)
    try:
        yield BackdatedBook(owner, reading, lambda: at)
    finally:
        await owner.close()
        await reading.close()


def entry(name: str) -> Entry:
    command = uuid4()
    event = NewEvent(
        stream=Stream(name),
        version=1,
        type="Tested",
        schema_version=1,
        event_id=uuid4(),
        payload=b"{}",
    )
    cause = Cause(command_id=command, correlation_id=command, actor="khata:test")
    return Entry(cause=cause, expected=[Expected(Stream(name), 0)], events=[event])


async def test_a_fact_is_recorded_at_the_time_that_is_given(book_database: BookDatabase) -> None:
    async with backdated(book_database, LONG_AGO) as book:
        await book.append([entry("test-a"), entry("test-b")])
        await book.flush()
        stored = await book.read_page(0, 10)
    assert [each.recorded_at for each in stored] == [LONG_AGO, LONG_AGO]


async def test_no_fact_is_recorded_later_than_now(book_database: BookDatabase) -> None:
    async with backdated(book_database, datetime.now(UTC) + timedelta(days=1)) as book:
        await book.append([entry("test-a")])
        await book.flush()
        [stored] = await book.read_page(0, 10)
    assert stored.recorded_at <= datetime.now(UTC)


async def test_the_application_can_neither_call_the_function_nor_make_its_own(
    book_database: BookDatabase,
) -> None:
    owner = await open_owner_connection(book_database.owner_url)
    async with connected(book_database.app_url) as application:
        [made] = await application.fetch(BACKDATING)
        execute = "has_function_privilege($1::oid, 'execute')"
        usage = "has_schema_privilege($1, 'usage')"
        assert not await application.fetchval(f"select {execute}", made["id"])
        assert not await application.fetchval(f"select {usage}", made["space"])
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await application.execute(f"select {made['space']}.append(null)")
    await owner.close()
    with pytest.raises(NotTheOwnerError, match="KHATA_OWNER_DATABASE_URL"):
        await open_owner_connection(book_database.app_url)


async def test_nothing_of_it_is_left_once_its_session_has_ended(
    book_database: BookDatabase,
) -> None:
    owner = await open_owner_connection(book_database.owner_url)
    async with connected(book_database.superuser_url) as watcher:
        [made] = await watcher.fetch(BACKDATING)
        assert made["space"].startswith("pg_temp")
        backend = await owner.fetchval("select pg_backend_pid()")
        await watcher.execute("select pg_terminate_backend($1, 10000)", backend)
        assert await watcher.fetch(BACKDATING) == []
    owner.terminate()


async def test_another_writer_is_noticed_and_nothing_is_written_after_it(
    book_database: BookDatabase,
) -> None:
    async with backdated(book_database, LONG_AGO) as book:
        await book.append([entry("test-a")])
        await book.flush()
        other = await open_book(book_database.app_url)
        await other.append([entry("test-other")])
        await book.append([entry("test-b")])
        with pytest.raises(SomebodyElseWroteError):
            await book.flush()
        streams = [each.stream for each in await other.read_page(0, 10)]
        await other.close()
    assert streams == ["test-a", "test-other"]
