"""How far the read models are behind the book."""

from collections.abc import Sequence

from msgspec import Struct

from src.events.ports import Book
from src.projections import checkpoints
from src.projections.catalogue import PROJECTIONS
from src.projections.projection import Projection


class Lag(Struct, frozen=True, kw_only=True):
    """One read model's place."""

    name: str
    version: int
    position: int
    behind: int
    stopped_at: int | None
    stopped_reason: str | None


async def lag(
    db: checkpoints.Fetching,
    source: Book,
    book: int,
    projections: Sequence[Projection] = PROJECTIONS,
) -> list[Lag]:
    """Return each read model's place; one that was never begun stands at 0."""
    known = await checkpoints.load(db, book)
    head = await source.head()
    return [
        _lag(projection, known.get((projection.NAME, projection.VERSION)), head)
        for projection in projections
    ]


def _lag(projection: Projection, checkpoint: checkpoints.Checkpoint | None, head: int) -> Lag:
    position = 0 if checkpoint is None else checkpoint.position
    return Lag(
        name=projection.NAME,
        version=projection.VERSION,
        position=position,
        behind=max(0, head - position),
        stopped_at=None if checkpoint is None else checkpoint.stopped_at,
        stopped_reason=None if checkpoint is None else checkpoint.stopped_reason,
    )
