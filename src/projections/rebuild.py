"""Building a read model again from the first fact; the book is only read."""

from src.events.connection import Connection
from src.projections import checkpoints
from src.projections.catalogue import PROJECTIONS
from src.projections.projection import Projection


class UnknownProjectionError(Exception):
    """There is no read model of this name."""


def projection_named(name: str) -> Projection:
    """Find a read model; the error names those that exist."""
    for projection in PROJECTIONS:
        if name == projection.NAME:
            return projection
    known = ", ".join(projection.NAME for projection in PROJECTIONS)
    raise UnknownProjectionError(f"there is no read model {name}; there are {known}")


async def forget(db: Connection, book: int, projection: Projection) -> None:
    """Empty a read model and put it back to position 0; a runner fills it again."""
    async with db.transaction():
        # The checkpoint first: its lock keeps a runner from adding a page meanwhile.
        await checkpoints.rewind(db, book, projection)
        for table in projection.TABLES:
            await db.execute(f"delete from read.{table} where book = $1", book)  # noqa: S608  # only our own constants
