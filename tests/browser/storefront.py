"""A whole shop for the tests of its pages, and somebody who shops in it as people do."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import FrameLocator, Locator, Page, expect

from src.bootstrap import new_id
from src.cli.catalogue_file import CatalogueRow
from src.cli.offering import offer
from src.cli.sample import seed_sample
from src.embedded import Engines
from src.events.envelope import Cause
from src.events.identifiers import PRODUCT, STOCK, stream
from tests.databases import BookDatabase
from tests.shop import ShopUnderTest, opened_shop

DETAILS = {
    "E-mail": "asha@example.in",
    "Name": "Asha Example",
    "Phone": "+91 98000 00000",
    "Address": "12 Mango Lane",
    "Town or city": "Bengaluru",
    "PIN code": "560001",
}
STATE = "Karnataka"
TEA = "Assam CTC tea 250 g"
TO_PAY = "₹198.00"
"""A packet of tea, and its shipping."""
TABS_MAX = 60


@pytest.fixture(scope="module")
async def storefront(
    engines: Engines,
    shared_database: BookDatabase,
    tmp_path_factory: pytest.TempPathFactory,
    anyio_backend: str,
) -> AsyncIterator[ShopUnderTest]:
    """A sample shop for all tests of a file."""
    assert anyio_backend == "asyncio"
    home = tmp_path_factory.mktemp("shop")
    async with opened_storefront(engines, shared_database, home) as shop:
        yield shop


@pytest.fixture
def asha(storefront: ShopUnderTest, page: Page) -> "Shopper":
    """Somebody at a desk."""
    return Shopper(storefront, page)


@asynccontextmanager
async def opened_storefront(
    engines: Engines, database: BookDatabase, home: Path, *, ttl_seconds: int = 1_800
) -> AsyncIterator[ShopUnderTest]:
    """Open the sample shop, as `khata up` would."""
    ttl = str(ttl_seconds)
    async with opened_shop(engines, database, home, KHATA_CHECKOUT_TTL_SECONDS=ttl) as shop:
        await seed_sample(shop.parts)
        await shop.work()
        yield shop


async def offered(shop: ShopUnderTest, *rows: CatalogueRow) -> None:
    """Offer more than the sample, all at once."""
    command = new_id()
    cause = Cause(command_id=command, correlation_id=command, actor="khata:test")
    needs = [stream(kind, row.sku) for row in rows for kind in (PRODUCT, STOCK)]
    await shop.parts.ledger.transact(
        cause, lambda view: [fact for row in rows for fact in offer(view, row)], needs=needs
    )
    await shop.work()


async def settled(shop: ShopUnderTest) -> None:
    """Return once the webhook has become an order: the sandbox has delivered it by itself."""
    await shop.sandbox.post("/_sandbox/webhooks/flush")
    await shop.work()


async def fill_in(page: Page) -> None:
    """Fill in the form, and wait for the price of shipping."""
    for label, value in DETAILS.items():
        await page.get_by_label(label, exact=True).fill(value)
    await page.get_by_label("State", exact=True).select_option(STATE)
    await expect(page.get_by_role("radio").first).to_be_checked()


class Shopper:
    """Somebody in front of the demo shop."""

    def __init__(self, shop: ShopUnderTest, page: Page) -> None:
        self.shop = shop
        self.page = page

    @property
    def window(self) -> FrameLocator:
        """The payment window."""
        return self.page.frame_locator("iframe")

    async def go(self, path: str = "") -> None:
        """Open a page of the shop, as by its address."""
        await self.page.goto(f"{self.shop.settings.api_url}/{path}")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True)

    async def fill(self, label: str, value: str) -> None:
        """Write into the field of this label."""
        await self.page.get_by_label(label, exact=True).fill(value)

    async def sees(self, heading: str | re.Pattern[str]) -> None:
        """Wait for a view, by its heading."""
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    async def reads(self, text: str | re.Pattern[str]) -> None:
        """Wait until something is said on the page."""
        await expect(self.page.get_by_text(text).first).to_be_visible()

    async def is_at(self, state: str) -> None:
        """Wait for a state on the track."""
        await expect(self.page.locator(".track [aria-current=step] code")).to_have_text(state)

    async def puts(self, product: str = TEA) -> None:
        """Put one of it into the cart."""
        await self.button(f"Add {product} to cart").click()
        await expect(self.page.locator("#said")).to_have_text(f"{product} is in the cart.")

    async def fills_in(self) -> None:
        await fill_in(self.page)

    async def checks_out(self, product: str = TEA) -> None:
        """Go from the list of products to an open payment window."""
        await self.go()
        await self.puts(product)
        await self.go("#/checkout")
        await self.fills_in()
        await self.button(f"Pay {TO_PAY}").click()
        await self.sees("Payment")
        await self.is_at("PAYMENT_PENDING")

    async def chooses_upi(self) -> None:
        """In the payment window: go to the bank."""
        await self.window.get_by_role("button", name=re.compile("^Pay .* by UPI$")).click()
        await expect(self.window.get_by_role("heading", name="You are the bank")).to_be_visible()

    async def pays(self) -> None:
        """In the payment window: pay, and let it be approved."""
        await self.chooses_upi()
        await self.window.get_by_role("button", name=f"Pay {TO_PAY}", exact=True).click()

    async def has_order(self) -> None:
        """Wait for the page of a placed order."""
        await self.sees(re.compile(r"^Order \w{5}-\w{5}$"))

    async def intent(self) -> str:
        """Return Razorpay's order of the payment that is open."""
        cart = await self.page.evaluate("JSON.parse(localStorage['khata.shop.1']).cart")
        path = f"/checkout/{cart['checkout_session_id']}"
        session = await self.shop.client.get(path, headers={"X-Session-Id": cart["secret"]})
        found: str = session.json()["payment_intent"]["id"]
        return found

    async def tabs_to(self, wanted: Locator) -> None:
        """Press Tab until it has the focus; fails when the keyboard does not get there."""
        for _ in range(TABS_MAX):
            if await wanted.evaluate("it => it === it.ownerDocument.activeElement"):
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"{TABS_MAX} tabs do not lead to {wanted}")
