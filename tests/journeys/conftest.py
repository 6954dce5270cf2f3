"""A whole shop for each file; tests in it keep apart by buying products of their own."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from src.bootstrap.api import open_api
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


@pytest.fixture
async def apis(shop: ShopUnderTest) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Two ways in: the shop's own process, and another on the same book."""
    async with open_api(shop.settings) as app:
        transport = httpx.ASGITransport(app=app)
        url = shop.settings.api_url
        async with httpx.AsyncClient(transport=transport, base_url=url) as second:
            yield [shop.client, second]
