"""Every view of the demo shop: for everybody, on any screen; lists to their end, and expiry."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import pytest
from playwright.async_api import Page, expect

from src.cli.catalogue_file import CatalogueRow
from src.embedded import Engines
from tests.browser.accessibility import violations
from tests.browser.storefront import Shopper, offered, opened_storefront
from tests.browser.visitor import PHONE, Visitor
from tests.databases import BookDatabase
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio

Check = Callable[[Page], Awaitable[None]]
TTL_SECONDS = 4
MORE_PRODUCTS = 90
LOOKS_MAX, LOOK_SECONDS = 200, 0.1


@pytest.fixture(scope="module")
async def shop(storefront: ShopUnderTest) -> ShopUnderTest:
    """A shop that sells more than a page of its list holds."""
    rows = (
        CatalogueRow(sku=f"BEAD-{number}", name=f"Bead {number}", price=100, opening_stock=9)
        for number in range(MORE_PRODUCTS)
    )
    await offered(storefront, *rows)
    return storefront


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_axe_minds_nothing_in_any_view(
    shop: ShopUnderTest, visitor: Visitor, colours: str
) -> None:
    page = await visitor.window(colours="dark" if colours == "dark" else "light")
    asha = Shopper(shop, page)
    await _walk(asha, _check_axe)


async def test_a_phone_shows_every_view_without_scrolling_sideways(
    shop: ShopUnderTest, visitor: Visitor
) -> None:
    page = await visitor.window(PHONE)
    await _walk(Shopper(shop, page), _check_width)


async def _walk(asha: Shopper, check: Check) -> None:
    """Go through every view, and look at each: empty, filled, wrong, open, over, and bought."""
    for path, heading in (("#/cart", "Cart"), ("#/orders", "My orders"), ("#/x", "Not found")):
        await asha.go(path)
        await asha.sees(heading)
        await check(asha.page)
    await asha.go()
    await asha.sees("Products")
    await check(asha.page)
    await asha.puts()
    await asha.link("Cart 1 unit").click()
    await asha.sees("Cart")
    await check(asha.page)
    await asha.link("Check out").click()
    await asha.sees("Checkout")
    await asha.page.locator("#pay").click()
    await check(asha.page)
    await asha.fills_in()
    await check(asha.page)
    await asha.page.locator("#pay").click()
    await asha.sees("Payment")
    order = await asha.intent()
    await check(asha.page)
    await asha.shop.pay(order)
    await asha.has_order()
    await check(asha.page)
    await asha.link("My orders").click()
    await asha.sees("My orders")
    await check(asha.page)


async def _check_axe(page: Page) -> None:
    assert await violations(page) == []


async def _check_width(page: Page) -> None:
    root = page.locator("html")
    assert await root.evaluate("it => it.scrollWidth") <= await root.evaluate("() => innerWidth")


async def test_the_list_goes_on_to_its_end(shop: ShopUnderTest, page: Page) -> None:
    asha = Shopper(shop, page)
    await asha.go()
    await asha.sees("Products")
    found = await page.get_by_role("heading", level=2, name=re.compile("^Bead ")).count()
    assert found == MORE_PRODUCTS
    await expect(page.get_by_role("heading", name="Terracotta diyas set of 12")).to_be_visible()


async def test_a_session_that_expires_says_so_and_late_money_is_an_order_all_the_same(
    engines: Engines, book_database: BookDatabase, tmp_path: Path, page: Page, visitor: Visitor
) -> None:
    visitor.expected.append("status of 410")
    async with opened_storefront(engines, book_database, tmp_path, ttl_seconds=TTL_SECONDS) as shop:
        asha = Shopper(shop, page)
        order = await _expired(asha)
        await asha.is_at("CART_PENDING")
        await expect(page.locator(".clock")).to_be_hidden()
        await asha.link("Start again").click()
        await asha.sees("Checkout")
        await page.go_back()
        await asha.sees("Payment")
        await shop.pay(order)
        await asha.has_order()


async def _expired(asha: Shopper) -> str:
    """Check out, do the worker's work until the page has heard of the end, return the intent."""
    await asha.checks_out()
    order = await asha.intent()
    over = asha.page.get_by_text("the session has expired, and its stock was given back")
    for _ in range(LOOKS_MAX):
        await asha.shop.work()
        if await over.is_visible():
            return order
        await anyio.sleep(LOOK_SECONDS)  # The fact decides; this only bounds how often we look.
    raise AssertionError(await asha.page.locator("main").inner_text())


async def test_money_is_written_without_ever_being_a_fraction(
    shop: ShopUnderTest, page: Page
) -> None:
    await Shopper(shop, page).go()
    source = await page.locator("script[src$='main.js']").get_attribute("src") or ""
    sums = [149_900, 5, -1_490, 2**53 - 1]
    written = await page.evaluate(
        "([source, sums]) => import(source.replace('main.js', 'money.js')).then(({ money }) =>"
        " sums.map((amount) => money({ amount, currency: 'INR' })))",
        [source, sums],
    )
    assert written == ["₹1,499.00", "₹0.05", "-₹14.90", "₹9,00,71,99,25,47,409.91"]
