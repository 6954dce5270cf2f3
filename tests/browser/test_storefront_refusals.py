"""What the demo shop says when something is refused, and the way out that it shows."""

import re

import pytest
from playwright.async_api import expect

from src.cli.catalogue_file import CatalogueRow
from tests.browser.storefront import TO_PAY, Shopper, offered
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.anyio


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


async def test_razorpay_being_away_loses_nothing(asha: Shopper, visitor: Visitor) -> None:
    visitor.expected.append("status of 502")
    await asha.go()
    await asha.puts()
    await asha.go("#/checkout")
    await asha.fills_in()
    fault = {"operation": "order.create", "fault": "http_500", "times": 50}
    assert (await asha.shop.sandbox.post("/_sandbox/faults", json=fault)).is_success
    await asha.button(f"Pay {TO_PAY}").click()
    await asha.reads(re.compile("press the button below once more"))
    assert (await asha.shop.sandbox.post("/_sandbox/faults/clear")).is_success
    await asha.button(f"Pay {TO_PAY}").click()
    await asha.pays()
    await asha.has_order()


async def test_another_tab_with_other_details_is_asked_which_payment_goes_on(
    asha: Shopper, visitor: Visitor
) -> None:
    visitor.expected.append("status of 409")
    await asha.go()
    await asha.puts()
    await asha.go("#/checkout")
    await asha.fills_in()
    other = Shopper(asha.shop, await asha.page.context.new_page())
    await other.go("#/checkout")
    await other.fills_in()
    await other.button(f"Pay {TO_PAY}").click()
    await other.is_at("PAYMENT_PENDING")
    await asha.page.get_by_label("Address", exact=True).fill("13 Mango Lane")
    await asha.button(f"Pay {TO_PAY}").click()
    await asha.reads("A payment was begun with other details.")
    await asha.button("Cancel it and use these details").click()
    await asha.sees("Payment")
    await other.reads("The checkout was cancelled. Your cart is unlocked.")
    await asha.pays()
    await asha.has_order()
    await expect(asha.page.locator(".facts")).to_contain_text("13 Mango Lane")


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


async def test_a_cart_that_went_into_an_accounts_is_over_here(asha: Shopper) -> None:
    await asha.go()
    await asha.puts()
    before = await kept_cart(asha)
    person = {"email": "asha@example.in", "password": "six chai before noon", "name": "Asha"}
    opened = await asha.shop.sent("POST", "/customers", person)
    theirs = asha.shop.bearer("customer", opened["customer_id"])
    await asha.shop.sent("POST", "/carts", {}, theirs)
    both = {**theirs, "X-Session-Id": before["secret"]}
    await asha.shop.sent("POST", "/customers/me/cart", {"cart_id": before["cart_id"]}, both)
    await asha.puts("Forest honey 500 g jar")
    assert (await kept_cart(asha))["cart_id"] != before["cart_id"]


async def kept_cart(shopper: Shopper) -> dict[str, str]:
    """Return what the page remembers of its cart."""
    found: dict[str, str] = await shopper.page.evaluate(
        "JSON.parse(localStorage['khata.shop.1']).cart"
    )
    return found
