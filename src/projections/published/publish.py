"""Makes the schema `read`: views with a word on every column, for a role that sees nothing else.

What is there is replaced where it stands, so that a view of an analyst's own
that is built on one of ours stays; only where columns went or changed their
type does it go with ours, and the log says which. They show the views below
them, which stay when other tables are put there, so that most often there is
nothing to replace, and no question of an analyst's is in the way.
"""

import hashlib
from collections.abc import Sequence

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types; its errors are all we name

from src.events.connection import Connection
from src.projections.projection import Projection
from src.projections.published import about
from src.projections.published.catalogue import VERSION, VIEWS
from src.projections.published.doors import keep_out, let_in
from src.projections.published.view import View
from src.telemetry import logger

SCHEMA = "read"
HASH_CHARACTERS = 12
LOCK_TIMEOUT_MS = 6_000
"""For each view: longer than a question of an analyst may take."""

log = logger("analysts")


_IN_USE: tuple[type[Exception], ...] = (
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
)


async def publish(
    db: Connection, projections: Sequence[Projection], lock_timeout_ms: int | None = None
) -> None:
    """Make what is missing or of another Khata, within the caller's transaction.

    Nothing is done before every table that they show is there. Whoever reads a view
    for so long that it cannot be replaced keeps all of them as they are, until the
    next start: the shop does not wait for an analyst.
    """
    versions = {each.NAME: each.VERSION for each in projections}
    shown = {model for view in VIEWS for model in view.models}
    tables = [table for each in projections if each.NAME in shown for table in each.TABLES]
    if not shown <= versions.keys() or not await db.fetchval(_ARE_THERE, tables):
        return
    views = [*VIEWS, about.about(VIEWS, versions, VERSION)]
    try:
        async with db.transaction():
            await _replace(db, views, lock_timeout_ms or LOCK_TIMEOUT_MS)
    except _IN_USE:
        log.warning("the views of analysts stay as they were, somebody reads them")
    await let_in(db, SCHEMA)
    await keep_out(db)


async def _replace(db: Connection, views: Sequence[View], lock_timeout_ms: int) -> None:
    mark = _mark(views)
    there = await db.fetchval(_HOW_MANY, SCHEMA, [view.name for view in views])
    if there == len(views) and await _marked(db) == mark:
        return
    await db.execute("select set_config('lock_timeout', $1, true)", str(lock_timeout_ms))
    await _drop_others(db, views)
    for view in views:
        await _make(db, view)
    await db.execute(_MARK.format(_quoted(f"{views[-1].comment} {mark}")))


async def _make(db: Connection, view: View) -> None:
    create = f"create or replace view {SCHEMA}.{view.name} as {view.query}"
    try:
        async with db.transaction():
            await db.execute(create)
    except asyncpg.InvalidTableDefinitionError:
        await _drop(db, view.name)
        await db.execute(create)
    for line in _said(view):
        await db.execute(line)


def _said(view: View) -> list[str]:
    """Return the comments; a column that has none, or is none, is a bug that stops here."""
    name = f"{SCHEMA}.{view.name}"
    columns = (
        f"comment on column {name}.{column} is {_quoted(words)}"
        for column, words in view.columns.items()
    )
    return [f"comment on view {name} is {_quoted(view.comment)}", *columns]


async def _drop_others(db: Connection, views: Sequence[View]) -> None:
    """Drop what an older or newer Khata had there."""
    names = [view.name for view in views]
    for row in await db.fetch(_OTHERS, SCHEMA, names):
        await _drop(db, row[0])


async def _drop(db: Connection, name: str) -> None:
    for row in await db.fetch(_BUILT_ON, f"{SCHEMA}.{name}"):
        log.warning("a view goes with the one it was built on", view=row[0], built_on=name)
    await db.execute(f'drop view {SCHEMA}."{name}" cascade')


async def _marked(db: Connection) -> str:
    said = await db.fetchval(_SAID, f"{SCHEMA}.{about.NAME}") or ""
    return str(said).rpartition(" ")[2]


def _mark(views: Sequence[View]) -> str:
    whole = hashlib.sha256()
    for view in views:
        whole.update(repr((view.name, view.comment, view.query, dict(view.columns))).encode())
    return f"({whole.hexdigest()[:HASH_CHARACTERS]})"


def _quoted(text: str) -> str:
    """Write a text as SQL does; comments take no parameters."""
    return "'" + text.replace("'", "''") + "'"


_ARE_THERE = (
    "select bool_and(to_regclass('models.' || name) is not null) from unnest($1::text[]) as name"
)
_HOW_MANY = """
select count(*) from pg_class
where relnamespace = $1::text::regnamespace and relkind = 'v' and relname = any($2::text[])
"""
_MARK = f"comment on view {SCHEMA}.{about.NAME} is {{}}"
_SAID = "select obj_description(to_regclass($1), 'pg_class')"
_OTHERS = """
select relname::text from pg_class
where relnamespace = $1::text::regnamespace and relkind = 'v' and relname <> all($2::text[])
    and pg_get_userbyid(relowner) = current_user
"""
_BUILT_ON = """
select distinct view.oid::regclass::text from pg_depend as link
join pg_rewrite as rule on link.classid = 'pg_rewrite'::regclass and link.objid = rule.oid
join pg_class as view on view.oid = rule.ev_class
where link.refobjid = to_regclass($1) and view.oid <> to_regclass($1)
"""
