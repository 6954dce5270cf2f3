"""How big the book of analysts' questions is, and what a family of questions brings along."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

from msgspec import Struct

from src.queries.analytics.scope import Scope
from src.queries.reading import Reading

BOOK, CURRENCY, ZONE = 1, "INR", "Asia/Kolkata"
FACTS_AN_ORDER = 20
END = datetime(2026, 3, 31, 18, 30, tzinfo=UTC)
"""Midnight in the shop's zone."""


class Size(Struct, frozen=True, kw_only=True):
    """A book of so many orders, placed evenly over so many days before END."""

    orders: int
    days: int
    skus: int
    book: int = BOOK

    def words(self) -> dict[str, str]:
        """Return what statements may name: order n is placed at {at}, at position {position}.

        {book}, {orders}, {skus} and {facts} are numbers; {begin} and {end} are times.
        """
        begin = END - timedelta(days=self.days)
        step = timedelta(days=self.days) / self.orders
        return {
            "book": f"{self.book}",
            "orders": f"{self.orders}",
            "skus": f"{self.skus}",
            "facts": f"{FACTS_AN_ORDER}",
            "begin": f"'{begin.isoformat()}'::timestamptz",
            "end": f"'{END.isoformat()}'::timestamptz",
            "at": f"('{begin.isoformat()}'::timestamptz"
            f" + (n - 1) * interval '{step.total_seconds()} seconds')",
            "position": f"(n * {FACTS_AN_ORDER}::bigint)",
        }

    @property
    def head(self) -> int:
        """The last position."""
        return self.orders * FACTS_AN_ORDER

    def position(self, part: float | None) -> int | None:
        """Return the position up to which this part of the book lies; None is now."""
        return None if part is None else int(self.head * part)

    def scope(self, days: int, as_of: int | None = None) -> Scope:
        """Ask about the last so many days."""
        last = date(END.year, END.month, END.day)
        return Scope(
            book=self.book,
            currency=CURRENCY,
            zone=ZONE,
            first_day=last - timedelta(days=days - 1),
            last_day=last,
            as_of=as_of,
        )


Ask = Callable[[], Awaitable[object]]
Question = Callable[[Reading, Size], Awaitable[object]]


class Family(Struct, frozen=True, kw_only=True):
    """Questions on the same tables, and the statements that fill these."""

    name: str
    fill: tuple[str, ...]
    """With the words of `Size` in braces."""
    questions: tuple[tuple[str, Question], ...]
