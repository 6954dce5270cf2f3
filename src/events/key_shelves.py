"""Where wrapped keys lie: persons' keys and the installation's secrets, read page by page."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence

from msgspec import Struct

from src.events.connection import Connection
from src.events.master_key import fingerprint, opened
from src.events.sealing import BrokenBoxError
from src.events.wrapping import bound, of_installation

KEYS_PER_PAGE = 1_000
SHELF_SESSION = {"enable_bitmapscan": "off"}
"""Of a young table without statistics the planner would sort the rest for each page."""


class Shelf(Struct, frozen=True, kw_only=True):
    """One table of wrapped keys."""

    named: Callable[[str], str]
    """How a row's key is named inside the box."""
    page: str
    """After a name, so many of those that are not destroyed."""
    rewrap: str
    """Replaces boxes that are still what they were: a destroyed key stays destroyed."""


def _shelf(table: str, column: str, named: Callable[[str], str]) -> Shelf:
    page = f"""
        select {column}, wrapped from {table}
        where book = $1 and {column} > $2 and wrapped is not null
        order by {column} limit $3
    """  # noqa: S608  # our own names
    # All are locked first, in the order in which others lock many at once: nobody waits in a ring.
    rewrap = f"""
        with held as materialized (
            select from {table} where book = $1 and {column} = any($2::text[])
            order by {column} for no key update
        ), given as materialized (
            select * from unnest($2::text[], $3::bytea[], $4::bytea[]) as given(name, was, fresh)
        )
        update {table} as kept set wrapped = given.fresh from given
        where (select count(*) from held) > 0
            and kept.book = $1 and kept.{column} = given.name and kept.wrapped = given.was
    """  # noqa: S608  # our own names
    return Shelf(named=named, page=page, rewrap=rewrap)


SHELVES = (
    _shelf("keys.installation", "name", of_installation),
    _shelf("keys.person_keys", "key_id", str),
)


class Standing(Struct, frozen=True, kw_only=True):
    """How many keys stand under which master key."""

    under: dict[str, int]
    """By fingerprint, newest first; also those that open nothing."""
    strange: int
    """Those that no key in the file opens."""
    destroyed: int


async def standing(db: Connection, keys: Sequence[bytes], book: int) -> Standing:
    """Try every wrapped key; raises nothing for those that cannot be opened."""
    found: Counter[str | None] = Counter()
    for shelf in SHELVES:
        async for page in pages(db, shelf, book):
            found.update(
                _opener(keys, box, bound(book, shelf.named(name))) for name, box in page.items()
            )
    return Standing(
        under={name: found[name] for name in map(fingerprint, keys)},
        strange=found[None],
        destroyed=await db.fetchval(_DESTROYED, book),
    )


async def pages(db: Connection, shelf: Shelf, book: int) -> AsyncIterator[dict[str, bytes]]:
    """Return the boxes by name, in the order of names, none of them in a transaction that lasts."""
    after = ""
    while rows := await db.fetch(shelf.page, book, after, KEYS_PER_PAGE):
        yield {row[0]: row[1] for row in rows}
        after = rows[-1][0]


async def count_keys(db: Connection, book: int) -> int:
    """Return how many wrapped keys there are."""
    count: int = await db.fetchval(_COUNT, book)
    return count


def _opener(keys: Sequence[bytes], box: bytes, name: str) -> str | None:
    try:
        return fingerprint(opened(keys, box, name)[1])
    except BrokenBoxError:
        return None


_DESTROYED = "select count(*) from keys.person_keys where book = $1 and wrapped is null"
_COUNT = """
    select (select count(*) from keys.person_keys where book = $1 and wrapped is not null)
         + (select count(*) from keys.installation where book = $1)
"""
