"""Guests and accounts in the demo shop: where letters lead, logins, and what comes along."""

import re

import anyio
import pytest
from playwright.async_api import expect

from tests.browser.people import (
    PASSWORD,
    buys,
    newest_link,
    order_number,
    registers,
    signs_in,
    signs_out,
)
from tests.browser.storefront import DETAILS, TEA, TO_PAY, Shopper
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.anyio


async def test_a_guest_claims_all_orders_by_letter_and_finds_them_in_the_account(
    asha: Shopper,
) -> None:
    number = await buys(asha, "claims@example.in")
    await asha.button("Send me the letter").click()
    await asha.reads(re.compile("a letter is on its way"))
    await asha.page.goto(await newest_link(asha.shop, "claims@example.in"))
    await asha.sees("All your orders in one account")
    await expect(asha.page).to_have_url(f"{asha.shop.settings.api_url}/#claim")
    await asha.fill("New password", PASSWORD)
    await asha.button("Bring my orders together").click()
    await asha.reads(re.compile("is in the account of this e-mail now"))
    await asha.link("Go and sign in").click()
    await expect(asha.page.get_by_label("E-mail", exact=True)).to_have_value("claims@example.in")
    await asha.fill("Password", PASSWORD)
    await asha.button("Sign in").click()
    await asha.sees("My orders")
    await expect(asha.page.locator("#of-account")).to_contain_text(number)
    await asha.link(f"Order {number}").click()
    await asha.sees(f"Order {number}")
    await expect(asha.page.locator("#who")).to_have_text("Asha Example")


async def test_a_letters_secret_is_good_once_and_the_page_says_how_to_get_another(
    asha: Shopper, visitor: Visitor
) -> None:
    visitor.expected.append("status of 401")
    await buys(asha, "once@example.in")
    await asha.button("Send me the letter").click()
    await asha.reads(re.compile("a letter is on its way"))
    link = await newest_link(asha.shop, "once@example.in")
    for said in ("is in the account of this e-mail now", "This letter was used already"):
        await asha.go()
        await asha.page.goto(link)
        await asha.fill("New password", PASSWORD)
        await asha.button("Bring my orders together").click()
        await asha.reads(re.compile(said))
    await asha.link("Ask for another letter").click()
    await asha.sees("See all your orders")
    await asha.fill("E-mail", "once@example.in")
    await asha.button("Send me the letter").click()
    await asha.reads("Look into your mail")


async def test_an_order_is_found_by_its_number_in_a_browser_that_never_saw_it(
    asha: Shopper, visitor: Visitor
) -> None:
    number = await buys(asha, "finds@example.in")
    stranger = Shopper(asha.shop, await visitor.window())
    await stranger.go("#/orders")
    await stranger.link("Find an order by its number").click()
    await stranger.sees("Find my order")
    await stranger.fill("Order number", number.lower())
    await stranger.fill("E-mail", "finds@example.in")
    await stranger.button("Send me the letter").click()
    await stranger.reads(re.compile("^If there is such an order, a letter"))
    await stranger.page.goto(await newest_link(asha.shop, "finds@example.in"))
    await stranger.sees(f"Order {number}")
    address = stranger.page.url
    assert re.fullmatch(r"http://[\d.:]+/#/orders/ord_\w+", address), address
    await stranger.page.reload()
    await stranger.sees(f"Order {number}")


async def test_a_forgotten_password_is_chosen_anew_by_letter(
    asha: Shopper, visitor: Visitor
) -> None:
    visitor.expected += ["status of 404", "status of 422"]
    email = "forgets@example.in"
    await registers(asha, email)
    await signs_out(asha)
    await asha.go("#/login")
    await asha.link("Forgotten your password?").click()
    await asha.sees("Forgotten password")
    await asha.fill("E-mail", email)
    await asha.button("Send me the letter").click()
    await asha.reads("Look into your mail")
    await asha.page.goto(await newest_link(asha.shop, email))
    await asha.sees("Choose another password")
    await asha.fill("New password", "1234567890")
    await asha.button("Change the password").click()
    await expect(asha.page.locator("#new_password-wrong")).not_to_be_empty()
    await asha.fill("New password", "nine lanterns by the sea")
    await asha.button("Change the password").click()
    await asha.reads("The password is changed, and every login so far has ended.")
    await asha.link("Go and sign in").click()
    await asha.fill("Password", "nine lanterns by the sea")
    await asha.button("Sign in").click()
    await asha.sees("My orders")


async def test_what_a_guest_put_in_comes_along_and_is_bought_with_the_account(
    asha: Shopper, visitor: Visitor
) -> None:
    visitor.expected.append("status of 404")
    email = "brings@example.in"
    await registers(asha, email)
    await signs_out(asha)
    await asha.go()
    await asha.puts()
    await asha.link("Sign in").click()
    await signs_in(asha, email)
    await asha.sees("My cart")
    await expect(asha.page.get_by_label(f"Quantity of {TEA}")).to_have_value("1")
    await asha.link("Check out").click()
    await asha.sees("Checkout")
    await expect(asha.page.get_by_label("E-mail", exact=True)).to_have_count(0)
    for label in ("Address", "Town or city", "PIN code"):
        await asha.fill(label, DETAILS[label])
    await asha.fill("Phone", DETAILS["Phone"])
    await asha.page.get_by_label("State", exact=True).select_option("Karnataka")
    await asha.button(f"Pay {TO_PAY}").click()
    await asha.is_at("PAYMENT_PENDING")
    await asha.pays()
    await asha.has_order()
    number = await order_number(asha)
    await expect(asha.page.get_by_role("heading", name="See all your orders")).to_have_count(0)
    await asha.shop.work()
    await asha.link("My orders").click()
    await expect(asha.page.locator("#of-account")).to_contain_text(number)
    other = Shopper(asha.shop, await visitor.window())
    await other.go("#/login")
    await signs_in(other, email)
    await expect(other.page.locator("#of-account")).to_contain_text(number)


async def test_a_cart_follows_its_owner_to_another_browser(asha: Shopper, visitor: Visitor) -> None:
    visitor.expected.append("status of 404")
    email = "moves@example.in"
    await registers(asha, email)
    await asha.go()
    await asha.puts()
    other = Shopper(asha.shop, await visitor.window())
    await other.go("#/login")
    await signs_in(other, email)
    await other.sees("My cart")
    await expect(other.page.get_by_label(f"Quantity of {TEA}")).to_have_value("1")
    await signs_out(other)
    await other.go("#/cart")
    await other.reads("The cart is empty.")


async def test_who_signs_in_while_a_payment_is_open_goes_on_with_it(
    asha: Shopper, visitor: Visitor
) -> None:
    visitor.expected.append("status of 404")
    await registers(asha, "midway@example.in")
    await signs_out(asha)
    await asha.checks_out()
    await asha.window.get_by_role("button", name="Close the payment window").click()
    await asha.link("Sign in").click()
    await signs_in(asha, "midway@example.in")
    await asha.link("Go on with the payment").click()
    await asha.sees("Payment")
    await asha.shop.pay(await asha.intent())
    await asha.has_order()
    number = await order_number(asha)
    await asha.shop.work()
    await asha.link("My orders").click()
    await asha.reads("Bought in this browser as a guest")
    await asha.link(f"Order {number}").click()
    await asha.sees(f"Order {number}")


async def test_two_tabs_share_one_login_and_may_renew_it_at_once(
    asha: Shopper, visitor: Visitor
) -> None:
    visitor.expected.append("status of 404")
    await registers(asha, "tabs@example.in")
    other = Shopper(asha.shop, await asha.page.context.new_page())
    await other.go("#/orders")
    await expect(other.page.locator("#who")).to_have_text("Asha Example")
    for _ in range(2):
        await grows_old(asha)
        async with anyio.create_task_group() as both:
            both.start_soon(asha.page.reload)
            both.start_soon(other.page.reload)
        for each in (asha, other):
            await each.sees("My orders")
            await expect(each.page.locator("#who")).to_have_text("Asha Example")
    await signs_out(asha)
    await expect(other.page.locator("#who")).to_have_text("Sign in")


async def test_tokens_are_renewed_before_they_expire_and_a_login_that_is_over_says_so(
    asha: Shopper, visitor: Visitor
) -> None:
    visitor.expected += ["status of 404", "status of 401"]
    await registers(asha, "stays@example.in")
    before = await tokens(asha)
    await grows_old(asha)
    await asha.page.reload()
    await asha.sees("My orders")
    after = await tokens(asha)
    assert before["refresh_token"] != after["refresh_token"]
    everywhere = {"Authorization": f"Bearer {after['access_token']}"}
    answer = await asha.shop.client.post(
        "/customers/logout-everywhere", json={}, headers=everywhere
    )
    assert answer.status_code == 204
    await grows_old(asha)
    await asha.page.reload()
    await expect(asha.page.locator("#notice")).to_contain_text(
        "You have been signed out: this login is over."
    )
    await expect(asha.page.locator("#who")).to_have_text("Sign in")
    assert await tokens(asha) == {}
    await asha.link("Sign in again").click()
    await asha.sees("Sign in")


async def test_every_refusal_is_a_sentence_beside_its_field_or_above_the_button(
    asha: Shopper, visitor: Visitor
) -> None:
    visitor.expected += ["status of 401", "status of 404", "status of 409", "status of 422"]
    email = "refused@example.in"
    await registers(asha, email)
    await signs_out(asha)
    await asha.go("#/login")
    await asha.button("Sign in").click()
    await expect(asha.page.locator("#email-wrong")).to_have_text("E-mail is needed.")
    await asha.fill("E-mail", email)
    await asha.fill("Password", "not this one at all")
    await asha.button("Sign in").click()
    await asha.reads("The e-mail or the password is wrong. Mend one of them and try again.")
    await asha.link("Open an account").click()
    await asha.sees("Open an account")
    await asha.fill("Name", "Asha Example")
    await asha.fill("E-mail", email)
    await asha.fill("Password", "1234567890")
    await asha.button("Open the account").click()
    await expect(asha.page.locator("#password-wrong")).not_to_be_empty()
    await expect(asha.page.get_by_label("Password", exact=True)).to_be_focused()
    await asha.fill("Password", PASSWORD)
    await asha.button("Open the account").click()
    await asha.reads(re.compile("This e-mail has an account already"))


async def test_who_comes_too_often_is_told_for_how_long_to_wait(
    asha: Shopper, visitor: Visitor
) -> None:
    visitor.expected.append("status of 429")
    problem = {"code": "rate-limited", "detail": "Slow down: Retry-After says when."}
    headers = {"Retry-After": "42"}
    await asha.page.route(
        "**/orders/lookup",
        lambda route: route.fulfill(status=429, headers=headers, json=problem),
    )
    await asha.go("#/find")
    await asha.fill("Order number", "K7M2Q-4XD3N")
    await asha.fill("E-mail", "often@example.in")
    await asha.button("Send me the letter").click()
    await asha.reads("That was tried too often. Try again in 42 seconds.")


async def tokens(shopper: Shopper) -> dict[str, str]:
    """Return what the browser keeps of a login."""
    found: dict[str, str] = await shopper.page.evaluate(
        "JSON.parse(localStorage['khata.login.1'] ?? '{}')"
    )
    return found


async def grows_old(shopper: Shopper) -> None:
    """Let the access token be one that expires within the minute."""
    await shopper.page.evaluate(
        "localStorage['khata.login.1'] = JSON.stringify("
        "{...JSON.parse(localStorage['khata.login.1']), until: Date.now() + 30_000})"
    )
