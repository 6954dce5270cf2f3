"""The book page by page for an audit, each page read while the one before is checked."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterator

from msgspec import Struct

from src.events import notary_rows
from src.events.hashed_page import Asking, HashedPage, read_hashed

PAGE_EVENTS = 2_048
PAGES_AHEAD = 2


class AuditPage(Struct, frozen=True, kw_only=True):
    """What the database says of the positions above `after` and up to `to`."""

    after: int
    to: int
    hashed: HashedPage
    orphans: list[int]
    """Positions of events whose stream has no version before theirs, further down."""
    notes: list[tuple[int, str]]


async def audit_pages(
    db: Asking, book: int, after: int, to: int
) -> AsyncGenerator[AuditPage, None]:
    """Return every page up to a position, in order."""
    ranges = _ranges(after, to)
    ahead: deque[asyncio.Task[AuditPage]] = deque()
    try:
        while True:
            while len(ahead) < PAGES_AHEAD and (wanted := next(ranges, None)):
                ahead.append(asyncio.create_task(_page(db, book, *wanted)))
            if not ahead:
                return
            yield await ahead.popleft()
    finally:
        for task in ahead:
            task.cancel()
        await asyncio.gather(*ahead, return_exceptions=True)


def _ranges(after: int, to: int) -> Iterator[tuple[int, int]]:
    for begin in range(after, to, PAGE_EVENTS):
        yield begin, min(begin + PAGE_EVENTS, to)


async def _page(db: Asking, book: int, after: int, to: int) -> AuditPage:
    hashed, orphans, notes = await asyncio.gather(
        read_hashed(db, book, after, to),
        db.fetch(_ORPHANS, book, after, to),
        _notes(db, book, after, to),
    )
    positions: list[int] = [row[0] for row in orphans]
    return AuditPage(after=after, to=to, hashed=hashed, orphans=positions, notes=notes)


async def _notes(db: Asking, book: int, after: int, to: int) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    while page := await notary_rows.notes(db, book, after, to):
        found += page
        after = page[-1][0]
    return found


# Together with the unique index on stream and version this says that versions are dense.
_ORPHANS = """
select position from khata.events as event
where book = $1 and position > $2 and position <= $3 and version > 1
    and not exists (select from khata.events as before
                    where before.book = $1 and before.stream = event.stream
                        and before.version = event.version - 1
                        and before.position < event.position)
order by position
"""
