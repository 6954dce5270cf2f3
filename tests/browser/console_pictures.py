"""Takes the pictures of the console's figures, its live book and its read models.

The shop has the past that `khata sample` makes, always the same.
"""

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Page, async_playwright

from src.bootstrap.moments import now
from src.cli.sample_history.request import Request
from src.cli.sample_history.run import make
from src.embedded import Engines, EnginesSettings, start_engines
from src.events.migrations import migrate
from src.telemetry import configure_logging
from tests.browser.conftest import NAMES, NOWHERE_ELSE
from tests.cli.commands import ROOT
from tests.databases import BookDatabase, role_of
from tests.shop import ShopUnderTest, opened_shop

FOLDER = ROOT / "docs" / "pictures"
WIDTH, HEIGHT = 1100, 820
ORDERS, DAYS = 600, 40
TAKEN = {
    "console-glance": "",
    "console-sales": "/charts/sales",
    "console-funnel": "/charts/funnel",
    "console-live": "/live",
    "console-models": "/models",
}


def take_pictures() -> None:
    """Take each picture anew."""
    with (
        TemporaryDirectory(prefix="khata-pictures-") as directory,
        Path("/dev/null").open("w") as log,
    ):
        configure_logging(file=log)
        folder = Path(directory)
        folder.chmod(0o711)  # as root, PostgreSQL runs as somebody else
        with start_engines(EnginesSettings(home=folder / "engines")) as engines:
            asyncio.run(_in_a_shop(engines, folder))


async def _in_a_shop(engines: Engines, folder: Path) -> None:
    await migrate(engines.owner_url, role_of(engines.app_url))
    database = BookDatabase(engines.app_url, engines.owner_url, engines.superuser_url)
    async with opened_shop(engines, database, folder) as shop:
        until = now() - timedelta(minutes=5)
        asked = Request(orders=ORDERS, days=DAYS, seed=1, until=until)
        await make(shop.settings, asked, lambda _: None)
        await shop.parts.runner.catch_up()
        await shop.parts.analysts_runner.catch_up()
        await shop.notarise()
        await _visit(shop)


async def _visit(shop: ShopUnderTest) -> None:
    chromium = next(found for name in NAMES if (found := shutil.which(name)))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, chromium_sandbox=False, args=[NOWHERE_ELSE]
        )
        page = await browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce"
        )
        await _look(shop, page)
        await browser.close()


async def _look(shop: ShopUnderTest, page: Page) -> None:
    await page.goto(f"{shop.settings.api_url}/console/login")
    token = shop.bearer("admin")["Authorization"].removeprefix("Bearer ")
    await page.get_by_label("Staff token").fill(token)
    await page.get_by_role("button", name="Log in").click()
    for name, path in TAKEN.items():
        await page.goto(f"{shop.settings.api_url}/console{path}")
        await page.screenshot(path=FOLDER / f"{name}.png")
    await page.emulate_media(color_scheme="dark")
    await page.goto(f"{shop.settings.api_url}/console/charts/sales")
    await page.screenshot(path=FOLDER / "console-sales-dark.png")


if __name__ == "__main__":
    take_pictures()
