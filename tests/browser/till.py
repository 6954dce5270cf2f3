"""A customer at a shop's till: opens the payment window, chooses, and is the bank, too."""

import json
from typing import Any
from urllib.parse import urlencode

from playwright.async_api import FrameLocator, Locator, Page, expect

from tests.browser.shop_front import ShopFront
from tests.sandbox.shop import KEY_ID, Shop

Payable = Page | FrameLocator
"""The payment window by itself, or in the frame of a shop's page."""


class Till:
    def __init__(self, shop: Shop, front: ShopFront) -> None:
        self.shop = shop
        self.front = front
        self.sandbox = str(shop.http.base_url)

    async def ask(self, page: Page, order: dict[str, Any], **options: Any) -> None:  # noqa: ANN401 - as checkout.js takes them
        """Have the shop's page open the window."""
        await page.goto(self.front.url)
        asked = {"key": KEY_ID, "order_id": order["id"], "name": "Chai & Co", **options}
        await page.evaluate("(options) => buy(options)", asked)

    async def buy(self, page: Page, order: dict[str, Any], **options: Any) -> FrameLocator:  # noqa: ANN401 - as checkout.js takes them
        """Have the shop's page open the window, and wait until it is there."""
        await self.ask(page, order, **options)
        await expect(page.locator("dialog iframe")).to_be_visible()
        return page.frame_locator("dialog iframe")

    def hosted(self, order: dict[str, Any], **fields: str) -> str:
        """The address of the window by itself."""
        asked = {"key_id": KEY_ID, "order_id": order["id"], "name": "Chai & Co", **fields}
        return f"{self.sandbox}/v1/checkout/embedded?{urlencode(asked)}"

    async def heard(self, page: Page, count: int) -> list[Any]:
        """What the shop's page was told, once it was told so often."""
        items = page.locator("#heard li")
        await expect(items).to_have_count(count)
        return [json.loads(text) for text in await items.all_text_contents()]

    def attempts(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        """The order's payments, the oldest first."""
        items: list[dict[str, Any]] = self.shop.sdk.order.payments(order["id"])["items"]
        return items


async def choose(window: Payable, method: str) -> None:
    """Pay with what the form offers, and arrive at the bank."""
    await expect(heading(window)).to_have_text("Choose how to pay")
    summary = window.locator("summary", has_text=method)
    if not await window.locator("details[open]", has=summary).count():
        await summary.click()
    await window.locator("details[open] button").click()
    await expect(heading(window)).to_have_text("You are the bank")


async def decide(window: Payable, button: str) -> None:
    await window.get_by_role("button", name=button).click()


def heading(window: Payable) -> Locator:
    return window.locator("h1")
