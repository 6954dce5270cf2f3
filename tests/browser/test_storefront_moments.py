"""The demo shop at bad moments: pressed too fast, left too early, full, and turned away."""

import re

import anyio
import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.storefront import TEA, TO_PAY, Shopper, settled
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.anyio

FULL_STORAGE = """
Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
"""
TWO_FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


async def test_two_quick_presses_are_two_units(asha: Shopper) -> None:
    await asha.go()
    await asha.puts()
    await asha.go("#/cart")
    more = asha.button(f"One {TEA} more")
    await more.evaluate("it => { it.click(); it.click(); }")
    await expect(asha.page.get_by_label(f"Quantity of {TEA}")).to_have_value("3")


async def test_who_leaves_while_the_window_loads_is_not_asked_to_pay(asha: Shopper) -> None:
    may_load = anyio.Event()

    async def late(route: Route) -> None:
        await may_load.wait()
        await route.continue_()

    await asha.page.route("**/v1/checkout.js", late)
    await asha.checks_out()
    await asha.link("Cart 1 unit").click()
    await asha.sees("Cart")
    may_load.set()
    await asha.page.wait_for_function("() => window.Razorpay")
    await asha.page.evaluate(TWO_FRAMES)
    await expect(asha.page.locator("dialog")).to_have_count(0)


async def test_a_browser_that_keeps_nothing_still_has_one_cart(asha: Shopper, page: Page) -> None:
    await page.add_init_script(FULL_STORAGE)
    await asha.go()
    await asha.puts()
    await asha.puts("Forest honey 500 g jar")
    await expect(page.locator("#count")).to_have_text(re.compile("^2 "))


async def test_who_is_told_to_watch_later_watches_later(asha: Shopper, visitor: Visitor) -> None:
    visitor.expected.append("status of 429")
    turned_away = 0

    async def busy(route: Route) -> None:
        nonlocal turned_away
        turned_away += 1
        if turned_away == 1:
            await route.fulfill(status=429)
        else:
            await route.continue_()

    await asha.page.route("**/events", busy)
    await asha.checks_out()
    await expect(asha.button(f"Pay {TO_PAY}")).to_be_attached()
    await asha.shop.pay(await asha.intent())
    await asha.has_order()


async def test_who_comes_back_to_a_tab_whose_line_is_dead_sees_what_became_of_it(
    asha: Shopper, visitor: Visitor
) -> None:
    visitor.expected.append("net::ERR_FAILED")
    await asha.page.route("**/events", lambda route: route.abort())
    await asha.checks_out()
    await asha.shop.pay(await asha.intent())
    await settled(asha.shop)
    await asha.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await asha.has_order()
