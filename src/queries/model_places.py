"""How far each read model is, in facts and in time, and how far a rebuild of it has come."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from src.projections.projection import Projection
from src.projections.rebuild.status import Standing, of_book
from src.queries.reading import Reading


class ModelPlace(Struct, frozen=True, kw_only=True):
    """One read model."""

    name: str
    version: int
    position: int | None
    """None if it was never begun."""
    head: int
    behind: int
    """Facts of the book that it has not seen."""
    behind_seconds: int | None
    """For how long the oldest of them waits; None where none does."""
    stopped_at: int | None
    stopped_reason: str | None
    building: int | None
    """How far the new one is that a rebuild makes; None where none is made."""
    kept: int | None
    """How far the one is that it replaced; None where none is kept."""

    @property
    def is_at_head(self) -> bool:
        """Whether nothing waits."""
        return self.position is not None and self.behind == 0 and self.stopped_at is None


async def model_places(
    db: Reading, book: int, projections: Sequence[Projection], now: datetime
) -> list[ModelPlace]:
    """Return where each read model of a book stands."""
    head: int = await db.fetchval("select position from khata.books where book = $1", book)
    standing = await of_book(db, book, head, projections)
    firsts = {_position(each) + 1 for each in standing if _position(each) < head}
    rows = await db.fetch(_RECORDED, book, sorted(firsts))
    since = {row[0]: row[1] for row in rows}
    return [_place(each, since, now) for each in standing]


def _place(standing: Standing, since: dict[int, datetime], now: datetime) -> ModelPlace:
    position, serving = _position(standing), standing.serving
    waiting = since.get(position + 1)
    return ModelPlace(
        name=standing.projection,
        version=standing.version,
        position=None if serving is None else position,
        head=standing.head,
        behind=max(0, standing.head - position),
        behind_seconds=None if waiting is None else max(0, int((now - waiting).total_seconds())),
        stopped_at=None if serving is None else serving.stopped_at,
        stopped_reason=None if serving is None else serving.stopped_reason,
        building=None if standing.building is None else standing.building.position,
        kept=None if standing.kept is None else standing.kept.position,
    )


def _position(standing: Standing) -> int:
    return 0 if standing.serving is None else standing.serving.position


_RECORDED = """
select position, recorded_at from khata.events where book = $1 and position = any($2::bigint[])
"""
