"""Books to try each bug on: one, four at once, and one in a cluster of its own."""

from collections.abc import AsyncIterator, Iterator

import pytest

from src.embedded import Engines, EnginesSettings, start_engines
from src.events.ledger import PostgresBook, open_book
from tests.databases import BookDatabase
from tests.projections.fixtures import shop

__all__ = ["shop"]

WRITERS = 4


@pytest.fixture
async def book(book_database: BookDatabase) -> AsyncIterator[PostgresBook]:
    """An empty book."""
    opened = await open_book(book_database.app_url)
    yield opened
    await opened.close()


@pytest.fixture
async def books(book_database: BookDatabase) -> AsyncIterator[list[PostgresBook]]:
    """The same book, as several processes reach it."""
    opened = [await open_book(book_database.app_url) for _ in range(WRITERS)]
    yield opened
    for each in opened:
        await each.close()


@pytest.fixture(scope="module")
def other_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """A PostgreSQL that was made just now, and that a test may crash."""
    home = tmp_path_factory.mktemp("other")
    with start_engines(EnginesSettings(home=home, durable=False, valkey=False)) as started:
        yield started
