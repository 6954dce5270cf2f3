"""A small shop with a book, read models, and views that analysts read."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from msgspec import Struct

from src.embedded import Engines
from src.events.connection import connecting
from src.events.ledger import open_book
from src.projections.places import LIVE, stay_in
from src.projections.tables import prepare
from src.settings import Settings
from tests.databases import BookDatabase
from tests.projections.facts import bought, opening
from tests.projections.shop import BOOK, Shop

ORDERS = 12


class Exporting(Struct, frozen=True):
    """A shop, how its commands find it, and a folder for files."""

    shop: Shop
    settings: Settings
    folder: Path


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place for files."""
    directory = Path(tempfile.mkdtemp(prefix="khata-export-"))
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
async def exporting(
    book_database: BookDatabase, engines: Engines, folder: Path, anyio_backend: str
) -> AsyncIterator[Exporting]:
    """A shop of some orders, its read models up to date."""
    assert anyio_backend == "asyncio"
    connect = connecting(book_database.app_url, "khata test")
    book, db = await open_book(book_database.app_url, BOOK), await connect()
    await prepare(db, BOOK)
    await stay_in(db, LIVE)
    shop = Shop(book_database.app_url, book, db, connect)
    await shop.write(opening())
    for n in range(ORDERS):
        await shop.write(bought(f"{n:03}"))
    runner = shop.runner()
    await runner.catch_up()
    await runner.close()
    yield Exporting(shop, settings_of(book_database, engines, folder / "home"), folder)
    await db.close()
    await book.close()


def settings_of(database: BookDatabase, engines: Engines, home: Path) -> Settings:
    """Return how a command finds this shop."""
    return Settings.from_environ(
        {
            "KHATA_HOME": str(home),
            "KHATA_PORT": "0",
            "KHATA_SANDBOX_PORT": "0",
            "DATABASE_URL": database.app_url,
            "KHATA_OWNER_DATABASE_URL": database.owner_url,
            "REDIS_URL": engines.redis_url,
        }
    )
