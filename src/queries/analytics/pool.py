"""The connections of analysts: few, and held to a limit, so that no checkout ever waits for one."""

from src.events.connection import connecting
from src.queries.read_pool import TX_SECONDS, ReadPool, pool_of, reader_session

CONNECTIONS_MAX = 2
"""A question of an analyst may take a processor for seconds: so many at once, and no more."""


async def open_analytics_pool(dsn: str, tx_seconds: int = TX_SECONDS) -> ReadPool:
    """Return the connections of analysts; none is opened before the first question.

    A replica that is away keeps answers from analysts, and no shop from its start.
    """
    # Workers beside the connection would each take a processor from those who buy.
    session = {**reader_session(tx_seconds), "max_parallel_workers_per_gather": "0"}
    connect = connecting(dsn, "khata analytics", session=session)
    return await pool_of(connect, CONNECTIONS_MAX, connections_min=0)
