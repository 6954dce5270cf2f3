"""Which troubles pass by themselves, and which are about a fact."""

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types; its errors are all we name

from src.events.connection import Connection
from src.events.lines import ConnectionLostError
from src.events.ports import DatabaseUnavailableError, OutcomeUnknownError

PASSING: tuple[type[Exception], ...] = (
    ConnectionLostError,
    DatabaseUnavailableError,
    OutcomeUnknownError,
    OSError,  # also a TimeoutError
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,
    asyncpg.TransactionRollbackError,  # deadlocks
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.ObjectNotInPrerequisiteStateError,  # a lock that was not free
    asyncpg.ReadOnlySQLTransactionError,
)
"""Troubles of the machine: the same facts may be read again when it is well."""


def passes(error: Exception, db: Connection) -> bool:
    """Whether trying again later can help, without anybody changing anything."""
    return isinstance(error, PASSING) or db.is_closed()
