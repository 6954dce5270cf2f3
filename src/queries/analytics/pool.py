"""The connections of analysts: few, and held to a limit, so that no checkout ever waits for one."""

from src.events.connection import connecting
from src.queries.read_pool import TX_SECONDS, ReadPool, pool_of, reader_session

CONNECTIONS_MAX = 2
"""A question of an analyst may take a processor for seconds: so many at once, and no more."""


async def open_analytics_pool(dsn: str, tx_seconds: int = TX_SECONDS) -> ReadPool:
    """Open connections for analysts; raises DatabaseUnavailableError when nobody answers."""
    session = reader_session(tx_seconds)
    return await pool_of(connecting(dsn, "khata analytics", session=session), CONNECTIONS_MAX)
