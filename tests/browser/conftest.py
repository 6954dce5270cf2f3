"""A Chromium for the tests of pages; without one on PATH they are skipped."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.shop_front import shop_front
from tests.browser.storefront import (  # noqa: F401  # fixtures, found by their names here
    asha,
    storefront,
)
from tests.browser.till import Till
from tests.browser.visitor import ACTION_MS_MAX, PHONE, Visitor
from tests.sandbox.receiver import bound_socket, receiving
from tests.sandbox.shop import running_sandbox, settings_for

NAMES = ("chromium", "chromium-browser", "google-chrome")
LAUNCH_MS_MAX = 180_000.0
NOWHERE_ELSE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"

expect.set_options(timeout=ACTION_MS_MAX)


@pytest.fixture(scope="package")
def chromium() -> str:
    """The first Chromium on PATH."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium on PATH")


@pytest.fixture(scope="package")
async def browser(chromium: str, anyio_backend: str) -> AsyncIterator[Browser]:
    """One browser for a process's page tests, without its own sandbox: all pages are ours.

    Not for the whole session: its event loop would be every other test's too.
    """
    assert anyio_backend == "asyncio"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium,
            chromium_sandbox=False,
            args=[NOWHERE_ELSE],
            timeout=LAUNCH_MS_MAX,
        )
        yield browser
        await browser.close()


@pytest.fixture
async def visitor(browser: Browser, anyio_backend: str) -> AsyncIterator[Visitor]:
    """Opens windows; in the end no window may have complained."""
    assert anyio_backend == "asyncio"
    visitor = Visitor(browser)
    yield visitor
    await visitor.leave()
    assert visitor.complaints == []


@pytest.fixture
async def page(visitor: Visitor) -> Page:
    """A window on a desk."""
    return await visitor.window()


@pytest.fixture
async def phone(visitor: Visitor) -> Page:
    """A window as narrow as phones have them."""
    return await visitor.window(PHONE)


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    """A sandbox, and a shop in front of it that includes its checkout.js."""
    with receiving(bound_socket()) as receiver:
        settings = settings_for(tmp_path / "sandbox.db", receiver.url, retry_scale=0.02)
        with (
            running_sandbox(settings, receiver) as shop,
            shop_front(str(shop.http.base_url)) as front,
        ):
            yield Till(shop, front)
