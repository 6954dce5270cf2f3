"""The book in the order of its streams, each page read while the one before is replayed."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from src.events.connection import Row
from src.events.hashed_page import Asking
from src.events.identifiers import Stream
from src.queries.stream_range import Range

PAGE_EVENTS = 4_096


async def stream_pages(
    db: Asking, book: int, within: Range, to: int
) -> AsyncGenerator[Sequence[Row], None]:
    """Return every event of a range of streams up to a position, by stream and version."""
    ahead = asyncio.create_task(_page(db, book, within.begin, 0, within, to))
    try:
        while page := await ahead:
            last = page[-1]
            if len(page) == PAGE_EVENTS:
                ahead = asyncio.create_task(_page(db, book, last[0], last[2], within, to))
            yield page
            if len(page) < PAGE_EVENTS:
                return
    finally:
        ahead.cancel()
        await asyncio.gather(ahead, return_exceptions=True)


async def _page(  # noqa: PLR0913, PLR0917 - a place in a range has that many sides
    db: Asking, book: int, name: Stream, version: int, within: Range, to: int
) -> list[Row]:
    return await db.fetch(PAGE, book, name, version, within.end, to, PAGE_EVENTS)


# The order is that of the unique index, so that the limit ends the scan and nothing is sorted.
PAGE = """
select stream, position, version, type, schema_version, recorded_at, payload::text
from khata.events
where book = $1 and (stream, version) > ($2, $3) and stream < $4 and position <= $5
order by stream, version limit $6
"""
