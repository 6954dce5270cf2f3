"""Takes the pictures of the README: a purchase in the demo shop, from a real `khata up`."""

import asyncio
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Page, async_playwright, expect

from tests.browser.conftest import NAMES, NOWHERE_ELSE
from tests.browser.storefront import fill_in
from tests.cli.commands import ROOT, command, environment

FOLDER = ROOT / "docs" / "pictures"
WIDTH, HEIGHT = 1100, 760
BYTES_MAX = 150_000
BOUGHT = ("Assam CTC tea 250 g", "Cow ghee 500 ml jar", "Forest honey 500 g jar")


def main() -> None:
    """Take each picture anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, _shop(Path(folder) / "home") as url:
        asyncio.run(_visit(url))
    for picture in sorted(FOLDER.glob("*.png")):
        size = picture.stat().st_size
        print(f"{picture.relative_to(ROOT)}: {size} bytes")  # noqa: T201  # a script speaks
        if size > BYTES_MAX:
            sys.exit(f"{picture.name} is larger than {BYTES_MAX} bytes")


@contextmanager
def _shop(home: Path) -> Generator[str]:
    running = subprocess.Popen(
        command("up"), env=environment(home), stdout=subprocess.PIPE, text=True, cwd=home.parent
    )
    try:
        assert running.stdout is not None
        yield running.stdout.readline().removeprefix("ready ").strip()
    finally:
        running.send_signal(signal.SIGINT)
        running.communicate()


async def _visit(url: str) -> None:
    chromium = next(found for name in NAMES if (found := shutil.which(name)))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, chromium_sandbox=False, args=[NOWHERE_ELSE]
        )
        page = await browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce"
        )
        await _buy(page, url)
        await browser.close()


async def _buy(page: Page, url: str) -> None:
    await page.goto(url)
    for name in BOUGHT:
        await page.get_by_role("button", name=f"Add {name} to cart").click()
        await expect(page.locator("#said")).to_have_text(f"{name} is in the cart.")
    await page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    await _take(page, "shop")
    await page.goto(f"{url}/#/checkout")
    await fill_in(page)
    await page.locator("#pay").click()
    window = page.frame_locator("iframe")
    by_upi = window.get_by_role("button", name=re.compile("^Pay .* by UPI$"))
    await expect(by_upi).to_be_visible()
    await _take(page, "payment")
    await by_upi.click()
    await window.get_by_role("button", name=re.compile(r"^Pay ₹[\d.,]+$")).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Order "))
    await expect(page.locator(".story li").last).to_contain_text("The cart became an order")
    await _take(page, "order")


async def _take(page: Page, name: str) -> None:
    await page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
