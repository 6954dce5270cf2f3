"""Every view for people with and without an account: for everybody, on any screen."""

import re
from typing import Literal

import pytest
from playwright.async_api import Page, expect

from tests.browser.accessibility import violations
from tests.browser.people import buys, newest_link, registers
from tests.browser.storefront import Shopper
from tests.browser.visitor import DESKTOP, PHONE, Visitor
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio
FORMS = (
    ("login", "Sign in"),
    ("register", "Open an account"),
    ("find", "Find my order"),
    ("forgotten", "Forgotten password"),
    ("keep", "See all your orders"),
    ("claim", "All your orders in one account"),
    ("reset", "Choose another password"),
)


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_axe_minds_no_form_empty_or_wrong_and_none_is_too_wide_for_a_phone(
    storefront: ShopUnderTest, visitor: Visitor, colours: Literal["light", "dark"]
) -> None:
    asha = Shopper(storefront, await visitor.window(PHONE, colours=colours))
    for path, heading in FORMS:
        await asha.go(f"#/{path}")
        await asha.sees(heading)
        await _is_for_everybody(asha.page)
        await asha.page.locator("form button").click()
        await expect(asha.page.locator("[aria-invalid=true]").first).to_be_focused()
        await _is_for_everybody(asha.page)


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_axe_minds_nothing_of_what_a_guest_asks_for_and_an_account_shows(
    storefront: ShopUnderTest, visitor: Visitor, colours: Literal["light", "dark"]
) -> None:
    visitor.expected.append("status of 404")
    email = f"sees.{colours}@example.in"
    viewport = DESKTOP if colours == "light" else PHONE
    asha = Shopper(storefront, await visitor.window(viewport, colours=colours))
    await buys(asha, email)
    await _is_for_everybody(asha.page)
    await asha.button("Send me the letter").click()
    await asha.reads(re.compile("a letter is on its way"))
    await _is_for_everybody(asha.page)
    await registers(asha, email)
    await asha.reads("Bought in this browser as a guest")
    await _is_for_everybody(asha.page)
    await asha.page.goto(await newest_link(storefront, email))
    await asha.fill("New password", "nine lanterns by the sea")
    await asha.button("Bring my orders together").click()
    await asha.reads(re.compile("is in the account of this e-mail now"))
    await _is_for_everybody(asha.page)
    await asha.link("My orders").last.click()
    await expect(asha.page.locator("#of-account li")).to_have_count(1)
    await _is_for_everybody(asha.page)
    await asha.page.locator("#who").click()
    await asha.sees("Your account")
    await _is_for_everybody(asha.page)
    await asha.go()
    await asha.puts()
    await asha.go("#/checkout")
    await asha.reads("You are signed in as")
    await _is_for_everybody(asha.page)


async def test_the_way_in_is_walked_with_the_keyboard_alone(
    asha: Shopper, visitor: Visitor
) -> None:
    visitor.expected.append("status of 404")
    await registers(asha, "keys@example.in")
    await asha.go("#/account")
    await asha.tabs_to(asha.button("Sign out"))
    await asha.page.keyboard.press("Enter")
    await asha.sees("Products")
    await asha.tabs_to(asha.link("Sign in"))
    await asha.page.keyboard.press("Enter")
    await asha.sees("Sign in")
    await expect(asha.page.get_by_role("heading", level=1)).to_be_focused()
    await asha.tabs_to(asha.page.get_by_label("E-mail", exact=True))
    await asha.page.keyboard.type("keys@example.in")
    await asha.page.keyboard.press("Tab")
    await asha.page.keyboard.type("seven parrots at dawn")
    await asha.page.keyboard.press("Enter")
    await asha.sees("My orders")
    await expect(asha.page.locator("#said")).to_have_text("You are signed in as Asha Example.")


async def _is_for_everybody(page: Page) -> None:
    assert await violations(page) == []
    root = page.locator("html")
    assert await root.evaluate("it => it.scrollWidth") <= await root.evaluate("() => innerWidth")
