"""The payment window with a keyboard, on a phone, in the dark, and through axe."""

from collections.abc import AsyncIterator
from typing import Literal

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests.browser.accessibility import violations
from tests.browser.till import Payable, Till, choose, decide, heading
from tests.browser.visitor import DESKTOP, PHONE, Visitor

pytestmark = pytest.mark.anyio
TABS_MAX = 40
WIDTHS = "() => [document.documentElement.scrollWidth, window.innerWidth]"


async def screens(window: Payable) -> AsyncIterator[str]:
    """Every screen that one order can show, one after the other."""
    yield "methods"
    await window.locator("summary", has_text="Card").click()
    await window.get_by_label("Card number").fill("1234")
    await window.locator("details[open] button").click()
    await expect(window.locator(".wrong")).to_be_visible()
    yield "a wrong card"
    await window.get_by_label("Card number").fill("4000 0000 0000 0002")
    await window.locator("details[open] button").click()
    await expect(heading(window)).to_have_text("You are the bank")
    yield "a bank that can only say no"
    await decide(window, "Choose another way to pay")
    await choose(window, "UPI")
    yield "bank"
    await decide(window, "Fail")
    await expect(heading(window)).to_have_text("The payment failed")
    yield "failed"
    await decide(window, "Try again")
    await choose(window, "UPI")
    await decide(window, "Do not answer")
    await expect(heading(window)).to_have_text("The bank does not answer")
    yield "unanswered"
    await decide(window, "Let the bank say yes now")
    await expect(heading(window)).to_have_text("Paid")
    yield "paid"


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desk"])
async def test_everybody_can_use_every_screen_and_none_is_too_wide(
    visitor: Visitor, till: Till, viewport: ViewportSize, colours: Literal["light", "dark"]
) -> None:
    page = await visitor.window(viewport, colours=colours)
    order = till.shop.order()
    await page.goto(till.hosted(order))
    async for screen in screens(page):
        assert (screen, await violations(page)) == (screen, [])
        assert (screen, await page.evaluate(WIDTHS)) == (screen, [viewport["width"]] * 2)
    await page.reload()
    await expect(heading(page)).to_have_text("Already paid")
    assert await violations(page) == []


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desk"])
async def test_everybody_can_use_the_window_on_a_shops_page(
    visitor: Visitor, till: Till, viewport: ViewportSize
) -> None:
    page = await visitor.window(viewport, motion="no-preference")
    window = await till.buy(page, till.shop.order(), timeout=900, image=PICTURE, description="Tea")
    await choose(window, "Netbanking")
    assert await violations(page) == []
    for frame in page.frames:
        assert await frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    dialog = page.get_by_role("dialog", name="Payment to Chai & Co")
    await expect(dialog).to_have_attribute("aria-modal", "true")


@pytest.mark.parametrize("colour", ["#ffffff", "#ffe600", "#777", "#000", "no colour"])
async def test_every_shops_colour_can_be_read(page: Page, till: Till, colour: str) -> None:
    await page.goto(till.hosted(till.shop.order(), **{"theme[color]": colour}))
    assert await violations(page) == []


async def test_the_keyboard_is_enough_to_pay(page: Page, till: Till) -> None:
    order = till.shop.order()
    window = await till.buy(page, order)
    await expect(heading(window)).to_be_focused()
    for label, key in (("Wallet", "Enter"), ("Pay ₹1,500.00 from a wallet", "Enter")):
        await walk_to(page, window, label)
        await page.keyboard.press(key)
    await expect(heading(window)).to_have_text("You are the bank")
    await walk_to(page, window, "Pay ₹1,500.00")
    await page.keyboard.press("Space")
    assert [event for event, _ in await till.heard(page, 1)] == ["paid"]


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
async def test_the_focus_stays_in_the_window_and_goes_round(
    page: Page, till: Till, key: str
) -> None:
    window = await till.buy(page, till.shop.order())
    await expect(heading(window)).to_be_focused()
    seen: list[str] = []
    while "close" not in seen[:-1] and len(seen) < TABS_MAX:
        await page.keyboard.press(key)
        focused = window.locator(":focus")
        await expect(focused).to_have_count(1)
        outline = await focused.evaluate("(it) => getComputedStyle(it).outlineStyle")
        assert outline == "solid"
        seen.append(await focused.evaluate("(it) => it.className || it.id || it.tagName"))
    await page.keyboard.press(key)
    await expect(window.locator(":focus")).to_have_count(1)
    assert {"close", "SUMMARY", "vpa", "primary"} <= set(seen)


async def test_what_happens_is_said_aloud(page: Page, till: Till) -> None:
    window = await till.buy(page, till.shop.order())
    said = window.get_by_role("status")
    await expect(said).to_have_text("Choose how to pay. ")
    await window.get_by_label("UPI ID").fill("nobody")
    await window.locator("details[open] button").click()
    await expect(said).to_have_text("A UPI ID looks like success@razorpay.")
    await expect(window.get_by_label("UPI ID")).to_be_focused()
    await window.get_by_label("UPI ID").fill("failure@razorpay")
    await choose(window, "UPI")
    await decide(window, "Fail")
    await expect(said).to_contain_text("The payment failed. Your payment didn't go through")


async def walk_to(page: Page, window: Payable, name: str) -> None:
    """Press Tab until what has the focus says this."""
    focused = window.locator(":focus")
    for _ in range(TABS_MAX):
        await page.keyboard.press("Tab")
        if " ".join((await focused.inner_text()).split()).startswith(name):
            return
    pytest.fail(f"Tab never came to {name!r}")


PICTURE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E"
    "%3Crect width='8' height='8' fill='teal'/%3E%3C/svg%3E"
)
