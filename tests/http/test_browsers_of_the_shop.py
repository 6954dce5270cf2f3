"""Every answer of the whole application tells browsers the same, streams of events included."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from src.embedded import Engines
from tests.databases import BookDatabase
from tests.http.described import described
from tests.http.test_every_call import send, set_scene
from tests.shop import ShopUnderTest, opened_shop

pytestmark = pytest.mark.anyio
OURS = "https://shop.example"


@pytest.fixture
async def open_shop(
    engines: Engines, book_database: BookDatabase, tmp_path: Path
) -> AsyncIterator[ShopUnderTest]:
    """A shop that lets one origin in, and is reached by https."""
    async with opened_shop(
        engines, book_database, tmp_path, KHATA_CORS_ORIGINS=OURS, KHATA_SHOP_URL=OURS
    ) as opened:
        yield opened


async def test_every_call_tells_browsers_who_may_read_it_and_what_it_is(
    open_shop: ShopUnderTest,
) -> None:
    scene = await set_scene(open_shop)
    for call in described():
        for who in ("guest", "customer", "admin", "anonymous"):
            origin = {**scene.callers[who], "Origin": OURS}
            said = (await send(open_shop, call, scene.known, origin)).headers
            assert said["access-control-allow-origin"] == OURS, call.name
            assert "etag" in said["access-control-expose-headers"].lower()
            assert said["vary"] == "Origin"
            assert said["x-content-type-options"] == "nosniff"
            assert said["referrer-policy"] == "no-referrer"
            assert said["cross-origin-resource-policy"] == "same-origin"
            assert said["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
            assert said["strict-transport-security"].startswith("max-age=")


async def test_a_browser_may_ask_before_every_call(open_shop: ShopUnderTest) -> None:
    for call in described():
        path = call.path.replace("{", "").replace("}", "")
        asked = {"Origin": OURS, "Access-Control-Request-Method": call.method}
        answer = await open_shop.client.options(path, headers=asked)
        assert answer.status_code == 204
        assert call.method in answer.headers["access-control-allow-methods"]
