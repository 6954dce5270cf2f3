"""Connections to PostgreSQL: opened here and nowhere else, so that an address never leaks."""

from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, cast

import asyncpg  # type: ignore[import-untyped]  # ships no types; `Connection` says what we use

from src.events.ports import DatabaseUnavailableError

CONNECT_TIMEOUT_SECONDS = 5.0
COMMAND_TIMEOUT_SECONDS = 10.0


class Row(Protocol):
    """One row of an answer, by place or by name, or all of it in order."""

    def __getitem__(self, column: int | str) -> Any: ...  # noqa: ANN401  # a column can be anything
    def __iter__(self) -> Iterator[Any]: ...


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


_AS_CONFIGURED: Mapping[str, str] = {}


class UnusableAddressError(ValueError):
    """The database URL cannot be read; it is not repeated here, it may hold a password."""


def connecting(
    dsn: str,
    application_name: str,
    command_timeout_seconds: float = COMMAND_TIMEOUT_SECONDS,
    session: Mapping[str, str] = _AS_CONFIGURED,
) -> Connect:
    """Return a function that opens connections to this address, and remembers it for us."""
    open_ = cast("Callable[..., Coroutine[Any, Any, Connection]]", asyncpg.connect)

    async def connect() -> Connection:
        try:
            return await open_(
                dsn,
                timeout=CONNECT_TIMEOUT_SECONDS,
                command_timeout=command_timeout_seconds,
                max_cached_statement_lifetime=0,  # a prepared statement is good for ever
                server_settings={"application_name": application_name, **session},
            )
        except _UNREADABLE:
            raise UnusableAddressError("the database URL cannot be read") from None
        except UNREACHABLE as error:
            raise DatabaseUnavailableError(f"no connection: {type(error).__name__}") from error

    return connect


_UNREADABLE = (ValueError, asyncpg.ClientConfigurationError)
UNREACHABLE = (
    OSError,  # also a TimeoutError
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InternalClientError,  # a server that hung up before the first question confuses it
)
