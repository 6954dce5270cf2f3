"""People buy in the demo shop, in a real browser, from a real shop and the sandbox's window."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.storefront import DETAILS, TEA, TO_PAY, Shopper, settled

pytestmark = pytest.mark.anyio


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
    await settled(asha.shop)
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
