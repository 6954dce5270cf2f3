"""Lines: dedicated connections that open themselves again, and the patience to ask again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types

from src.events.connection import UNREACHABLE, Connect, Connection
from src.events.ports import DatabaseUnavailableError, OutcomeUnknownError

PAUSES_SECONDS = (0.0, 0.1, 0.3, 0.6, 1.0, 2.0)
"""How long to wait before each further attempt; the first loss is followed at once."""

CLOSE_TIMEOUT_SECONDS = 2.0

T = TypeVar("T")


class ConnectionLostError(Exception):
    """The connection died before the answer came; what was sent may have been done."""


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
                # A transaction that is left on a dead connection has an error of its own.
                lost = isinstance(error, UNREACHABLE) or connection.is_closed()
                connection.terminate()
                if lost and isinstance(error, Exception):
                    raise DatabaseUnavailableError("lost while connecting") from error
                raise
            self._connection = connection
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None


async def until_answered(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask again after a loss, a bounded number of times; asking twice must be harmless.

    Raises OutcomeUnknownError if something was sent and nothing was answered,
    DatabaseUnavailableError if nothing could be sent.
    """
    failure: Exception = DatabaseUnavailableError("never asked")
    for pause_seconds in (None, *PAUSES_SECONDS):
        if pause_seconds is not None:
            # It gives a restarting server time; correctness does not need it.
            await asyncio.sleep(pause_seconds)
        try:
            return await ask()
        except ConnectionLostError as error:
            failure = OutcomeUnknownError(f"sent, and never answered: {error}")
        except DatabaseUnavailableError as error:
            if not isinstance(failure, OutcomeUnknownError):
                failure = error
        except Exception as error:
            # It speaks of this attempt alone; what was sent before may have been done.
            if isinstance(failure, OutcomeUnknownError):
                raise failure from error
            raise
    raise failure


async def read_until_answered(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask again for what changes nothing, or nothing more the second time."""
    try:
        return await until_answered(ask)
    except OutcomeUnknownError as error:
        raise DatabaseUnavailableError(str(error)) from error
