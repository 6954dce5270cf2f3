"""`khata backup` and `khata restore`: book and keys, each by itself."""

import asyncio
import shlex
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import typer

from src.cli.archives import BOOK, KEYS, check_company, check_holds, written_whole
from src.cli.complaint import Complaint
from src.cli.engines_here import migrate_book, with_database
from src.cli.key_rotation import keys_standing
from src.cli.postgres_tools import check_version, database_of, run_tool
from src.cli.reconciliation import reconciled
from src.events.book_key import check_master_key
from src.events.connection import Connection, connecting
from src.settings import Settings

ALWAYS = ("--format=custom", "--no-owner", "--no-privileges", "--no-statistics")
"""Whose things are, and who may do what, is said by migrations; samples of columns stay here."""
BOOK_SCHEMAS = (
    "khata",
    "notary",
    "keys",
    "edge",
    "read",
    "models",
    "models_next",
    "models_old",
)
WITHOUT_ROWS = (
    "keys.*",
    "models.*",
    "edge.idempotency",
    "edge.families",
    "edge.reactions",
    "edge.inquiries",
    "edge.inquiry_outcomes",
    "edge.letters",
    "edge.letter_outcomes",
)
"""Keys never stand beside the book; read models and reactions begin again; answers live a day;
a login that was carried on since the backup would look like a thief's; letters were sent since."""
WHOLE_OR_NOTHING = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
RESTORABLE_MIN = 17
"""Older servers do not know a setting that today's pg_restore begins with."""

SLOWED = (
    "khata: a dump of the server that sells slows it down for as long as it takes; "
    "docs/backups.md says how to use a replica"
)

T = TypeVar("T")


def back_up_book(settings: Settings, output: Path) -> None:
    """Write the book into a new file, without any key."""
    with with_database(settings) as addressed:
        models, head, is_replica = _asked(addressed, _book_to_dump)
        # An engine of our own has no replica that could be asked instead.
        is_slowed = settings.database_url is not None and not is_replica
        arguments = [
            *(f"--schema={schema}" for schema in BOOK_SCHEMAS),
            *(f"--exclude-table-data={rows}" for rows in WITHOUT_ROWS),
            *(f'--exclude-table=models."{model}"' for model in models),
            "--exclude-table=read.*",
            "--exclude-table=models_next.*",
            "--exclude-table=models_old.*",
        ]
        size = _dump(addressed, BOOK, arguments, output, SLOWED if is_slowed else None)
    typer.echo(f"{output}: the book, at least {head:,} facts, {size:,} bytes; no key is in it")


def back_up_keys(settings: Settings, output: Path) -> None:
    """Write the wrapped keys into a new file."""
    with with_database(settings) as addressed:
        _asked(addressed, _check_has_book)
        size = _dump(addressed, KEYS, ["--data-only", "--schema=keys"], output)
    typer.echo(f"{output}: wrapped keys, {size:,} bytes; keep it apart, and not for long")


def restore_book(settings: Settings, archive: Path) -> None:
    """Restore a book where there is none."""
    check_holds(archive, BOOK)
    with with_database(settings) as addressed:
        _asked(addressed, _room_for_book)
        _restore(addressed, archive, [])
        migrate_book(addressed)
        head = _asked(addressed, lambda db: db.fetchval(_HEAD))
    typer.echo(f"the book is back, {head:,} facts; khata audit verify proves it")
    typer.echo("nobody's data can be read until khata restore keys")


def restore_keys(settings: Settings, archive: Path) -> None:
    """Restore keys where there are none, and destroy again those of erased persons."""
    check_holds(archive, KEYS)
    with with_database(settings) as addressed:
        _asked(addressed, _room_for_keys)
        _restore(addressed, archive, ["--data-only"])
        typer.echo(f"the keys are back; {reconciled(addressed)}")
        # Keys that are older than a rotation want the master key of their time.
        asyncio.run(check_master_key(addressed.app_url, addressed.master_key_file))
        _check_all_open(addressed)


def _check_all_open(settings: Settings) -> None:
    """Raise Complaint if some keys want another master key: written while it was being rotated."""
    path = settings.master_key_file
    # Without a file and without a complaint so far there is nothing to open.
    strange = asyncio.run(keys_standing(settings)).strange if path.exists() else 0
    if strange:
        raise Complaint(
            f"No key in {path} opens {strange:,} of the restored keys. If they were written while "
            "the master key was rotated, put the file of that time there, or begin again with a "
            "backup of keys from after the rotation."
        )


def _dump(
    settings: Settings, kind: str, arguments: list[str], output: Path, warning: str | None = None
) -> int:
    """Return how many bytes were written; the warning is said when nothing stands in the way."""
    check_company(output.parent, kind)
    options = [*ALWAYS, *arguments, "--dbname", database_of(settings.owner_url)]
    by_hand = shlex.join(["pg_dump", *options, "--file", str(output)])
    _asked(settings, lambda db: check_version(db, by_hand))
    with written_whole(output) as descriptor:
        if warning is not None:
            typer.echo(warning, err=True)
        run_tool("pg_dump", options, settings.owner_url, descriptor)
        check_company(output.parent, kind)  # the other may have been written meanwhile
    return output.stat().st_size


def _restore(settings: Settings, archive: Path, arguments: list[str]) -> None:
    url = settings.owner_url
    run_tool(
        "pg_restore",
        [*WHOLE_OR_NOTHING, *arguments, "--dbname", database_of(url), str(archive)],
        url,
    )


def _asked(settings: Settings, ask: Callable[[Connection], Awaitable[T]]) -> T:
    return asyncio.run(_ask(settings.owner_url, ask))


async def _ask(url: str, ask: Callable[[Connection], Awaitable[T]]) -> T:
    db = await connecting(url, "khata backup")()
    try:
        return await ask(db)
    finally:
        await db.close()


async def _book_to_dump(db: Connection) -> tuple[list[str], int, bool]:
    """Return the read models, which stay out, how long the book is, and if this is a replica."""
    await _check_has_book(db)
    if not await db.fetchval(_HAS_MODELS):
        raise Complaint(
            "This book is of an older Khata: let that one back it up, or run khata migrate first."
        )
    models = [row[0] for row in await db.fetch(_READ_MODELS)]
    return models, await db.fetchval(_HEAD), await db.fetchval("select pg_is_in_recovery()")


async def _check_has_book(db: Connection) -> None:
    if not await db.fetchval(_HAS_BOOK):
        raise Complaint("There is no book in this database.")


async def _room_for_book(db: Connection) -> None:
    await _check_restorable(db)
    if await db.fetchval(_HAS_BOOK):
        raise Complaint("There is a book in this database already: restore into an empty one.")


async def _room_for_keys(db: Connection) -> None:
    await _check_restorable(db)
    if not await db.fetchval(_HAS_BOOK):
        raise Complaint("There is no book in this database: restore the book first.")
    if await db.fetchval(_HAS_KEYS):
        raise Complaint(
            "There are keys in this database already: nothing is overwritten. If a restore of "
            "keys was cut short, run khata keys reconcile."
        )


async def _check_restorable(db: Connection) -> None:
    server = await check_version(db, "pg_restore")
    if server < RESTORABLE_MIN:
        raise Complaint(
            f"The server is PostgreSQL {server}, for which the archive must be turned into a "
            "script: docs/backups.md has the lines."
        )


_HAS_BOOK = "select to_regclass('khata.events') is not null"
_HAS_MODELS = "select to_regnamespace('models') is not null"
_HAS_KEYS = """
    select exists (select from keys.person_keys) or exists (select from keys.installation)
"""
_HEAD = "select coalesce(sum(position), 0)::bigint from khata.books"
_READ_MODELS = """
    select relname from pg_class
    where relnamespace = 'models'::regnamespace and relkind in ('r', 'p', 'v', 'm')
        and relname not in ('snapshots', 'shop')
    order by relname
"""
