"""A whole shop for each file; tests in it keep apart by buying products of their own."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from src.embedded import Engines
from tests.databases import BookDatabase
from tests.shop import ShopUnderTest, opened_shop


@pytest.fixture(scope="module")
def terms() -> dict[str, Any]:
    """What is unusual about a file's shop, as `opened_shop` takes it: a file says its own."""
    return {}


@pytest.fixture(scope="module")
async def shop(
    engines: Engines,
    shared_database: BookDatabase,
    tmp_path_factory: pytest.TempPathFactory,
    terms: dict[str, Any],
    anyio_backend: str,
) -> AsyncIterator[ShopUnderTest]:
    """A shop for all tests of a file."""
    assert anyio_backend == "asyncio"
    home = tmp_path_factory.mktemp("shop")
    async with opened_shop(engines, shared_database, home, **terms) as opened:
        yield opened
