"""What the page tests stand on: a browser that tells when a page misbehaves."""

import pytest
from playwright.async_api import Browser, Page

from tests.browser.accessibility import violations
from tests.browser.visitor import DESKTOP, PHONE, Visitor

pytestmark = pytest.mark.anyio


def showing(html: str) -> str:
    return f"data:text/html,<!doctype html><html lang=en><title>Test</title><main>{html}</main>"


@pytest.mark.parametrize(
    ("html", "complaint"),
    [
        ("<script>console.error('broken')</script>", "console: broken"),
        ("<script>nobody.knows()</script>", "uncaught: nobody is not defined"),
        ("<img alt='' src='http://shop.invalid/a.png'>", "request: http://shop.invalid/a.png"),
    ],
)
async def test_a_page_that_misbehaves_is_told_of(
    browser: Browser, html: str, complaint: str
) -> None:
    visitor = Visitor(browser)
    page = await visitor.window()
    await page.goto(showing(html))
    await visitor.leave()
    assert complaint in "\n".join(visitor.complaints)


async def test_what_a_test_expects_is_no_complaint(visitor: Visitor) -> None:
    visitor.expected.append("console: broken")
    page = await visitor.window()
    await page.goto(showing("<script>console.error('broken')</script>"))


async def test_a_window_is_as_wide_as_its_device(page: Page, phone: Page) -> None:
    for window, device in ((page, DESKTOP), (phone, PHONE)):
        await window.goto(showing(""))
        assert await window.evaluate("innerWidth") == device["width"]


async def test_axe_minds_what_somebody_cannot_read(page: Page) -> None:
    await page.goto(showing("<h1>Pay</h1><p style='color:%23eee;background:%23fff'>faint</p>"))
    assert [each.split(":")[0] for each in await violations(page)] == ["color-contrast"]


async def test_axe_looks_into_frames(page: Page) -> None:
    frame = "<iframe title=Inner srcdoc='<html lang=en><title>x</title><input>'></iframe>"
    await page.goto(showing(f"<h1>Pay</h1>{frame}"))
    assert "label" in [each.split(":")[0] for each in await violations(page)]
