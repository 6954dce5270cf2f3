"""What PostgreSQL was asked, as pg_stat_statements counts it."""

from src.embedded import Engines
from src.events.connection import Connection
from tests.databases import as_superuser, connected

COUNTED = """
    select query, calls from pg_stat_statements
    where dbid = (select oid from pg_database where datname = current_database())
    and query !~* '^\\s*(begin|commit|rollback)' order by calls desc
"""


async def begin_counting(engines: Engines) -> None:
    """Forget what was counted before."""
    await as_superuser(engines, "create extension if not exists pg_stat_statements")
    await as_superuser(engines, "select pg_stat_statements_reset()")


async def counted(engines: Engines) -> dict[str, int]:
    """Return how often each statement was asked, without what begins and ends transactions."""

    async def ask(connection: Connection) -> dict[str, int]:
        rows = await connection.fetch(COUNTED)
        return {
            row["query"]: row["calls"] for row in rows if "pg_stat_statements" not in row["query"]
        }

    found: dict[str, int] = await connected(engines.superuser_url, ask)
    return found
