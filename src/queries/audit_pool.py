"""Connections for reading the whole book: every question is short, and goes by an index."""

from typing import Any, cast

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types; `Connection` says what we use

from src.events.connection import Connection, connecting
from src.queries.read_pool import ReadPool

CONNECTIONS_MAX = 6
"""Two pages on the way, three questions each."""
STATEMENT_TIMEOUT_MS = 5_000


async def open_audit_pool(dsn: str) -> ReadPool:
    """Open connections for an audit; raises DatabaseUnavailableError when nobody answers."""
    connect = connecting(dsn, "khata audit")

    async def open_one(*_: object, **__: object) -> Connection:
        opened = await connect()
        await opened.execute(_PREPARE)
        return opened

    pool: Any = await cast("Any", asyncpg).create_pool(
        connect=open_one, min_size=1, max_size=CONNECTIONS_MAX, reset=_as_it_is
    )
    return ReadPool(pool)


# A young table has no statistics: its indexes are right from the first row.
_PREPARE = f"""
set default_transaction_read_only = on;
set statement_timeout = {STATEMENT_TIMEOUT_MS};
set idle_in_transaction_session_timeout = {STATEMENT_TIMEOUT_MS};
set jit = off; set enable_seqscan = off; set enable_bitmapscan = off;
set enable_hashjoin = off; set enable_mergejoin = off
"""


async def _as_it_is(_: Connection) -> None:
    """Questions change nothing, so nothing is reset."""
