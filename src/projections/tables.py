"""The tables of the read models, made when they are missing: the application owns them."""

from collections import defaultdict
from collections.abc import Sequence

from src.events.connection import Connection
from src.projections import checkpoints
from src.projections.catalogue import PROJECTIONS
from src.projections.places import LIVE, step_into
from src.projections.projection import Projection
from src.projections.published.publish import publish
from src.projections.wall_clock import hang_up

MAKING_TABLES = 0x6B687462
"""Advisory lock: two processes that start at once do not make the same table."""


async def prepare(
    db: Connection,
    book: int,
    projections: Sequence[Projection] = PROJECTIONS,
    place: str = LIVE,
) -> None:
    """Make what is missing, so that every read model can be fed and asked."""
    async with db.transaction():
        await step_into(db, place)
        await hold_tables(db)
        await begin_checkpoints(db, place)
        missing = await _missing(db, book, projections, place)
        for projection in missing:
            await db.execute(projection.DDL)
        if missing:
            await checkpoints.begin(db, book, missing)
        if place == LIVE:
            await hang_up(db, book)
            await publish(db, projections)


async def hold_tables(db: Connection) -> None:
    """Be the only one who makes or moves tables, until the transaction ends."""
    await db.execute("select pg_advisory_xact_lock($1)", MAKING_TABLES)


async def begin_checkpoints(db: Connection, place: str) -> None:
    """Make the table of checkpoints in the place that the search path names."""
    if await db.fetchval("select to_regclass($1) is null", f"{place}.checkpoints"):
        await db.execute(checkpoints.DDL)


def view_of(table: str) -> str:
    """Return the name that questions know a table by: its own without the version."""
    return table.rpartition("_v")[0]


async def _missing(
    db: Connection, book: int, projections: Sequence[Projection], place: str
) -> list[Projection]:
    """Find what was never begun, and what was built beside an older version that still serves."""
    known = await checkpoints.load(db, book, place)
    shown = await _shown(db, place)
    return [
        each
        for each in projections
        if (each.NAME, each.VERSION) not in known
        or any(_is_older(shown[view_of(table)], each.VERSION) for table in each.TABLES)
    ]


def _is_older(tables: Sequence[str], version: int) -> bool:
    """Whether a view shows older versions alone; a newer one is not turned back by us."""
    versions = [int(table.rpartition("_v")[2]) for table in tables]
    return bool(versions) and max(versions) < version


async def _shown(db: Connection, place: str) -> dict[str, list[str]]:
    """Return, for every view, its tables that have a version in their names."""
    shown: dict[str, list[str]] = defaultdict(list)
    for row in await db.fetch(_SHOWN, place):
        shown[row[0]].append(row[1])
    return shown


_SHOWN = r"""
select distinct seen.relname::text, read.relname::text
from pg_class as seen
join pg_rewrite as rule on rule.ev_class = seen.oid
join pg_depend as link on link.classid = 'pg_rewrite'::regclass and link.objid = rule.oid
join pg_class as read on link.refclassid = 'pg_class'::regclass and read.oid = link.refobjid
where seen.relnamespace = $1::text::regnamespace and seen.relkind = 'v' and read.relkind = 'r'
    and read.relname ~ ('^' || seen.relname || '_v\d+$')
"""
