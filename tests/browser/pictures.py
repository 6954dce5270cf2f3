"""Takes the pictures of the docs: a purchase in the demo shop, and the console, really up."""

import asyncio
import hmac
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from playwright.async_api import Page, async_playwright, expect

from tests.browser.conftest import NAMES, NOWHERE_ELSE
from tests.browser.console_pictures import take_pictures
from tests.browser.storefront import fill_in
from tests.cli.commands import ROOT, command, environment
from tests.http.test_back_office import FOREIGN

FOLDER = ROOT / "docs" / "pictures"
WIDTH, HEIGHT = 1100, 760
BYTES_MAX = 150_000
SECRET = "of-these-pictures"
BOUGHT = ("Assam CTC tea 250 g", "Cow ghee 500 ml jar", "Forest honey 500 g jar")


def main() -> None:
    """Take each picture anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, _shop(home := Path(folder) / "home") as url:
        asyncio.run(_visit(url, _token(home)))
    take_pictures()
    for picture in sorted(FOLDER.glob("*.png")):
        size = picture.stat().st_size
        print(f"{picture.relative_to(ROOT)}: {size} bytes")  # noqa: T201  # a script speaks
        if size > BYTES_MAX:
            sys.exit(f"{picture.name} is larger than {BYTES_MAX} bytes")


@contextmanager
def _shop(home: Path) -> Generator[str]:
    running = subprocess.Popen(
        command("up"),
        env=environment(home, RAZORPAY_WEBHOOK_SECRETS=SECRET),
        stdout=subprocess.PIPE,
        text=True,
        cwd=home.parent,
    )
    try:
        assert running.stdout is not None
        yield running.stdout.readline().removeprefix("ready ").strip()
    finally:
        running.send_signal(signal.SIGINT)
        running.communicate()


def _token(home: Path) -> str:
    printed = subprocess.run(
        command("token", "--role", "operator", "--subject", "asha"),
        env=environment(home),
        capture_output=True,
        text=True,
        check=True,
        cwd=home.parent,
    )
    return printed.stdout.strip()


async def _visit(url: str, token: str) -> None:
    chromium = next(found for name in NAMES if (found := shutil.which(name)))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, chromium_sandbox=False, args=[NOWHERE_ELSE]
        )
        page = await browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce"
        )
        await _buy(page, url)
        await _look_after(page, url, token)
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


async def _look_after(page: Page, url: str, token: str) -> None:
    """See the purchase from the other side, and what waits for a person."""
    await page.goto(f"{url}/console/login?next=/console/orders")
    await page.get_by_label("Staff token").fill(token)
    await page.get_by_role("button", name="Log in", exact=True).click()
    await _let_a_person_be_needed(url, token)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Orders")
    await _take(page, "console-orders")
    await page.locator("tbody th a").first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Order "))
    await _take(page, "console-order")
    await page.goto(f"{url}/console/cases")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Cases")
    await _take(page, "console-cases")


async def _let_a_person_be_needed(url: str, token: str) -> None:
    """Deliver, correctly signed, that another amount was taken for what was bought."""
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        staff = {"Authorization": f"Bearer {token}"}
        [order] = (await client.get("/admin/orders", headers=staff)).json()["items"]
        on = order["payment"]["razorpay_order_id"].encode()
        body = FOREIGN.replace(b"order_IEIaMR65cu6nz3", on)
        signature = hmac.new(SECRET.encode(), body, "sha256").hexdigest()
        headers = {"X-Razorpay-Signature": signature}
        sent = await client.post("/webhooks/razorpay", content=body, headers=headers)
        path = f"/admin/webhooks/{sent.json()['webhook_id']}/replay"
        (await client.post(path, json={}, headers=staff)).raise_for_status()


async def _take(page: Page, name: str) -> None:
    await page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
