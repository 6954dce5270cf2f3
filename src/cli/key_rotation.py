"""`khata keys rotate` and `khata keys status`: the master key, and what it wraps."""

import asyncio
import secrets
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import typer

from src.bootstrap.parts import BOOK
from src.cli.complaint import Complaint
from src.cli.engines_here import with_database
from src.events.book_key import check_master_key
from src.events.connection import connecting
from src.events.key_rotation import (
    Left,
    RotationRunningError,
    finish_rotation,
    prepare_rotation,
    sole_rotation,
    wrap_anew,
)
from src.events.key_shelves import SHELF_SESSION, Standing, standing
from src.events.master_key import VARIABLE, fingerprint, read_master_keys
from src.settings import Settings

PAGE_TIMEOUT_SECONDS = 60.0


def rotate(settings: Settings, *, only_prepare: bool) -> int:
    """Replace the master key; 1 if something could not be wrapped anew."""
    path = settings.master_key_file
    with with_database(settings) as addressed:
        _check(addressed)
        try:
            with sole_rotation(path):
                return _rotate(addressed, path, only_prepare=only_prepare)
        except RotationRunningError as error:
            raise Complaint(f"{VARIABLE}: {error}.") from error


def show_standing(settings: Settings) -> None:
    """Print how many keys stand under which master key."""
    path = settings.master_key_file
    with with_database(settings) as addressed:
        _check(addressed)
        found = asyncio.run(keys_standing(addressed))
    for number, (name, count) in enumerate(found.under.items()):
        typer.echo(f"{name}  {_keys(count)}{', the old master key' if number else ''}")
    if found.strange:
        typer.echo(f"no key in {path} opens {_keys(found.strange)}")
    typer.echo(f"destroyed for ever: {_keys(found.destroyed)}")
    if len(found.under) > 1:
        typer.echo("a rotation is not finished: run khata keys rotate")


def _check(settings: Settings) -> None:
    """Refuse a file that is not this book's, and one that is not there."""
    asyncio.run(check_master_key(settings.app_url, settings.master_key_file, BOOK))
    if not settings.master_key_file.exists():
        raise Complaint(f"There is no master key yet: {settings.master_key_file} does not exist.")


def _rotate(settings: Settings, path: Path, *, only_prepare: bool) -> int:
    with _complaining(path):
        is_new = prepare_rotation(path, secrets.token_bytes)
    newest = fingerprint(read_master_keys(path)[0])
    said = "now holds" if is_new else "already held"
    typer.echo(f"{path} {said} the new master key {newest}, and the old one")
    if only_prepare:
        typer.echo("copy it to the other machines, then run khata keys rotate")
        return 0
    left = asyncio.run(_wrap_anew(settings, path))
    if left.count:
        typer.echo(f"{_keys(left.count)} could not be wrapped anew: {', '.join(left.names)}")
        typer.echo("the old master key stays in the file; run this again once that is mended")
        return 1
    with _complaining(path):
        finish_rotation(path)
    typer.echo(f"everything is wrapped with {newest}; the old master key is gone from the file")
    return 0


@contextmanager
def _complaining(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise Complaint(
            f"{VARIABLE}: {path} cannot be replaced: {error.strerror}. Run this as its owner, "
            "where its directory can be written; every key still opens."
        ) from error


async def _wrap_anew(settings: Settings, path: Path) -> Left:
    db = await connecting(
        settings.app_url, "khata keys", PAGE_TIMEOUT_SECONDS, session=SHELF_SESSION
    )()
    try:
        return await wrap_anew(db, path, secrets.token_bytes, _Rate().show, BOOK)
    finally:
        await db.close()
        if sys.stderr.isatty():
            typer.echo("\r\x1b[K", nl=False, err=True)


async def keys_standing(settings: Settings) -> Standing:
    """Try every key in the database with the master keys in the file, which is there."""
    db = await connecting(
        settings.app_url, "khata keys", PAGE_TIMEOUT_SECONDS, session=SHELF_SESSION
    )()
    try:
        return await standing(db, read_master_keys(settings.master_key_file), BOOK)
    finally:
        await db.close()


class _Rate:
    """Says on a terminal how far it is, and how fast."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._before = 0

    def show(self, done: int, total: int) -> None:
        """Each sweep begins anew, and so does the rate."""
        if done < self._before:
            self._since = time.monotonic()
        self._before = done
        if sys.stderr.isatty():
            rate = done / max(time.monotonic() - self._since, 0.001)
            typer.echo(f"\r{done:,} of {total:,} keys, {rate:,.0f}/s ", nl=False, err=True)


def _keys(number: int) -> str:
    return f"{number:,} {'key' if number == 1 else 'keys'}"
