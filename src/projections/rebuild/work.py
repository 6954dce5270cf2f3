"""A rebuild from beginning to end: build, compare, swap; or only compare; or go back."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from msgspec import Struct

from src.events.connection import Connection, connecting
from src.events.ledger import open_book
from src.events.ports import Book
from src.projections import checkpoints
from src.projections.places import LIVE, NEXT, OLD, stay_in, step_into
from src.projections.projection import Projection
from src.projections.rebuild.comparison import Difference, OvertakenError, compare
from src.projections.rebuild.content import count
from src.projections.rebuild.copy import AheadOfTheBookError, Copy, PoisonedError, Told, clear
from src.projections.rebuild.relations import relations
from src.projections.rebuild.swap import swap
from src.projections.tables import begin_checkpoints, hold_tables

REBUILDING = 0x6B687263
"""Advisory lock: one rebuilds, and nobody else."""
STATEMENT_TIMEOUT_SECONDS = 600.0
"""For statistics over a whole table; what others wait for has limits of its own."""


class AlreadyAtWorkError(Exception):
    """Read models are being rebuilt already; one rebuild at a time."""


class NothingKeptError(Exception):
    """There is no older one of this read model to go back to."""


class Rebuilt(Struct, frozen=True, kw_only=True):
    """What became of one read model."""

    projection: str
    version: int
    rows: int
    positions: dict[int, int]
    """By book, how far the new one had come."""
    differences: list[Difference] | None
    """None, if there was nothing to compare it with."""
    serves: bool
    """Not yet, if an older version does: the newer Khata takes it up when it starts."""
    kept: bool
    """Whether there is one to go back to: what served, if anything did."""


def _heard(_: int, __: int) -> None:
    """Tell nobody."""


async def rebuild(
    url: str,
    projections: Sequence[Projection],
    told: Told = _heard,
    swapped: Callable[[Rebuilt], None] = lambda _: None,
) -> None:
    """Build read models in one pass over the book, and swap in each; serving goes on meanwhile.

    Raises AlreadyAtWorkError; PoisonedError and AheadOfTheBookError, and nothing was swapped then;
    StillInUseError, and those swapped by then stay so.
    """
    async with _at_work(url, projections, told, NEXT) as copy:
        await copy.begin()
        compared = await _compare_all(url, copy)
        await copy.feed_to_heads()
        await _gather_statistics(copy)
        await copy.feed_to_heads()
        for projection in projections:
            rows = await _rows(copy, projection)
            positions = {book: await copy.position(book, projection) for book in copy.books}
            serves = await swap(copy, projection)
            swapped(
                Rebuilt(
                    projection=projection.NAME,
                    version=projection.VERSION,
                    rows=rows,
                    positions=positions,
                    differences=compared[projection.NAME],
                    serves=serves,
                    kept=await _is_kept(copy, projection),
                )
            )


async def check(
    url: str, projections: Sequence[Projection], told: Told = _heard
) -> list[Difference]:
    """Compare what serves with what the book gives, every row to the byte; change nothing.

    Read models of which only another version serves, or none, are passed over.
    Raises AlreadyAtWorkError, PoisonedError, AheadOfTheBookError.
    """
    compared = await check_each(url, projections, told)
    return [each for found in compared.values() for each in found or ()]


async def check_each(
    url: str, projections: Sequence[Projection], told: Told = _heard
) -> dict[str, list[Difference] | None]:
    """Check, and return the differences by read model; None for those that were passed over."""
    async with _at_work(url, projections, told, NEXT) as copy:
        await copy.begin()
        return await _compare_all(url, copy)


async def back(url: str, projection: Projection, told: Told = _heard) -> dict[int, int]:
    """Let the one that was replaced serve again; return how far it has come, by book.

    It is fed first, as far as it goes. What served is kept in its place, so
    that back from there leads here again. Raises AlreadyAtWorkError, NothingKeptError.
    """
    async with _at_work(url, [projection], told, OLD) as copy:
        await _must_be_kept(copy, projection)
        for book in copy.books:
            await checkpoints.retry(copy.db, book, [projection])
        with suppress(PoisonedError):
            await copy.feed_to_heads()
        await swap(copy, projection)
        known = {book: await checkpoints.load(copy.db, book, LIVE) for book in copy.books}
        key = (projection.NAME, projection.VERSION)
        return {book: each[key].position for book, each in known.items()}


@asynccontextmanager
async def _at_work(
    url: str, projections: Sequence[Projection], told: Told, place: str
) -> AsyncGenerator[Copy]:
    """Be the only one; what was built and not swapped in is gone afterwards."""
    async with AsyncExitStack() as closing:
        db = await connecting(url, "khata rebuild", STATEMENT_TIMEOUT_SECONDS)()
        closing.push_async_callback(db.close)
        if not await db.fetchval("select pg_try_advisory_lock($1)", REBUILDING):
            raise AlreadyAtWorkError("read models are being rebuilt already; wait, or end that")
        await db.execute("set synchronous_commit = off; set jit = off")
        for each in (LIVE, NEXT, OLD):
            await _make_checkpoints(db, each)
        await stay_in(db, place)
        books: dict[int, Book] = {}
        for row in await db.fetch("select book from khata.books order by book"):
            books[row[0]] = book = await open_book(url, row[0])
            closing.push_async_callback(book.close)
        try:
            yield Copy(db, books, projections, told, place)
        finally:
            await _tidy(db)


async def _make_checkpoints(db: Connection, place: str) -> None:
    """There are none in a place where nothing was ever, and none where somebody lost them."""
    async with db.transaction():
        await step_into(db, place)
        await hold_tables(db)
        await begin_checkpoints(db, place)


async def _tidy(db: Connection) -> None:
    if not db.is_closed():
        async with db.transaction():
            await clear(db, NEXT)


async def _compare_all(url: str, copy: Copy) -> dict[str, list[Difference] | None]:
    """Compare each read model where it stands; the one that is furthest behind comes first."""
    found: dict[str, list[Difference] | None] = {each.NAME: None for each in copy.projections}
    live = await connecting(url, "khata rebuild", STATEMENT_TIMEOUT_SECONDS)()
    try:
        left = [each for each in copy.projections if await _standing(live, copy, each)]
        for each in left:
            await _must_stand_in_the_book(copy, each, await _standing(live, copy, each))
        while left:
            first = await _next_to_compare(live, copy, left)
            found[first.NAME] = await _compared(live, copy, first)
            left.remove(first)
        return found
    finally:
        await live.close()


async def _must_stand_in_the_book(
    copy: Copy, projection: Projection, standing: dict[int, int]
) -> None:
    """Refuse what was fed by a longer book, such as the one before a backup came back."""
    for book, position in standing.items():
        head = await copy.books[book].head()
        if position > head:
            raise AheadOfTheBookError(
                _AHEAD.format(name=projection.NAME, book=book, position=position, head=head)
            )


async def _next_to_compare(live: Connection, copy: Copy, left: Sequence[Projection]) -> Projection:
    """Feed all as far as nobody passes what it will be compared with."""
    standing = {each.NAME: await _standing(live, copy, each) for each in left}
    for book in copy.books:
        await copy.feed(book, min(each.get(book, 0) for each in standing.values()))
    return min(left, key=lambda each: sum(standing[each.NAME].values()))


async def _compared(
    live: Connection, copy: Copy, projection: Projection
) -> list[Difference] | None:
    try:
        return await compare(live, copy, projection)
    except OvertakenError:
        return None


async def _standing(live: Connection, copy: Copy, projection: Projection) -> dict[int, int]:
    """Return how far the one that serves has come, by book; nothing if it has not begun."""
    known = {book: await checkpoints.load(live, book, LIVE) for book in copy.books}
    places = {book: each.get((projection.NAME, projection.VERSION)) for book, each in known.items()}
    standing = {book: each.position for book, each in places.items() if each is not None}
    return standing if any(standing.values()) else {}


async def _gather_statistics(copy: Copy) -> None:
    """A table that is new to the planner would be asked badly."""
    for each in await relations(copy.db, copy.place, copy.projections):
        if each.is_table:
            await copy.db.execute(f"analyze {each}")


async def _rows(copy: Copy, projection: Projection) -> int:
    return sum([await count(copy.db, copy.place, table) for table in projection.TABLES])


async def _must_be_kept(copy: Copy, projection: Projection) -> None:
    if not await _is_kept(copy, projection):
        raise NothingKeptError(f"of {projection.NAME} no older one is kept")


async def _is_kept(copy: Copy, projection: Projection) -> bool:
    """Tables of which nobody knows how far they had come are of no use."""
    there = await relations(copy.db, OLD, [projection])
    key = projection.NAME, projection.VERSION
    known = [key in await checkpoints.load(copy.db, book, OLD) for book in copy.books]
    return any(known) and {each.name for each in there if each.is_table} == set(projection.TABLES)


# The one who puts a book back beside old read models says so: nothing else tells that
# what serves is the mistake, and not the book.
_AHEAD = (
    "{name} stands at position {position:,}, and book {book} ends at {head:,}: it has seen facts"
    " that the book does not hold, and nothing was changed; if the book is the right one, stop"
    " Khata, delete from models.checkpoints where book = {book} and projection = '{name}',"
    " and run khata rebuild {name}"
)
