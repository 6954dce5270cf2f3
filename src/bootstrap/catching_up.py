"""Waiting a moment for read models, where what they would show is worth a moment and no more."""

from collections.abc import Sequence

from src.bootstrap.parts import BOOK, Parts
from src.projections.projection import Projection
from src.queries.waiting import NotThereYet, wait_until

CATCH_UP_WAIT_SECONDS = 1.0


async def caught_up(parts: Parts, projections: Sequence[Projection], position: int) -> bool:
    """Return whether these read models have reached the position, now or a moment later."""
    try:
        await wait_until(
            parts.reads, BOOK, projections, position, timeout_seconds=CATCH_UP_WAIT_SECONDS
        )
    except NotThereYet:
        return False
    return True
