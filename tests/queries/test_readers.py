"""No reader of ours holds a view of the book for long: PostgreSQL itself sees to it."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types
import pytest

from src.events.connection import connecting
from src.events.ports import DatabaseUnavailableError
from src.queries.analytics.pool import open_analytics_pool
from src.queries.audit_pool import open_audit_pool
from src.queries.read_pool import QuestionTooLong, ReadPool, open_read_pool, reader_session
from tests.databases import BookDatabase

pytestmark = pytest.mark.anyio

LIMITS = ("statement_timeout", "idle_in_transaction_session_timeout")
FOR_LONG = "select pg_sleep(60)"
NOBODY_THERE = "postgresql://khata_read@127.0.0.1:1/khata"
STILL_THERE = "select count(*) from pg_stat_activity where application_name = 'khata idle'"


async def _audit_pool(dsn: str, seconds: int) -> ReadPool:
    return await open_audit_pool(dsn, seconds)


async def _read_pool(dsn: str, seconds: int) -> ReadPool:
    return await open_read_pool(dsn, tx_seconds=seconds)


@pytest.mark.parametrize("opened", [_read_pool, _audit_pool])
async def test_every_reader_has_as_long_as_it_is_told(
    book_database: BookDatabase, opened: Callable[[str, int], Awaitable[ReadPool]]
) -> None:
    pool = await opened(book_database.app_url, 7)
    assert [await pool.fetchval(f"show {limit}") for limit in LIMITS] == ["7s", "7s"]
    assert await pool.fetchval("show default_transaction_read_only") == "on"
    await pool.close()


async def test_a_reader_that_sits_idle_in_a_transaction_is_cut_off(
    book_database: BookDatabase,
) -> None:
    reader = await connecting(book_database.app_url, "khata idle", session=reader_session(1))()
    watch = await connecting(book_database.app_url, "khata watch")()
    await reader.execute("begin isolation level repeatable read; select 1")
    assert await watch.fetchval(STILL_THERE) == 1
    async with asyncio.timeout(30):
        while await watch.fetchval(STILL_THERE):  # noqa: ASYNC110  # the state of a foreign process
            await asyncio.sleep(0.05)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await reader.fetchval("select 1")
    await watch.close()
    await reader.close()


async def test_a_statement_that_takes_longer_is_ended(book_database: BookDatabase) -> None:
    reader = await connecting(book_database.app_url, "khata slow", session=reader_session(1))()
    with pytest.raises(asyncpg.QueryCanceledError):
        await reader.fetchval(FOR_LONG)
    await reader.close()


async def test_a_question_that_takes_longer_is_told_apart_from_a_database_that_is_away(
    book_database: BookDatabase,
) -> None:
    pool = await open_analytics_pool(book_database.app_url, 1)
    with pytest.raises(QuestionTooLong):
        await pool.fetchval(FOR_LONG)
    await pool.close()


async def test_a_replica_that_is_away_keeps_no_shop_from_its_start() -> None:
    pool = await open_analytics_pool(NOBODY_THERE)
    with pytest.raises(DatabaseUnavailableError):
        await pool.fetchval("select 1")
    await pool.close()


async def test_what_a_replica_had_to_end_may_be_asked_again(book_database: BookDatabase) -> None:
    owner = await connecting(book_database.owner_url, "khata test")()
    await owner.execute("set search_path = edge")
    await owner.execute(CANCELLED_ON_A_REPLICA)
    await owner.close()
    pool = await open_analytics_pool(book_database.owner_url)
    with pytest.raises(DatabaseUnavailableError):
        await pool.fetchval("select edge.recovery_conflict()")
    await pool.close()


CANCELLED_ON_A_REPLICA = """
create function recovery_conflict() returns int language plpgsql as $$
begin
    raise 'canceling statement due to conflict with recovery' using errcode = '40001';
end $$
"""
