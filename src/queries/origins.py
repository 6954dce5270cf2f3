"""Where the first fact of a stream comes from: the trace that began it, and the command."""

from src.events.identifiers import Stream
from src.queries.reading import Reading
from src.tracing import Origin


async def origins_of(db: Reading, book: int, name: Stream) -> list[Origin]:
    """Return it, or nothing for a stream that has not begun."""
    rows = await db.fetch(_FIRST, book, name)
    return [Origin(row["correlation_id"], row["command_id"]) for row in rows]


_FIRST = """
select correlation_id, command_id from khata.events where book = $1 and stream = $2 and version = 1
"""
