"""The connections that questions are asked on: read-only, with a limit on every statement."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types; `Connection` says what we use

from src.events.connection import Connect, Connection, Row, connecting
from src.events.ports import DatabaseUnavailableError

CONNECTIONS_MIN = 1
CONNECTIONS_MAX = 8
TX_SECONDS = 5
"""So long may a reader hold what it sees of the book; longer would slow down every append."""
ACQUIRE_TIMEOUT_SECONDS = 5.0
ATTEMPTS_MAX = 2
"""A connection that died while it lay idle is noticed by the first question, and replaced."""

T = TypeVar("T")


class QuestionTooLong(DatabaseUnavailableError):
    """The database answers others; this question took more than a reader's time, and was ended."""


async def open_read_pool(
    dsn: str, connections_max: int = CONNECTIONS_MAX, tx_seconds: int = TX_SECONDS
) -> "ReadPool":
    """Open connections for questions; raises DatabaseUnavailableError when nobody answers."""
    return await pool_of(
        connecting(dsn, "khata read", session=reader_session(tx_seconds)), connections_max
    )


def reader_session(tx_seconds: int) -> dict[str, str]:
    """Return what PostgreSQL has to hold a reader to, whatever becomes of the reader."""
    return {
        "default_transaction_read_only": "on",
        "statement_timeout": f"{tx_seconds}s",
        "idle_in_transaction_session_timeout": f"{tx_seconds}s",
        "jit": "off",
    }


async def pool_of(
    connect: Connect, connections_max: int, connections_min: int = CONNECTIONS_MIN
) -> "ReadPool":
    """Open a pool of such connections; with none at least, the first question opens one."""

    async def open_one(*_: object, **__: object) -> Connection:
        return await connect()

    pool: Any = await cast("Any", asyncpg).create_pool(
        connect=open_one, min_size=connections_min, max_size=connections_max, reset=_as_it_is
    )
    return ReadPool(pool)


async def _as_it_is(_: Connection) -> None:
    """Questions change nothing, so nothing is reset: that would be a round trip each."""


class ReadPool:
    """Answers SELECT statements, each on a connection of its own."""

    def __init__(self, pool: Any) -> None:  # noqa: ANN401  # asyncpg ships no types
        self._pool = pool

    async def fetch(self, query: str, *args: object) -> list[Row]:
        return await self._ask(lambda db: db.fetch(query, *args))

    async def fetchrow(self, query: str, *args: object) -> Row | None:
        return await self._ask(lambda db: db.fetchrow(query, *args))

    async def fetchval(self, query: str, *args: object) -> Any:  # noqa: ANN401  # a column can be anything
        return await self._ask(lambda db: db.fetchval(query, *args))

    async def close(self) -> None:
        """Cut the connections; no question has anything to lose."""
        self._pool.terminate()

    async def _ask(self, question: Callable[[Connection], Awaitable[T]]) -> T:
        failure: Exception | None = None
        for _ in range(ATTEMPTS_MAX):
            try:
                async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_SECONDS) as connection:
                    return await question(cast("Connection", connection))
            except asyncpg.QueryCanceledError as error:
                raise QuestionTooLong("the question took too long") from error
            except _UNANSWERED as error:
                failure = error
        raise DatabaseUnavailableError("the question was never answered") from failure


_UNANSWERED = (
    OSError,  # also a TimeoutError
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,  # shutting down
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,  # a replica had to go on; and deadlocks
)
