"""Whom the book says to be erased, and their keys: restored keys are destroyed again by it."""

from collections.abc import Callable, Sequence

from src.events.connection import Connection
from src.events.identifiers import CUSTOMER, Stream, category_of, key_of

ERASED = "CustomerErased"
POSITIONS_PER_PAGE = 5_000

Progress = Callable[[int, int], None]
"""At which position of which the reader is."""


async def erased_persons(db: Connection, progress: Progress, book: int = 1) -> list[str]:
    """Return the ids of all who were erased, in the order of their erasure; a person's key has
    the person's id.
    """
    found: list[str] = []
    head = await db.fetchval(_HEAD, book) or 0
    for after in range(0, head, POSITIONS_PER_PAGE):
        rows = await db.fetch(_PAGE, book, after, after + POSITIONS_PER_PAGE, ERASED)
        names = [Stream(row[0]) for row in rows]
        found += [key_of(name) for name in names if category_of(name) == CUSTOMER]
        progress(min(after + POSITIONS_PER_PAGE, head), head)
    return found


async def with_keys(db: Connection, key_ids: Sequence[str], book: int = 1) -> list[str]:
    """Return those of the ids whose key is not marked as destroyed for ever."""
    destroyed = {row[0] for row in await db.fetch(_DESTROYED, book, list(key_ids))}
    return [key_id for key_id in key_ids if key_id not in destroyed]


async def let_reactions_begin_again(db: Connection, names: Sequence[str], book: int = 1) -> None:
    """Have the worker look anew at all that it destroyed keys for; again is harmless."""
    await db.execute(_FORGET, book, list(names))


_HEAD = "select position from khata.books where book = $1"
_PAGE = """
    select stream from khata.events
    where book = $1 and position > $2 and position <= $3 and type = $4 order by position
"""
_DESTROYED = """
    select key_id from keys.person_keys
    where book = $1 and key_id = any($2::text[]) and wrapped is null
"""
_FORGET = "delete from edge.reactions where book = $1 and name = any($2::text[])"
