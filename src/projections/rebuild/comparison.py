"""Whether what serves holds exactly the rows that the book gives, at the same position.

Nothing is locked: a range of rows is hashed in what one short transaction sees
of the live table, the copy is fed up to just that position, and the same range
is hashed there. Each range may be compared at a position of its own.
"""

from msgspec import Struct

from src.events.connection import Connection
from src.projections import checkpoints
from src.projections.places import LIVE
from src.projections.projection import Projection
from src.projections.rebuild.content import (
    Key,
    Keyed,
    Range,
    digest,
    edge,
    hashes,
    keyed,
    strays,
)
from src.projections.rebuild.copy import Copy

KEYS_NAMED_MAX = 5


class Difference(Struct, frozen=True, kw_only=True):
    """Rows of one table that are not what the book gives."""

    projection: str
    table: str
    book: int
    rows: int
    keys: tuple[str, ...]
    """The first few of them."""

    def __str__(self) -> str:
        rows = "1 row differs" if self.rows == 1 else f"{self.rows:,} rows differ"
        named = ", ".join(self.keys) + (", …" if self.rows > len(self.keys) else "")
        where = self.table if self.book == 1 else f"{self.table} of book {self.book}"
        return f"{self.projection}: {rows} in {where}: {named}"


class OvertakenError(Exception):
    """The copy has gone past what serves, so that there is no position to compare them at."""


async def compare(live: Connection, copy: Copy, projection: Projection) -> list[Difference]:
    """Return every difference in every book; the copy is fed as far as what serves has come."""
    found: list[Difference] = []
    for table in [await keyed(copy.db, copy.place, name) for name in projection.TABLES]:
        assert table is not None
        for book in copy.books:
            rows = await _compare_table(live, copy, projection, table, book)
            found += _difference(projection, table, book, sorted(rows))
        found += await _foreign_rows(live, copy, projection, table)
    return found


async def _compare_table(
    live: Connection, copy: Copy, projection: Projection, table: Keyed, book: int
) -> set[str]:
    """Return the keys of the rows that differ."""
    differing: set[str] = set()
    part = Range(book=book)
    while True:
        async with live.transaction():
            # Other questions may come and go: this one transaction sees one moment.
            await live.execute("set transaction isolation level repeatable read, read only")
            await _meet(live, copy, projection, book)
            up_to = await _edge(live, copy, table, part)
            part = Range(book=book, above=part.above, up_to=up_to)
            differing |= await _compare_range(live, copy, table, part)
        if up_to is None:
            return differing
        part = Range(book=book, above=up_to)


async def _meet(live: Connection, copy: Copy, projection: Projection, book: int) -> None:
    """Bring the copy to the position that the live rows of this moment stand at."""
    known = await checkpoints.load(live, book, LIVE)
    checkpoint = known.get((projection.NAME, projection.VERSION))
    # A book whose runner was never started has no rows, and is to have none.
    position = 0 if checkpoint is None else checkpoint.position
    await copy.feed(book, position, [projection])
    if await copy.position(book, projection) != position:
        raise OvertakenError(f"{projection.NAME} went back to {position} while it was compared")


async def _edge(live: Connection, copy: Copy, table: Keyed, part: Range) -> Key | None:
    """End the range where either side has enough rows; keys are compared as bytes, like here."""
    edges = [
        await edge(copy.db, copy.place, table, part),
        await edge(live, LIVE, table, part) if await _is_there(live, table) else None,
    ]
    return min((each for each in edges if each is not None), default=None)


async def _compare_range(live: Connection, copy: Copy, table: Keyed, part: Range) -> set[str]:
    if not await _is_there(live, table):
        return set(await hashes(copy.db, copy.place, table, part))
    if await digest(live, LIVE, table, part) == await digest(copy.db, copy.place, table, part):
        return set()
    ours = await hashes(copy.db, copy.place, table, part)
    theirs = await hashes(live, LIVE, table, part)
    return {key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)}


async def _foreign_rows(
    live: Connection, copy: Copy, projection: Projection, table: Keyed
) -> list[Difference]:
    """Find rows of books that there are not."""
    if not await _is_there(live, table):
        return []
    keys = await strays(live, LIVE, table, list(copy.books))
    return _difference(projection, table, 0, sorted(keys))


async def _is_there(live: Connection, table: Keyed) -> bool:
    return await keyed(live, LIVE, table.name) == table


def _difference(
    projection: Projection, table: Keyed, book: int, keys: list[str]
) -> list[Difference]:
    if not keys:
        return []
    return [
        Difference(
            projection=projection.NAME,
            table=table.name,
            book=book,
            rows=len(keys),
            keys=tuple(keys[:KEYS_NAMED_MAX]),
        )
    ]
