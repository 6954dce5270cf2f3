"""A view of the schema `read` for a file: by its key, from each page's last row on.

Nobody holds what they see of the database from one page to the next, so the
view may move meanwhile. Its key does not: every row comes once. What was added
later is left out where a row says which fact made it; the file says from where
to where the view had come.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import date
from itertools import takewhile
from typing import Any

from msgspec import Struct

from src.projections.published.view import View
from src.queries.export.columns import Column, Kind, kind_of
from src.queries.export.source import Page
from src.queries.reading import Reading

PAGE_ROWS = 5_000
ROWS_WITHOUT_KEY_MAX = 50_000
"""A view that names no key is read at once, in one statement."""
POSITION = "position"


class MissingViewError(Exception):
    """The view of this version is not in the database: khata up and every worker make it."""


class TooLargeWithoutKeyError(Exception):
    """The view names no key to read it by, and has too many rows to be read at once."""


class Bounds(Struct, frozen=True, kw_only=True):
    """From where to where, both inclusive; a position, a time, or a day; nothing is no bound."""

    first: int | date | None = None
    last: int | date | None = None


class TableSource:
    """The rows of a view.

    Where its key ends in an expression, a page ends with all the rows that share the last
    columns before it: otherwise each page would have to sort all that is left.
    """

    rows_expected: int | None = None

    def __init__(  # noqa: PLR0913, PLR0917 - what it is, and which part of it
        self,
        db: Reading,
        book: int,
        view: View,
        columns: Sequence[Column],
        bounds: Bounds,
        stands_at: int | None,
    ) -> None:
        self.name, self.comment, self.columns = view.name, view.comment, columns
        self._db, self._book, self._view = db, book, view
        self._bounds, self._begun_at = bounds, stands_at
        # An index knows the columns that a key begins with, and nothing behind an expression.
        plain = tuple(takewhile(view.columns.__contains__, view.order))
        self._walked = plain or view.order

    async def pages(self) -> AsyncGenerator[Page]:
        """Yield the rows by their key."""
        conditions, given = self._conditions()
        width, last = len(self.columns), list[Any]()
        limit = PAGE_ROWS if self._view.order else ROWS_WITHOUT_KEY_MAX + 1
        while True:
            statement = self._statement([*conditions, *self._beyond(bool(last), len(given))], limit)
            rows = await self._db.fetch(statement, *given, *last)
            if len(rows) > ROWS_WITHOUT_KEY_MAX:
                raise TooLargeWithoutKeyError(
                    f"{self.name} names no key, and has more than {ROWS_WITHOUT_KEY_MAX:,} rows"
                )
            if rows:
                yield Page(len(rows), list(zip(*rows, strict=True))[:width])
            if len(rows) < limit:
                break
            last = list(rows[-1])[width : width + len(self._walked)]

    @property
    def begun_at(self) -> Mapping[str, int | None]:
        """Name the position that the view had come to before the first row was read."""
        return {"position_at_start": self._begun_at}

    async def ended_at(self) -> Mapping[str, int | None]:
        """Name the one that it has come to since."""
        return {"position_at_end": await standing(self._db, self._book, self.name)}

    def _statement(self, conditions: Sequence[str], limit: int) -> str:
        keys = [f"{each} as key_{n}" for n, each in enumerate(self._view.order)]
        asked = ", ".join([*(each.asked for each in self.columns), *keys])
        where = " and ".join(conditions)
        rows = f"select {asked} from read.{self.name} as made where {where}"  # noqa: S608 - only our own names
        if self._walked == self._view.order:
            return f"{rows}{_by(len(keys))} limit {limit}"
        ties = f"{rows}{_by(len(self._walked))} fetch first {limit} rows with ties"
        return f"select * from ({ties}) as page{_by(len(keys))}"  # noqa: S608 - as above

    def _beyond(self, is_later: bool, given: int) -> list[str]:  # noqa: FBT001 - the first page or another
        """Go on behind the last row; its first part alone is what every index understands."""
        if not is_later:
            return []
        walked = self._walked
        values = ", ".join(f"${given + n}" for n in range(1, len(walked) + 1))
        return [f"{walked[0]} >= ${given + 1}", f"({', '.join(walked)}) > ({values})"]

    def _conditions(self) -> tuple[list[str], list[Any]]:
        conditions, given = ["book = $1"], list[Any]((self._book,))
        for moment, sign in ((self._bounds.first, ">="), (self._bounds.last, "<=")):
            if moment is not None:
                given.append(moment)
                conditions.append(f"{self._bounded_by(moment)} {sign} ${len(given)}")
        if self._begun_at is not None and self._view.born is not None:
            given.append(self._begun_at)
            conditions.append(f"made.{self._view.born} <= ${len(given)}")
        return conditions, given

    def _bounded_by(self, moment: int | date) -> str:
        if isinstance(moment, int):
            return f"made.{self._view.born or POSITION}"
        assert self._view.time is not None, "the bounds were checked"
        return f"made.{self._view.time}"


def _by(keys: int) -> str:
    return f" order by {', '.join(f'key_{n}' for n in range(keys))}" if keys else ""


async def columns_of(db: Reading, view: View) -> list[Column]:
    """Ask the database what the columns are; raises MissingViewError."""
    types = {row[0]: row[1] for row in await db.fetch(_TYPES, f"read.{view.name}")}
    if not types.keys() >= view.columns.keys():  # also when another Khata made it
        raise MissingViewError(view.name)
    return [
        Column(name=name, kind=kind_of(types[name]), comment=comment, type=types[name])
        for name, comment in view.columns.items()
    ]


async def standing(db: Reading, book: int, name: str) -> int | None:
    """Return the position up to which a view is true; None where nothing was ever read."""
    position: int | None = await db.fetchval(_STANDING, book, name)
    return position


def is_day(view: View, columns: Sequence[Column]) -> bool:
    """Whether the view's own time is a day of the shop's calendar."""
    return any(each.name == view.time and each.kind is Kind.DATE for each in columns)


_TYPES = """
select attname::text, format_type(atttypid, atttypmod) from pg_attribute
where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by attnum
"""
_STANDING = "select position from read.about where book = $1 and relation = $2"
