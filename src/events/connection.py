"""Connections to PostgreSQL: opened here and nowhere else, so that an address never leaks.

DatabaseUnavailableError   nothing could be sent
ConnectionLostError        something was sent, and the answer never came
UnusableAddressError       the URL cannot be read
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar, cast

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types; `Connection` below says what we use

from src.events.ports import DatabaseUnavailableError

CONNECT_TIMEOUT_SECONDS = 5.0
COMMAND_TIMEOUT_SECONDS = 30.0
CLOSE_TIMEOUT_SECONDS = 2.0

T = TypeVar("T")


class Row(Protocol):
    """One row of an answer, by place or by name."""

    def __getitem__(self, column: int | str) -> Any: ...  # noqa: ANN401  # a column can be anything


class Connection(Protocol):
    """What Khata asks of asyncpg's connection."""

    async def execute(self, query: str, *args: object) -> str: ...
    async def fetch(self, query: str, *args: object) -> list[Row]: ...
    async def fetchrow(self, query: str, *args: object) -> Row | None: ...
    async def fetchval(self, query: str, *args: object) -> Any: ...  # noqa: ANN401  # as in Row
    async def set_type_codec(
        self,
        typename: str,
        *,
        schema: str,
        encoder: Callable[[Any], bytes],
        decoder: Callable[[bytes], Any],
        format: str,  # noqa: A002  # asyncpg's own name
    ) -> None: ...
    def transaction(self) -> AbstractAsyncContextManager[Any]: ...
    def is_closed(self) -> bool: ...
    def terminate(self) -> None: ...
    async def close(self, *, timeout: float | None = None) -> None: ...  # noqa: ASYNC109  # asyncpg's own


Connect = Callable[[], Coroutine[Any, Any, Connection]]


class ConnectionLostError(Exception):
    """The connection died before the answer came; what was sent may have been done."""


class UnusableAddressError(ValueError):
    """The database URL cannot be read; it is not repeated here, it may hold a password."""


def connecting(
    dsn: str, application_name: str, settings: Mapping[str, str] | None = None
) -> Connect:
    """Return a function that opens connections to this address, and remembers it for us."""

    async def connect() -> Connection:
        try:
            opened = await asyncpg.connect(
                dsn,
                timeout=CONNECT_TIMEOUT_SECONDS,
                command_timeout=COMMAND_TIMEOUT_SECONDS,
                max_cached_statement_lifetime=0,  # a prepared statement is good for ever
                server_settings={"application_name": application_name, **(settings or {})},
            )
        except _UNREADABLE:
            raise UnusableAddressError("the database URL cannot be read") from None
        except _UNREACHABLE as error:
            raise DatabaseUnavailableError(f"no connection: {type(error).__name__}") from error
        return cast("Connection", opened)

    return connect


_UNREADABLE = (ValueError, asyncpg.ClientConfigurationError)
_UNREACHABLE = (
    OSError,  # also a TimeoutError
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.TooManyConnectionsError,
)
_LOST = (
    OSError,
    asyncio.CancelledError,  # the answer would come to nobody, and to the next question
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InternalClientError,
)


async def _as_it_is(_: Connection) -> None:
    """Leave a new connection unprepared."""


class Line:
    """One dedicated connection, used by one task at a time, opened again after a loss.

    Nothing is reset between uses: that would cost a round trip each time.
    """

    def __init__(
        self, connect: Connect, prepare: Callable[[Connection], Awaitable[None]] = _as_it_is
    ) -> None:
        self._connect = connect
        self._prepare = prepare
        self._turn = asyncio.Lock()
        self._connection: Connection | None = None

    async def run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Work on the connection; raises ConnectionLostError when it died meanwhile."""
        async with self._turn:
            connection = await self._opened()
            try:
                return await work(connection)
            except BaseException as error:
                if not (isinstance(error, _LOST) or connection.is_closed()):
                    raise
                self._drop()
                if isinstance(error, Exception):
                    raise ConnectionLostError(type(error).__name__) from error
                raise

    async def close(self) -> None:
        """Say goodbye to the server."""
        async with self._turn:
            if self._connection is not None:
                await self._connection.close(timeout=CLOSE_TIMEOUT_SECONDS)
                self._connection = None

    async def _opened(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            connection = await self._connect()
            try:
                await self._prepare(connection)
            except BaseException as error:
                connection.terminate()
                if isinstance(error, _UNREACHABLE):
                    raise DatabaseUnavailableError("lost while connecting") from error
                raise
            self._connection = connection
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None
