"""Putting a copy in the place of what serves, within one transaction, and back again.

Whoever reads meanwhile sees the old rows or the new ones. The locks come in an
order that suits everybody else: that of those who make tables, which a start
of Khata takes first; the checkpoint, which a runner takes first; the tables.
The last is waited for so briefly that neither is a reader held up behind us for
long, nor does the database ever take us and a reader for a deadlock; it is
tried again instead.
"""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types; its errors are all we name

from src.events.connection import Connection
from src.projections.catalogue import PROJECTIONS
from src.projections.places import LIVE, NEXT, OLD, step_into
from src.projections.projection import Projection
from src.projections.published.publish import publish
from src.projections.rebuild.copy import Copy
from src.projections.rebuild.relations import relations
from src.projections.tables import hold_tables

TRIES_MAX = 40
PAUSE_SECONDS = 0.25
BEHIND_POSITIONS_MAX = 20_000
"""What is missing at most when the live checkpoint is locked: a moment's work."""
QUIET_LOCK_TIMEOUT_MS = 5_000
"""For locks that hold up no reader."""
READERS_LOCK_TIMEOUT_MS = 250
"""Well below the second after which PostgreSQL looks for a deadlock."""

_TAKEN: tuple[type[Exception], ...] = (
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
)
Wait = Callable[[float], Awaitable[object]]


class StillInUseError(Exception):
    """The tables were in use whenever the swap was tried; nothing was changed, try again later."""


class _FarBehindError(Exception):
    """What serves moved on too far while nobody held it."""


async def swap(copy: Copy, projection: Projection, pause: Wait = asyncio.sleep) -> bool:
    """Let the copy serve and keep what served; say whether it serves already.

    It does not yet, if only an older version of the read model serves: the code
    that knows the new one takes it up when it starts. Raises StillInUseError,
    PoisonedError.
    """
    for _ in range(TRIES_MAX):
        try:
            async with copy.db.transaction():
                return await _swap(copy, projection)
        except _FarBehindError:
            await copy.feed_to_heads([projection])
        except _TAKEN:
            await pause(PAUSE_SECONDS)
    raise StillInUseError(f"the tables of {projection.NAME} are in use; nothing was changed")


async def _swap(copy: Copy, projection: Projection) -> bool:
    db = copy.db
    await _wait_at_most(db, QUIET_LOCK_TIMEOUT_MS)
    await hold_tables(db)
    await _keep_cleaners_away(db, projection)
    await _meet(copy, projection)
    serves = not await _older_serves(db, projection)
    await _wait_at_most(db, READERS_LOCK_TIMEOUT_MS)
    await _keep_readers_away(db, projection)
    if copy.place == OLD:
        await _move(db, projection, OLD, NEXT)
    await _drop(db, projection, OLD)
    await _move(db, projection, LIVE, OLD)
    await _move(db, projection, NEXT, LIVE)
    await step_into(db, LIVE)
    if serves:
        await db.execute(projection.DDL)  # the tables are there: it points the views to them
        await publish(db, PROJECTIONS, READERS_LOCK_TIMEOUT_MS)
    return serves


async def _wait_at_most(db: Connection, timeout_ms: int) -> None:
    await db.execute("select set_config('lock_timeout', $1, true)", str(timeout_ms))


async def _keep_cleaners_away(db: Connection, projection: Projection) -> None:
    """A cleaner makes way for this lock, which disturbs nobody who reads or writes."""
    for each in await relations(db, LIVE, [projection]):
        if each.is_table:
            await db.execute(f"lock table {each} in share update exclusive mode")


async def _keep_readers_away(db: Connection, projection: Projection) -> None:
    """Views come first, as in a question.

    Not those of analysts: locking one would lock the book's tables below it, and they
    stay as they are. Who asks one that shows these tables is a reader of theirs.
    """
    for each in await relations(db, LIVE, [projection]):
        await db.execute(f"lock table {each} in access exclusive mode")


async def _meet(copy: Copy, projection: Projection) -> None:
    """Hold the live checkpoints, so that no runner moves on, and bring the copy as far as they.

    What comes back has come as far as it could; the runner goes on from there.
    """
    for row in await copy.db.fetch(_HOLD, projection.NAME, projection.VERSION):
        if copy.place == OLD:
            continue
        book, position = row[0], row[1]
        if position - await copy.position(book, projection) > BEHIND_POSITIONS_MAX:
            raise _FarBehindError
        await copy.feed(book, position, [projection])


async def _older_serves(db: Connection, projection: Projection) -> bool:
    versions = [row[0] for row in await db.fetch(_VERSIONS, projection.NAME)]
    return bool(versions) and projection.VERSION not in versions


async def _move(db: Connection, projection: Projection, source: str, target: str) -> None:
    """Bring tables and checkpoints elsewhere; views of a place where nobody asks are dropped."""
    for each in await relations(db, source, [projection]):
        if each.is_table:
            await db.execute(f"alter table {each} reset (autovacuum_enabled)")
            await db.execute(f"alter table {each} set schema {target}")
        elif source != LIVE:
            await db.execute(f"drop view {each} cascade")
    statement = _MOVE_CHECKPOINTS.format(source=source, target=target)
    await db.execute(statement, projection.NAME, projection.VERSION)


async def _drop(db: Connection, projection: Projection, place: str) -> None:
    for each in await relations(db, place, [projection]):
        await db.execute(f"drop {each.kind} {each} cascade")


_HOLD = f"""
select book, position from {LIVE}.checkpoints
where projection = $1 and version = $2 order by book for update
"""  # noqa: S608  # our own constant
_VERSIONS = f"select distinct version from {LIVE}.checkpoints where projection = $1"  # noqa: S608  # as above
_MOVE_CHECKPOINTS = """
with gone as (
    delete from {source}.checkpoints where projection = $1 and version = $2 returning *
)
insert into {target}.checkpoints select * from gone
on conflict (book, projection, version) do update set
    position = excluded.position, stopped_at = excluded.stopped_at,
    stopped_reason = excluded.stopped_reason
"""
