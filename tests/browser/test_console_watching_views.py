"""Figures, stock, the book and proofs: for everybody, in light and dark, on a desk and a phone."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page

from tests.browser.accessibility import violations
from tests.browser.console import Staff, Work, work
from tests.browser.visitor import PHONE, Visitor

__all__ = ["work"]

pytestmark = pytest.mark.anyio

Check = Callable[[Page], Awaitable[None]]
PAGES = (
    *("", "/charts/sales", "/charts/funnel", "/charts/payments", "/charts/late-money"),
    *("/charts/sales?from=2020-01-01&to=2020-12-31&by=month", "/stock", "/stock?q=nothing"),
    *("/stock/CHAI-250", "/live", "/book", "/book?type=unheard", "/models"),
    *("/proofs", "/proofs?position=1", "/proofs?position=999999", "/proofs?older=1"),
)


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_axe_minds_nothing(work: Work, visitor: Visitor, colours: str) -> None:
    page = await visitor.window(colours="dark" if colours == "dark" else "light")
    await _walk(Staff(work, page), _check_axe)


async def test_a_phone_shows_every_page_without_scrolling_sideways(
    work: Work, visitor: Visitor
) -> None:
    await _walk(Staff(work, await visitor.window(PHONE)), _check_width)


async def _walk(staff: Staff, check: Check) -> None:
    await staff.work.shop.parts.analysts_runner.catch_up()
    await staff.logs_in("admin")
    for path in PAGES:
        await staff.go(path)
        await check(staff.page)


async def _check_axe(page: Page) -> None:
    await page.locator("details").evaluate_all("them => them.forEach(it => { it.open = true; })")
    assert await violations(page) == [], page.url


async def _check_width(page: Page) -> None:
    root = page.locator("html")
    width = await root.evaluate("it => it.scrollWidth")
    assert width <= await root.evaluate("() => innerWidth"), page.url
