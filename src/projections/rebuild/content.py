"""What stands in a table as hashes: over every column, to the byte, a range of keys at a time."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from src.events.connection import Connection

RANGE_ROWS = 20_000
"""So many rows are hashed in one short transaction."""

Key = tuple[Any, ...]
"""The primary key without the book."""


class Keyed(Struct, frozen=True, kw_only=True):
    """A table with the columns of its key; the book is the first of them and not among these."""

    name: str
    key: tuple[str, ...]

    @property
    def columns(self) -> str:
        """The key as SQL writes a row."""
        return ", ".join(self.key)


class Range(Struct, frozen=True, kw_only=True):
    """The rows of one book above one key and up to another; None is no limit."""

    book: int
    above: Key | None = None
    up_to: Key | None = None


class Digest(Struct, frozen=True):
    """Two ranges with equal digests hold the same rows, byte for byte."""

    rows: int
    sha256: bytes


async def keyed(db: Connection, place: str, table: str) -> Keyed | None:
    """Find out a table's key; None if there is no such table."""
    rows = await db.fetch(_KEY, f"{place}.{table}")
    columns = tuple(row[0] for row in rows if row[0] != "book")
    return Keyed(name=table, key=columns) if columns else None


async def edge(db: Connection, place: str, table: Keyed, part: Range) -> Key | None:
    """Return the last key of the next `RANGE_ROWS` rows; None if there are fewer."""
    where, given = _where(table, part)
    row = await db.fetchrow(
        f"select {table.columns} from {place}.{table.name} where {where}"  # noqa: S608  # our own names
        f" order by {table.columns} offset {RANGE_ROWS - 1} limit 1",
        *given,
    )
    return None if row is None else tuple(row[place] for place in range(len(table.key)))


async def digest(db: Connection, place: str, table: Keyed, part: Range) -> Digest:
    """Hash the rows of a range in the order of their keys."""
    where, given = _where(table, part)
    row = await db.fetchrow(
        "select count(*), sha256(coalesce("  # noqa: S608  # as above
        f"string_agg(sha256(record_send(each)), ''::bytea order by {table.columns}), ''))"
        f" from {place}.{table.name} as each where {where}",
        *given,
    )
    assert row is not None
    return Digest(row[0], row[1])


async def hashes(db: Connection, place: str, table: Keyed, part: Range) -> dict[str, bytes]:
    """Return each row's hash by its key, to tell which rows differ."""
    where, given = _where(table, part)
    rows = await db.fetch(
        f"select concat_ws(' / ', {table.columns}), sha256(record_send(each))"  # noqa: S608  # as above
        f" from {place}.{table.name} as each where {where}",
        *given,
    )
    return {row[0]: row[1] for row in rows}


async def strays(db: Connection, place: str, table: Keyed, books: Sequence[int]) -> list[str]:
    """Return the keys of rows that belong to none of these books."""
    rows = await db.fetch(
        f"select concat_ws(' / ', {table.columns}) from {place}.{table.name}"  # noqa: S608  # as above
        " where book <> all($1::int[])",
        list(books),
    )
    return [row[0] for row in rows]


async def count(db: Connection, place: str, table: str) -> int:
    """Return how many rows a table has, of all books."""
    found: int = await db.fetchval(f"select count(*) from {place}.{table}")  # noqa: S608  # as above
    return found


def _where(table: Keyed, part: Range) -> tuple[str, list[Any]]:
    text, given = "book = $1", [part.book]
    for sign, key in ((">", part.above), ("<=", part.up_to)):
        if key is not None:
            places = ", ".join(f"${len(given) + n}" for n in range(1, len(key) + 1))
            text += f" and ({table.columns}) {sign} ({places})"
            given += key
    return text, given


_KEY = """
select quote_ident(attname) from pg_index
join pg_attribute on attrelid = indrelid and attnum = any(indkey)
where indrelid = to_regclass($1) and indisprimary
order by array_position(indkey::int2[], attnum)
"""
