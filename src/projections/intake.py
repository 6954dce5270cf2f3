"""Taking in a page: together if it goes well, one by one to find what does not."""

from collections.abc import Callable, Sequence

from src.events.connection import Connection
from src.events.envelope import StoredEvent
from src.projections import checkpoints
from src.projections.faults import passes
from src.projections.pages import decoded, hand_out
from src.projections.projection import Projection
from src.telemetry import logger, places

log = logger("projections")


Stopped = Callable[[Projection, StoredEvent, Exception], None]


def _log(projection: Projection, stored: StoredEvent, trouble: Exception) -> None:
    """Say where it stopped; the trouble's own words may repeat a row, and stay in the database."""
    log.warning(
        "a read model has stopped",
        name=projection.NAME,
        position=stored.position,
        error=type(trouble).__name__,
        places=places(trouble),
    )


async def take(  # noqa: PLR0913, PLR0917  # who takes what, and where
    db: Connection,
    book: int,
    group: Sequence[Projection],
    after: int,
    page: Sequence[StoredEvent],
    stopped: Stopped = _log,
) -> bool:
    """Give a page to projections that all stand just before it; say whether all took it whole.

    What goes wrong together may go well alone. Whoever cannot stops at the first fact
    that it cannot take, and `stopped` hears of it; troubles of the machine are raised
    instead, and stop nobody.
    """
    if await _fits(db, book, group, after, page) is None:
        return True
    whole = True
    for projection in group:
        if await _fits(db, book, [projection], after, page) is not None:
            whole &= await _take_fact_by_fact(db, book, projection, after, page, stopped)
    return whole


async def _take_fact_by_fact(  # noqa: PLR0913, PLR0917  # as above
    db: Connection,
    book: int,
    projection: Projection,
    after: int,
    page: Sequence[StoredEvent],
    stopped: Stopped,
) -> bool:
    """Say whether it took every one."""
    for stored in page:
        trouble = await _fits(db, book, [projection], after, [stored])
        if trouble is not None:
            stopped(projection, stored, trouble)
            reason = f"{type(trouble).__name__}: {trouble}"
            await checkpoints.stop(db, book, projection, after, stored.position, reason)
            return False
        after = stored.position
    return True


class _OvertakenError(Exception):
    """A checkpoint does not stand where it was seen; the transaction is rolled back."""


async def _fits(
    db: Connection,
    book: int,
    group: Sequence[Projection],
    after: int,
    page: Sequence[StoredEvent],
) -> Exception | None:
    """Apply the page, or return what is wrong with it for this group."""
    try:
        await _apply(db, book, group, after, page)
    except _OvertakenError:
        return None  # somebody else applied it; the next look at the checkpoints says how far
    except Exception as error:
        if passes(error, db):
            raise
        return error
    return None


async def _apply(
    db: Connection,
    book: int,
    group: Sequence[Projection],
    after: int,
    page: Sequence[StoredEvent],
) -> None:
    """Move the checkpoints and the tables together; nothing, if a checkpoint was moved already."""
    facts = decoded(page, group)
    async with db.transaction():
        moved = await checkpoints.advance(db, book, group, after, page[-1].position)
        if not moved:
            raise _OvertakenError
        await hand_out(facts, group, db, book)
