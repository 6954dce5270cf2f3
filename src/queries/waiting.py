"""Waiting, within bounds, until read models have seen what a client has seen."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from src.projections.projection import Projection
from src.queries.reading import Reading

POLL_SECONDS = 0.05

Wait = Callable[[float], Awaitable[object]]


class NotThereYet(Exception):
    """The read models did not reach the position in time; asking again later will help."""


async def wait_until(  # noqa: PLR0913  # what, where and how long
    db: Reading,
    book: int,
    projections: Sequence[Projection],
    position: int,
    *,
    timeout_seconds: float,
    wake: Wait = asyncio.sleep,
) -> None:
    """Return as soon as all of these read models have reached the position.

    `wake` returns when a read model has moved, or after the seconds given.
    """
    try:
        async with asyncio.timeout(timeout_seconds):
            while await reached(db, book, projections) < position:
                await wake(POLL_SECONDS)
    except TimeoutError as error:
        raise NotThereYet(f"position {position} is not there yet") from error


async def reached(db: Reading, book: int, projections: Sequence[Projection]) -> int:
    """Return the position that all of these read models have reached."""
    names = [each.NAME for each in projections]
    versions = [each.VERSION for each in projections]
    found: int = await db.fetchval(_REACHED, book, names, versions)
    return found


_REACHED = """
select coalesce(min(coalesce(known.position, 0)), 0)
from unnest($2::text[], $3::int[]) as wanted(projection, version)
left join models.checkpoints as known
    on known.book = $1 and known.projection = wanted.projection and known.version = wanted.version
"""
