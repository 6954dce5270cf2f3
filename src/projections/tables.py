"""The tables of the read models, made when they are missing: the application owns them."""

from collections.abc import Sequence

from src.events.connection import Connection
from src.projections import checkpoints
from src.projections.catalogue import PROJECTIONS
from src.projections.projection import Projection

MAKING_TABLES = 0x6B687462
"""Advisory lock: two processes that start at once do not make the same table."""


async def prepare(
    db: Connection, book: int, projections: Sequence[Projection] = PROJECTIONS
) -> None:
    """Make what is missing, so that every read model can be fed and asked."""
    async with db.transaction():
        await db.execute("select pg_advisory_xact_lock($1)", MAKING_TABLES)
        missing = await _missing(db, book, projections)
        for projection in missing:
            await db.execute(projection.DDL)
        if missing:
            await checkpoints.begin(db, book, missing)
            await db.execute(_GRANT)


async def _missing(
    db: Connection, book: int, projections: Sequence[Projection]
) -> list[Projection]:
    if await db.fetchval("select to_regclass('read.checkpoints') is null"):
        await db.execute(checkpoints.DDL)
    known = await checkpoints.load(db, book)
    return [each for each in projections if (each.NAME, each.VERSION) not in known]


_GRANT = """
do $$ begin
    if exists (select from pg_roles where rolname = 'khata_read') then
        grant select on all tables in schema read to khata_read;
    end if;
end $$
"""
