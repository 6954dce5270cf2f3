"""People buy in the demo shop, in a real browser, from a real shop and the sandbox's window."""

import re
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Page, expect

from src.cli.catalogue_file import CatalogueRow
from src.embedded import Engines
from tests.browser.storefront import (
    DETAILS,
    TEA,
    TO_PAY,
    Shopper,
    database_of_shop,
    offered,
    opened_storefront,
)
from tests.browser.visitor import Visitor
from tests.databases import BookDatabase
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def database(engines: Engines, book_template: BookDatabase) -> Iterator[BookDatabase]:
    with database_of_shop(engines, book_template) as database:
        yield database


@pytest.fixture(scope="module")
async def shop(
    engines: Engines,
    database: BookDatabase,
    tmp_path_factory: pytest.TempPathFactory,
    anyio_backend: str,
) -> AsyncIterator[ShopUnderTest]:
    """A shop for all tests of this file."""
    assert anyio_backend == "asyncio"
    async with opened_storefront(engines, database, tmp_path_factory.mktemp("shop")) as opened:
        yield opened


@pytest.fixture
def asha(shop: ShopUnderTest, page: Page) -> Shopper:
    return Shopper(shop, page)


async def test_a_guest_buys(asha: Shopper) -> None:
    await asha.checks_out()
    await asha.pays()
    await asha.has_order()
    await asha.is_at("ORDER_CREATED")
    await asha.reads("Goes to")
    await expect(asha.page.locator(".facts")).to_contain_text("12 Mango Lane")
    await expect(asha.page.locator(".totals .sum")).to_contain_text(TO_PAY)
    await expect(asha.page.locator(".story li").last).to_have_text(
        re.compile("The cart became an order")
    )
    heading = await asha.page.get_by_role("heading", level=1).inner_text()
    await asha.link("My orders").click()
    await asha.link(heading).click()
    await asha.has_order()


async def test_a_payment_that_fails_says_so_and_is_tried_again(asha: Shopper) -> None:
    await asha.checks_out()
    await asha.chooses_upi()
    await asha.window.get_by_role("button", name="Fail", exact=True).click()
    await asha.window.get_by_role("button", name="Close", exact=True).click()
    await asha.reads(re.compile("failed.*your cart is unlocked"))
    await asha.is_at("CART_PENDING")
    await asha.link("Try again").click()
    await asha.sees("Checkout")
    await expect(asha.page.get_by_label("Address", exact=True)).to_have_value(DETAILS["Address"])
    await asha.button(f"Pay {TO_PAY}").click()
    await asha.pays()
    await asha.has_order()


async def test_who_closes_the_tab_after_paying_finds_the_order(asha: Shopper) -> None:
    await asha.checks_out()
    await asha.chooses_upi()
    await asha.window.get_by_role("button", name=re.compile("^Pay, then close the tab")).click()
    await asha.page.wait_for_url(re.compile("/closed$"))
    await asha.page.close()
    await _settled(asha.shop)
    asha.page = await asha.page.context.new_page()
    await asha.go()
    await asha.reads("Your payment arrived, and the order is placed.")
    await asha.link("See the order").click()
    await asha.has_order()


async def test_money_is_seen_live_without_a_word_from_the_window(asha: Shopper) -> None:
    await asha.checks_out()
    await asha.shop.pay(await asha.intent())
    await asha.has_order()


async def test_a_window_that_was_closed_is_opened_again_for_the_same_intent(asha: Shopper) -> None:
    await asha.checks_out()
    order = await asha.intent()
    await asha.window.get_by_role("button", name="Close the payment window").click()
    await asha.reads("The payment window was closed. Pay when you are ready, or cancel.")
    await asha.go()
    await asha.link("Go on with it").click()
    await asha.button(f"Pay {TO_PAY}").click()
    assert await asha.intent() == order
    await asha.pays()
    await asha.has_order()


async def test_a_checkout_is_cancelled_and_the_cart_can_be_changed(asha: Shopper) -> None:
    await asha.checks_out()
    await asha.window.get_by_role("button", name="Close the payment window").click()
    await asha.button("Cancel the checkout").click()
    await asha.reads("The checkout was cancelled. Your cart is unlocked.")
    await asha.link("Back to the cart").click()
    await asha.button(f"One {TEA} more").click()
    await expect(asha.page.get_by_label(f"Quantity of {TEA}")).to_have_value("2")
    await expect(asha.button(f"One {TEA} more")).to_be_focused()
    await asha.button(f"Remove {TEA}").click()
    await asha.reads("The cart is empty.")


async def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    asha: Shopper, visitor: Visitor
) -> None:
    visitor.expected.append("status of 422")
    await asha.go()
    await asha.puts()
    await asha.go("#/checkout")
    await asha.button("Pay").click()
    await expect(asha.page.get_by_label("E-mail", exact=True)).to_be_focused()
    await asha.fills_in()
    await asha.page.get_by_label("E-mail", exact=True).fill("asha at example")
    await asha.button(f"Pay {TO_PAY}").click()
    email = asha.page.get_by_label("E-mail", exact=True)
    await expect(email).to_be_focused()
    await expect(email).to_have_attribute("aria-invalid", "true")
    await expect(asha.page.locator("#email-wrong")).to_have_text(
        "E-mail must be an e-mail address, such as asha@example.com."
    )
    await asha.page.reload()
    await expect(email).to_have_value("asha at example")
    await expect(asha.page.get_by_label("State", exact=True)).to_have_value("Karnataka")


async def test_what_ran_out_is_named_and_the_cart_reduced_to_what_is_there(
    asha: Shopper, visitor: Visitor
) -> None:
    visitor.expected.append("status of 409")
    rare = CatalogueRow(sku="RARE", name="Product RARE", price=14_900, opening_stock=3)
    gone = CatalogueRow(sku="GONE", name="Product GONE", price=14_900)
    await offered(asha.shop, rare, gone)
    await asha.go()
    card = asha.page.get_by_role("listitem").filter(has_text="Product GONE")
    await expect(card).to_contain_text("Sold out")
    await expect(card.get_by_role("button")).to_have_count(0)
    await asha.puts("Product RARE")
    await asha.puts("Product RARE")
    await asha.shop.sent(
        "POST",
        "/admin/stock/RARE/adjustments",
        {"delta": -2, "reason": "lost"},
        asha.shop.bearer("admin"),
    )
    await asha.go("#/checkout")
    await asha.fills_in()
    await asha.page.locator("#pay").click()
    await asha.reads("Product RARE: you want 2, only 1 left")
    await asha.button("Take what is there").click()
    await expect(asha.page.locator(".panel .lines")).to_contain_text(re.compile("1 . Product RARE"))
    await asha.page.locator("#pay").click()
    await asha.sees("Payment")


async def test_a_coupon_is_taken_off_and_an_unknown_one_refused(
    asha: Shopper, visitor: Visitor
) -> None:
    visitor.expected.append("status of 422")
    coupon = {"kind": "percent", "value": 10}
    await asha.shop.sent("PUT", "/admin/coupons/CHAI10", coupon, asha.shop.bearer("admin"))
    await asha.go()
    await asha.puts()
    await asha.go("#/cart")
    await asha.page.get_by_label("Coupon").fill("NEVER")
    await asha.button("Apply").click()
    await expect(asha.page.locator("#coupon-wrong")).not_to_be_empty()
    await asha.page.get_by_label("Coupon").fill("CHAI10")
    await asha.button("Apply").click()
    await expect(asha.page.locator(".totals")).to_contain_text("-₹14.90")
    await asha.button("Remove coupon").click()
    await expect(asha.page.locator(".totals")).not_to_contain_text("Discount")


async def test_the_same_is_bought_again_with_a_new_cart(asha: Shopper) -> None:
    await asha.checks_out()
    await asha.shop.pay(await asha.intent())
    await asha.has_order()
    await asha.button("Buy again").click()
    await asha.sees("Cart")
    await expect(asha.page.get_by_label(f"Quantity of {TEA}")).to_have_value("1")
    await asha.link("Check out").click()
    await asha.button(f"Pay {TO_PAY}").click()
    await asha.pays()
    await asha.has_order()
    await asha.link("My orders").click()
    await expect(asha.page.get_by_role("link", name=re.compile("^Order "))).to_have_count(2)


async def test_an_order_is_cancelled_and_its_money_goes_back(asha: Shopper) -> None:
    await asha.checks_out()
    await asha.shop.pay(await asha.intent())
    await asha.has_order()
    await asha.button("Cancel this order").click()
    await asha.reads("The order is cancelled, and the money is on its way back.")
    await expect(asha.page.locator(".facts")).to_contain_text("Cancelled")
    await expect(asha.page.get_by_role("region", name="Money back")).to_contain_text(TO_PAY)
    await expect(asha.button("Cancel this order")).to_have_count(0)
    await expect(asha.button("Buy again")).to_be_visible()


async def test_a_keyboard_is_enough(asha: Shopper) -> None:
    press = asha.page.keyboard.press
    await asha.go()
    await asha.tabs_to(asha.link("Skip to the content"))
    await press("Enter")
    await asha.tabs_to(asha.button(f"Add {TEA} to cart"))
    await press("Enter")
    await expect(asha.page.locator("#count")).to_contain_text("1")
    await press("Home")
    await asha.go("#/cart")
    await expect(asha.page.get_by_role("heading", level=1)).to_be_focused()
    await asha.tabs_to(asha.link("Check out"))
    await press("Enter")
    await asha.sees("Checkout")
    await expect(asha.page.get_by_role("heading", level=1)).to_be_focused()
    for label, value in DETAILS.items():
        if label == "PIN code":
            await asha.tabs_to(asha.page.get_by_label("State", exact=True))
            await asha.page.keyboard.type("Karn")
        await asha.tabs_to(asha.page.get_by_label(label, exact=True))
        await asha.page.keyboard.type(value)
    await expect(asha.page.get_by_role("radio").first).to_be_checked()
    await press("Enter")
    await asha.sees("Payment")
    await asha.tabs_to(asha.window.get_by_role("button", name=re.compile("^Pay .* by UPI$")))
    await press("Enter")
    await asha.tabs_to(asha.window.get_by_role("button", name=f"Pay {TO_PAY}", exact=True))
    await press("Enter")
    await asha.has_order()


async def test_a_name_is_text_and_never_markup(asha: Shopper) -> None:
    sly = "<img src=x onerror=alert(1)> & <b>tea</b>"
    listed = {"name": sly, "price": {"amount": 100, "currency": "INR"}}
    await asha.shop.sent("PUT", "/admin/products/SLY", listed, asha.shop.bearer("admin"))
    await asha.shop.work()
    await asha.go()
    await expect(asha.page.get_by_role("heading", name=sly, exact=True)).to_be_visible()


async def test_a_cart_of_another_book_is_forgotten(asha: Shopper, visitor: Visitor) -> None:
    visitor.expected.append("status of 404")
    await asha.go()
    await asha.page.evaluate(
        "localStorage['khata.shop.1'] = JSON.stringify("
        "{cart: {cart_id: 'cart_gone', secret: 's'.repeat(43)},"
        " orders: [{order_id: 'ord_gone', secret: 's'.repeat(43)}]})"
    )
    await asha.go("#/orders/ord_gone")
    await asha.page.reload()
    await asha.sees("Order not found")
    await asha.button("Forget it").click()
    await asha.reads("Nothing was bought in this browser yet.")
    await asha.link("Products").click()
    await asha.puts()


async def _settled(shop: ShopUnderTest) -> None:
    """Return once the webhook has become an order: the sandbox has delivered it by itself."""
    await shop.sandbox.post("/_sandbox/webhooks/flush")
    await shop.work()
