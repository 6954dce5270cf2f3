"""Somebody who works here looks after a shop, in a real browser and without any script."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.console import EMAIL, Staff, Work, something_to_do, work
from tests.browser.visitor import Visitor

__all__ = ["work"]

pytestmark = pytest.mark.anyio
TABS_MAX = 40


@pytest.fixture
async def ravi(work: Work, page: Page) -> Staff:
    staff = Staff(work, page)
    await staff.logs_in()
    await staff.go("/orders")
    return staff


async def test_an_order_is_found_and_why_it_exists_is_read(ravi: Staff) -> None:
    await ravi.page.get_by_label("Find").fill(ravi.work.payment_id)
    await ravi.button("Show").click()
    await ravi.sees(re.compile(f"^Order {ravi.work.order_number} placed$"))
    await expect(ravi.page.get_by_text(EMAIL)).to_be_visible()
    await expect(ravi.page.get_by_text(re.compile("^Proven now: position"))).to_be_visible()
    await ravi.link("Why does it exist?").click()
    await ravi.sees(f"Why order {ravi.work.order_number} exists")
    await ravi.link("Because of this delivery").first.click()
    await ravi.page.get_by_text("The bytes that were signed").first.click()
    signed = ravi.page.get_by_label("The bytes that were signed").first
    await expect(signed).to_contain_text(ravi.work.payment_id)


async def test_a_webhook_is_replayed(ravi: Staff) -> None:
    await ravi.link("Webhooks").click()
    await ravi.link("payment.captured").first.click()
    await ravi.sees(re.compile("^payment.captured handled$"))
    await ravi.page.get_by_label("Why").fill("To see that nothing happens twice.")
    before = await ravi.work.shop.parts.book.head()
    await ravi.button("Replay it").dblclick()
    await ravi.is_told("It was thought about once more.")
    assert await ravi.work.shop.parts.book.head() == before + 1


async def test_a_case_is_resolved(ravi: Staff) -> None:
    to_do = await something_to_do(ravi.work.shop, b'{"event": 7}')
    await ravi.link("Cases").click()
    await ravi.sees("Cases")
    await ravi.page.locator(f"a[href='/console/cases/{to_do.case_id}']").click()
    await ravi.page.get_by_label("How it was settled").fill("Razorpay was told about it.")
    await ravi.button("Resolve the case").click()
    await ravi.is_told("The case is resolved.")
    await to_do.shop.work()
    await ravi.page.reload()
    await ravi.sees(re.compile("^Case: webhook unreadable resolved$"))
    await expect(ravi.page.get_by_text("Razorpay was told about it.")).to_be_visible()


async def test_an_order_is_refunded_and_then_cancelled_with_a_reason(ravi: Staff) -> None:
    to_do = await something_to_do(ravi.work.shop, b'{"event": 8}')
    await ravi.go(f"/orders/{to_do.order_id}")
    await ravi.link("Refund").click()
    await ravi.page.get_by_label(re.compile("^Amount in INR")).fill("1.50")
    await ravi.page.get_by_label("Why").fill("One cup came broken.")
    await ravi.button("Give the money back").click()
    await ravi.is_told("The refund is asked for.")
    await ravi.link("Cancel the order").click()
    await expect(ravi.page.get_by_text("₹248.50")).to_be_visible()
    await ravi.page.get_by_label("Why").fill("The rest broke as well.")
    await ravi.button("Cancel the order").click()
    await ravi.is_told("The order is cancelled.")
    await ravi.sees(re.compile("cancelled$"))


async def test_everything_is_done_with_a_keyboard_and_without_a_script(
    work: Work, visitor: Visitor
) -> None:
    visitor.expected.append("status of 401")
    page = await visitor.window(javascript=False)
    staff = Staff(work, page)
    await staff.go("/orders")
    await staff.sees("Log in")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await _tabs_to(page, "Staff token")
    await page.keyboard.type(staff.token("operator"))
    await page.keyboard.press("Enter")
    await staff.sees("Orders")
    await _tabs_to(page, "Find")
    await page.keyboard.type(work.order_number)
    await page.keyboard.press("Enter")
    await staff.sees(re.compile(f"^Order {work.order_number}"))


async def _tabs_to(page: Page, label: str) -> None:
    """Press Tab until the field of this label has the focus."""
    field = page.get_by_label(label, exact=True)
    for _ in range(TABS_MAX):
        if await field.evaluate("it => it === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    pytest.fail(f"nobody comes to {label} with a keyboard")


async def test_a_session_ends_at_the_door_and_a_stranger_comes_back_to_where_they_wanted_to_go(
    ravi: Staff, visitor: Visitor
) -> None:
    visitor.expected.append("status of 401")
    await ravi.button("Log out").click()
    await ravi.sees("Log in")
    await ravi.go(f"/cases/{ravi.work.case_id}")
    await ravi.sees("Log in")
    await ravi.page.get_by_label("Staff token").fill(ravi.token("operator"))
    await ravi.button("Log in").click()
    await ravi.sees(re.compile("^Case: webhook unreadable"))
