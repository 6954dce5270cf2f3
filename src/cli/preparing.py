"""What happens before a shop is open: migrations, and the sample shop if the book is empty."""

import asyncio
import os
from collections.abc import Callable
from importlib import import_module

from src.cli.engines_here import migrate_book
from src.events.book_key import check_master_key
from src.events.ledger import open_book
from src.events.migrated import is_migrated
from src.settings import Settings


def prepare(told: Callable[[], Settings]) -> None:
    """Bring the database to this version of Khata, unless it is there, and try its key."""
    if not Settings.from_environ(os.environ).master_key_file.exists():
        # Nothing was ever kept here: what a first start needs is imported while we wait.
        import_module("src.events.migrations")
    settings = told()
    if not asyncio.run(is_migrated(settings.app_url)):
        migrate_book(settings)
    asyncio.run(check_master_key(settings.app_url, settings.master_key_file))


def open_with_sample(settings: Settings) -> None:
    """Put the sample shop into an empty book."""
    asyncio.run(_seed_if_empty(settings))


async def _seed_if_empty(settings: Settings) -> None:
    book = await open_book(settings.app_url)
    try:
        head = await book.head()
    finally:
        await book.close()
    if head == 0:
        await _seed(settings)


async def _seed(settings: Settings) -> None:
    from src.bootstrap import open_parts  # noqa: PLC0415 - only the first start needs a whole shop
    from src.cli.sample import seed_sample  # noqa: PLC0415 - the same

    parts = await open_parts(settings)
    try:
        await seed_sample(parts)
    finally:
        await parts.close()
