"""Read models that stand beside those that serve, and are fed as fast as the book is read."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from src.events.connection import Connection
from src.events.envelope import StoredEvent
from src.events.ports import Book
from src.projections import checkpoints
from src.projections.intake import take
from src.projections.pages import unwanted
from src.projections.places import NEXT
from src.projections.projection import Projection
from src.projections.rebuild.relations import relations
from src.projections.tables import prepare

PAGE_POSITIONS = 5_000

Told = Callable[[int, int], None]
"""Hears how many positions were read in all, and of how many."""


class PoisonedError(Exception):
    """A read model cannot take a fact; what serves was not touched."""


class AheadOfTheBookError(Exception):
    """A read model has seen facts that the book does not hold; nothing was swapped."""


class Copy:
    """The read models of every book, in a place that nobody asks."""

    def __init__(
        self,
        db: Connection,
        books: Mapping[int, Book],
        projections: Sequence[Projection],
        told: Told,
        place: str = NEXT,
    ) -> None:
        self.db = db
        """Looks at the place of the copy, and holds the lock of the one who rebuilds."""
        self.books = books
        self.projections = projections
        self.place = place
        self._told = told
        self._read: dict[int, int] = dict.fromkeys(books, 0)

    async def begin(self) -> None:
        """Make empty tables; whatever lies there was left behind by somebody who was killed."""
        async with self.db.transaction():
            await clear(self.db, self.place)
        for book in self.books:
            await prepare(self.db, book, self.projections, self.place)
        for table in await relations(self.db, self.place, self.projections):
            if table.is_table:  # or a cleaner would stand in the way of the swap
                await self.db.execute(f"alter table {table} set (autovacuum_enabled = off)")

    async def feed(self, book: int, to: int, only: Sequence[Projection] | None = None) -> None:
        """Let those that stand below a position reach it.

        Raises PoisonedError; AheadOfTheBookError, if the book ends before it.
        """
        groups: dict[int, list[Projection]] = defaultdict(list)
        for projection in self.projections if only is None else only:
            groups[await self.position(book, projection)].append(projection)
        for after in sorted(groups):
            if after < to:
                await self._feed_group(book, groups[after], after, to)

    async def position(self, book: int, projection: Projection) -> int:
        """Return how far a read model of the copy has come."""
        return (await self._checkpoint(book, projection)).position

    async def feed_to_heads(self, only: Sequence[Projection] | None = None) -> None:
        """Reach the last fact of every book, as it stands now."""
        for book, source in self.books.items():
            await self.feed(book, await source.head(), only)

    async def _feed_group(
        self, book: int, group: Sequence[Projection], after: int, to: int
    ) -> None:
        """Read the next page while this one is taken in."""
        without = unwanted(group)

        def begin_page(after: int) -> asyncio.Task[Sequence[StoredEvent]]:
            length = min(PAGE_POSITIONS, to - after)
            return asyncio.create_task(_page(self.books[book], after, length, without))

        ahead = begin_page(after)
        try:
            while after < to:
                page = await ahead
                if not page:
                    raise AheadOfTheBookError(f"book {book} ends at {after}, before position {to}")
                reached = page[-1].position
                if reached < to:
                    ahead = begin_page(reached)
                if not await take(self.db, book, group, after, page, _say_nothing):
                    raise await self._poisoned(book, group)
                after = reached
                self._tell(book, after, to)
        finally:
            ahead.cancel()

    async def _poisoned(self, book: int, group: Sequence[Projection]) -> PoisonedError:
        stopped = [await self._checkpoint(book, each) for each in group]
        return PoisonedError(
            "; ".join(
                f"{each.projection} cannot take the fact at position {each.stopped_at} of book"
                f" {book} ({each.stopped_reason})"
                for each in stopped
                if each.stopped_at is not None
            )
        )

    async def _checkpoint(self, book: int, projection: Projection) -> checkpoints.Checkpoint:
        known = await checkpoints.load(self.db, book, self.place)
        return known[projection.NAME, projection.VERSION]

    def _tell(self, book: int, position: int, to: int) -> None:
        self._read[book] = max(self._read[book], position)
        self._told(sum(self._read.values()), max(to, sum(self._read.values())))


async def _page(
    source: Book, after: int, length: int, without: Sequence[str]
) -> Sequence[StoredEvent]:
    return await source.read_page(after, length, without=without)


def _say_nothing(*_: object) -> None:
    """The error that follows says it to whoever rebuilds."""


async def clear(db: Connection, place: str) -> None:
    """Drop every table and view that lies in a place, its checkpoints too."""
    for each in await relations(db, place):
        await db.execute(f"drop {each.kind} {each} cascade")
