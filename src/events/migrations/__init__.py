"""Bring a database to the newest shape of the book; twice, or twice at once, is harmless."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from src.events.connection import connecting

MIGRATION_TIMEOUT_SECONDS = 600.0
HERE = Path(__file__).parent
LOCK = 0x6B686174
"""Any number will do, as long as every migration of Khata takes the same."""


class WrongEncodingError(Exception):
    """The database is not UTF8, so its bytes could not be hashed the same everywhere."""


async def migrate(owner_url: str, app_role: str, book: int = 1) -> None:
    """Make or bring forward all schemas, say who may do what, and open the book."""
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connecting(owner_url, "khata migrate", MIGRATION_TIMEOUT_SECONDS),
        poolclass=NullPool,
    )
    try:
        async with engine.begin() as connection:
            await _prepare(connection)
            await connection.run_sync(_upgrade)
            await _grant(connection, app_role)
            await connection.execute(_OPEN_BOOK, {"book": book})
    finally:
        await engine.dispose()


_OPEN_BOOK = text("insert into khata.books (book) values (:book) on conflict do nothing")


async def _prepare(connection: AsyncConnection) -> None:
    encoding = await connection.scalar(text("select current_setting('server_encoding')"))
    if encoding != "UTF8":
        raise WrongEncodingError(f"the database must be UTF8, it is {encoding}")
    # The lock ends with the transaction, also if this process dies.
    await connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    await connection.execute(text("create schema if not exists khata"))


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def _grant(connection: AsyncConnection, app_role: str) -> None:
    script = await asyncio.to_thread((HERE / "grants.sql").read_text, encoding="utf-8")
    await connection.execute(
        text("select set_config('khata.app_role', :role, true)"), {"role": app_role}
    )
    raw = await connection.get_raw_connection()
    assert raw.driver_connection is not None
    await raw.driver_connection.execute(script)
