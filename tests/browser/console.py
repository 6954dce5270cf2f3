"""A shop with something to look after, and somebody in front of its console."""

import re
from collections.abc import AsyncIterator

import pytest
from msgspec import Struct
from playwright.async_api import Locator, Page, expect

from src.embedded import Engines
from tests.databases import BookDatabase
from tests.http.test_back_office import UNREADABLE, delivered
from tests.shop import ShopUnderTest, guest, opened_shop

EMAIL = "asha@example.in"


class Work(Struct, frozen=True):
    """What there is to look after."""

    shop: ShopUnderTest
    order_id: str
    order_number: str
    payment_id: str
    webhook_id: str
    """A delivery that nobody could read."""
    case_id: str
    """What was asked of a person because of it."""


@pytest.fixture(scope="module")
async def work(
    engines: Engines,
    shared_database: BookDatabase,
    tmp_path_factory: pytest.TempPathFactory,
    anyio_backend: str,
) -> AsyncIterator[Work]:
    """A shop with an order, its deliveries, and a case, for all tests of a file."""
    assert anyio_backend == "asyncio"
    home = tmp_path_factory.mktemp("shop")
    async with opened_shop(engines, shared_database, home) as shop:
        yield await something_to_do(shop)


async def something_to_do(shop: ShopUnderTest, body: bytes = UNREADABLE) -> Work:
    """Let a guest buy, and Razorpay send what cannot be read."""
    await shop.stocked("CHAI-250")
    cart, headers = await shop.guest_cart(CHAI_250=2)
    session = await shop.sent("POST", "/orders", guest(EMAIL, cart_id=cart), headers)
    paid = await shop.pay(session["payment_intent"]["id"])
    await shop.sandbox.post("/_sandbox/webhooks/flush")
    webhook = await delivered(shop, body)
    staff = shop.bearer("operator")
    shown = await shop.sent("POST", f"/admin/webhooks/{webhook}/replay", {}, staff)
    await shop.work()
    await shop.notarise()
    path = f"/checkout/{session['checkout_session_id']}"
    done = (await shop.client.get(path, headers=headers)).json()
    return Work(
        shop,
        done["order_id"],
        done["order_number"],
        paid["razorpay_payment_id"],
        webhook,
        shown["cases"][0],
    )


class Staff:
    """Somebody who works here, in front of a window."""

    def __init__(self, work: Work, page: Page) -> None:
        self.work = work
        self.page = page

    async def go(self, path: str = "") -> None:
        """Open a page of the console, as by its address."""
        await self.page.goto(f"{self.work.shop.settings.api_url}/console{path}")

    async def logs_in(self, role: str = "operator") -> None:
        """Paste a token into the form, and come to the first page."""
        await self.go("/login")
        await self.page.get_by_label("Staff token").fill(self.token(role))
        await self.button("Log in").click()
        await expect(self.button("Log out")).to_be_visible()

    def token(self, role: str) -> str:
        return self.work.shop.bearer(role)["Authorization"].removeprefix("Bearer ")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True)

    async def sees(self, heading: str | re.Pattern[str]) -> None:
        """Wait for a page, by its heading."""
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    async def is_told(self, words: str) -> None:
        """Wait until the page says what was done."""
        await expect(self.page.get_by_role("status")).to_contain_text(words)
