"""What people with and without an account do in the demo shop, and the letters they get."""

import re

from playwright.async_api import expect

from tests.browser.storefront import Shopper
from tests.journeys.letters import letters_to, links
from tests.shop import ShopUnderTest

PASSWORD = "seven parrots at dawn"
NAME = "Asha Example"


async def buys(shopper: Shopper, email: str) -> str:
    """Buy as a guest with this e-mail; return the order's number."""
    await shopper.go()
    await shopper.puts()
    await shopper.go("#/checkout")
    await shopper.fills_in()
    await shopper.fill("E-mail", email)
    await shopper.page.locator("#pay").click()
    await shopper.sees("Payment")
    await shopper.shop.pay(await shopper.intent())
    await shopper.has_order()
    await shopper.shop.work()
    return await order_number(shopper)


async def order_number(shopper: Shopper) -> str:
    """Return the number of the order that is shown."""
    heading = await shopper.page.get_by_role("heading", level=1).inner_text()
    return heading.removeprefix("Order ")


async def registers(shopper: Shopper, email: str) -> None:
    """Open an account, and be signed in."""
    await shopper.go("#/register")
    await shopper.sees("Open an account")
    await shopper.fill("Name", NAME)
    await shopper.fill("E-mail", email)
    await shopper.fill("Password", PASSWORD)
    await shopper.button("Open the account").click()
    await is_signed_in(shopper)


async def signs_in(shopper: Shopper, email: str, password: str = PASSWORD) -> None:
    """Sign in, from the form."""
    await shopper.sees("Sign in")
    await shopper.fill("E-mail", email)
    await shopper.fill("Password", password)
    await shopper.button("Sign in").click()
    await is_signed_in(shopper)


async def is_signed_in(shopper: Shopper) -> None:
    """Wait for the page that one comes to, with one's name above it."""
    await shopper.sees(re.compile("^My (orders|cart)$"))
    await expect(shopper.page.locator("#who")).to_have_text(NAME)


async def signs_out(shopper: Shopper) -> None:
    """Sign out, and wait until it shows."""
    await shopper.go("#/account")
    await shopper.button("Sign out").click()
    await shopper.sees("Products")
    await expect(shopper.page.locator("#who")).to_have_text("Sign in")


async def newest_link(shop: ShopUnderTest, email: str) -> str:
    """Let the worker write; return where the newest letter to this e-mail leads."""
    await shop.work()
    (link,) = links(letters_to(shop, email)[-1])
    return link
