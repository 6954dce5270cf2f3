"""Connections for reading the whole book: every question is short, and goes by an index."""

from collections.abc import Mapping

from src.events.connection import connecting
from src.queries.read_pool import TX_SECONDS, ReadPool, pool_of, reader_session

CONNECTIONS_MAX = 6
"""Two pages on the way, three questions each."""

# A young table has no statistics: its indexes are right from the first row.
_BY_INDEX: Mapping[str, str] = dict.fromkeys(
    ("enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin"), "off"
)


async def open_audit_pool(dsn: str, tx_seconds: int = TX_SECONDS) -> ReadPool:
    """Open connections for an audit; raises DatabaseUnavailableError when nobody answers."""
    session = {**reader_session(tx_seconds), **_BY_INDEX}
    return await pool_of(connecting(dsn, "khata audit", session=session), CONNECTIONS_MAX)
