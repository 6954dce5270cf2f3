"""Where every read model stands: the one that serves, the one being built, and the one kept."""

from collections.abc import Sequence

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types; the error's name is all
from msgspec import Struct

from src.events.connection import connecting
from src.projections import checkpoints
from src.projections.places import LIVE, NEXT, OLD
from src.projections.projection import Projection


class Standing(Struct, frozen=True, kw_only=True):
    """One read model of one book; a position is None where there is none."""

    projection: str
    version: int
    book: int
    head: int
    serving: checkpoints.Checkpoint | None
    building: checkpoints.Checkpoint | None
    kept: checkpoints.Checkpoint | None


async def status(url: str, projections: Sequence[Projection]) -> list[Standing]:
    """Return how far each has come, book by book."""
    db = await connecting(url, "khata rebuild")()
    try:
        books = await db.fetch("select book, position from khata.books order by book")
        return [each for row in books for each in await of_book(db, row[0], row[1], projections)]
    finally:
        await db.close()


async def of_book(
    db: checkpoints.Fetching, book: int, head: int, projections: Sequence[Projection]
) -> list[Standing]:
    """Return how far each has come in a book that ends at `head`."""
    serving, building, kept = [await _in(db, book, place) for place in (LIVE, NEXT, OLD)]
    keys = [(each.NAME, each.VERSION) for each in projections]
    return [
        Standing(
            projection=key[0],
            version=key[1],
            book=book,
            head=head,
            serving=serving.get(key),
            building=building.get(key),
            kept=kept.get(key),
        )
        for key in keys
    ]


async def _in(
    db: checkpoints.Fetching, book: int, place: str
) -> dict[tuple[str, int], checkpoints.Checkpoint]:
    """Return what stands in a place; between two looks a rebuild may have tidied it away."""
    missing = await db.fetch("select to_regclass($1) is null", f"{place}.checkpoints")
    if missing[0][0]:
        return {}
    try:
        return await checkpoints.load(db, book, place)
    except asyncpg.UndefinedTableError:
        return {}
