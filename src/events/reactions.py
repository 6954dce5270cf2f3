"""Bookmarks of those who follow the book and act on what they find, kept in PostgreSQL.

The bookmark moves after the work. A crash between the two does the work again,
so whatever a reaction does must be harmless when it is done twice.
"""

from src.events.connection import connecting
from src.events.lines import Line, read_until_answered


class Bookmarks:
    """How far each reaction has come in one book."""

    def __init__(self, dsn: str, book: int = 1) -> None:
        self._line = Line(connecting(dsn, "khata reactions"))
        self._book = book

    async def position(self, name: str) -> int:
        """Return the last position that was dealt with, 0 before the first."""
        found: int | None = await read_until_answered(
            lambda: self._line.run(lambda db: db.fetchval(_FIND, self._book, name))
        )
        return found or 0

    async def move(self, name: str, position: int) -> None:
        """Say that everything up to a position is dealt with; it never goes back."""
        await read_until_answered(
            lambda: self._line.run(lambda db: db.execute(_MOVE, self._book, name, position))
        )

    async def close(self) -> None:
        """Close the connection."""
        await self._line.close()


_FIND = "select position from edge.reactions where book = $1 and name = $2"
_MOVE = """
insert into edge.reactions as known (book, name, position) values ($1, $2, $3)
on conflict (book, name) do update set position = excluded.position
where known.position < excluded.position
"""
