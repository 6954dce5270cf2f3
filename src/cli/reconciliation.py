"""`khata keys reconcile`: whoever is erased in the book has no key, whatever was restored."""

import asyncio
import secrets
import sys
import time

import typer

from src.bootstrap.erasing import REACTION
from src.bootstrap.inbox_keeping import BOOKMARK
from src.bootstrap.parts import BOOK
from src.cli.engines_here import with_database
from src.events.connection import Connection, connecting
from src.events.erased_persons import erased_persons, let_reactions_begin_again, with_keys
from src.events.key_ring import PostgresKeyRing, open_key_ring
from src.events.master_key import MasterKeys
from src.settings import Settings

PAGE_TIMEOUT_SECONDS = 60.0
PERSONS_PER_PAGE = 1_000


def reconcile(settings: Settings) -> None:
    """Destroy the keys of all who were erased, and say how many there were."""
    with with_database(settings) as addressed:
        typer.echo(reconciled(addressed))


def reconciled(settings: Settings) -> str:
    """Destroy the keys of all who were erased; return what to say about it."""
    erased, again = asyncio.run(_destroyed_again(settings))
    return f"{erased:,} erased in the book; {again:,} of them had to have their keys destroyed"


async def _destroyed_again(settings: Settings) -> tuple[int, int]:
    db = await connecting(settings.app_url, "khata keys", PAGE_TIMEOUT_SECONDS)()
    # Whoever only destroys unwraps nothing.
    ring = await open_key_ring(
        settings.app_url, MasterKeys(()), secrets.token_bytes, time.monotonic, BOOK
    )
    try:
        erased = await erased_persons(db, _show, BOOK)
        again = await _destroy(db, ring, erased)
        # What else belongs to them, and what was kept for its time, only the worker can find.
        await let_reactions_begin_again(db, (REACTION, BOOKMARK), BOOK)
        return len(erased), again
    finally:
        await ring.close()
        await db.close()


async def _destroy(db: Connection, ring: PostgresKeyRing, erased: list[str]) -> int:
    count = 0
    for begin in range(0, len(erased), PERSONS_PER_PAGE):
        again = await with_keys(db, erased[begin : begin + PERSONS_PER_PAGE], BOOK)
        await ring.destroy(again)
        count += len(again)
    return count


def _show(position: int, head: int) -> None:
    if sys.stderr.isatty():
        end = "\r\x1b[K" if position == head else ""
        typer.echo(f"\r{position:,} of {head:,} facts {end}", nl=False, err=True)
