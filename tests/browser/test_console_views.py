"""Every page of the console: for everybody, in light and dark, on a desk and on a phone."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page

from tests.browser.accessibility import violations
from tests.browser.console import Staff, Work, work
from tests.browser.visitor import PHONE, Visitor

__all__ = ["work"]

pytestmark = pytest.mark.anyio

Check = Callable[[Page], Awaitable[None]]
LOUD = ("status of 401", "status of 403", "status of 404", "status of 422")
"""What a browser says on its console of a page that says no."""


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_axe_minds_nothing_on_any_page(work: Work, visitor: Visitor, colours: str) -> None:
    page = await visitor.window(colours="dark" if colours == "dark" else "light")
    await _walk(Staff(work, page), visitor, _check_axe)


async def test_a_phone_shows_every_page_without_scrolling_sideways(
    work: Work, visitor: Visitor
) -> None:
    page = await visitor.window(PHONE)
    await _walk(Staff(work, page), visitor, _check_width)


async def test_a_desk_shows_the_webhooks_of_an_order_whole(work: Work, visitor: Visitor) -> None:
    visitor.expected.extend(LOUD)
    staff = Staff(work, await visitor.window())
    await staff.logs_in()
    await staff.go(f"/orders/{work.order_id}")
    webhooks = staff.page.get_by_role("region", name="Webhooks, table")
    assert await webhooks.evaluate("it => it.scrollWidth <= it.clientWidth")


async def _walk(staff: Staff, visitor: Visitor, check: Check) -> None:
    """Look at the door, at every page behind it, and at those that say no."""
    visitor.expected.extend(LOUD)
    await staff.go("/orders")
    await check(staff.page)
    await staff.page.get_by_label("Staff token").fill("no token")
    await staff.button("Log in").click()
    await check(staff.page)
    await staff.logs_in()
    for path in pages_of(staff.work):
        await staff.go(path)
        await check(staff.page)


def pages_of(work: Work) -> list[str]:
    """Return where there is something to see for an operator, and where there is nothing."""
    order, webhook = f"/orders/{work.order_id}", f"/webhooks/{work.webhook_id}"
    return [
        *("/orders", "/orders?q=nobody@example.in", "/orders?status=unheard"),
        *(order, f"{order}?done=refunded", f"{order}/why"),
        *(f"{order}/cancel", f"{order}/refund", f"{order}/fulfil"),
        *(f"/payments/{work.payment_id}", "/cases", "/cases?kind=paid-twice"),
        *(f"/cases/{work.case_id}", "/webhooks", "/webhooks?status=received", webhook),
        *("/charts", "/nowhere"),
    ]


async def _check_axe(page: Page) -> None:
    assert await violations(page) == []


async def _check_width(page: Page) -> None:
    root = page.locator("html")
    assert await root.evaluate("it => it.scrollWidth") <= await root.evaluate("() => innerWidth")
