"""A whole shop for each file; tests in it keep apart by buying products of their own."""

from collections.abc import AsyncIterator, Iterator

import pytest

from src.embedded import Engines
from tests.databases import BookDatabase, copied_database
from tests.shop import ShopUnderTest, opened_shop


@pytest.fixture(scope="module")
def shared_database(engines: Engines, book_template: BookDatabase) -> Iterator[BookDatabase]:
    """A migrated database for all tests of a file."""
    assert book_template.app_url
    with copied_database(engines) as database:
        yield database


@pytest.fixture(scope="module")
async def shop(
    engines: Engines,
    shared_database: BookDatabase,
    tmp_path_factory: pytest.TempPathFactory,
    anyio_backend: str,
) -> AsyncIterator[ShopUnderTest]:
    """A shop for all tests of a file."""
    assert anyio_backend == "asyncio"
    home = tmp_path_factory.mktemp("shop")
    async with opened_shop(engines, shared_database, home) as opened:
        yield opened
