"""Figures, the live book and stock in a real browser: what a picture says, its table says too."""

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, Response, expect

from tests.browser.console import Staff, Work, work
from tests.browser.visitor import PHONE, Visitor
from tests.shop import guest

__all__ = ["work"]

pytestmark = pytest.mark.anyio
NATURAL_WIDTH = "picture => picture.querySelector('img').naturalWidth"


async def at_work(work: Work, visitor: Visitor, role: str = "admin", **window: Any) -> Staff:  # noqa: ANN401  # as `window` takes it
    """Log somebody in, with the figures as new as the book."""
    await work.shop.work()
    await work.shop.parts.analysts_runner.catch_up()
    staff = Staff(work, await visitor.window(**window))
    await staff.logs_in(role)
    return staff


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("subject", ["sales", "funnel", "payments"])
async def test_charts_are_drawn_for_the_ground_that_they_stand_on(
    work: Work, visitor: Visitor, subject: str, colours: str
) -> None:
    ravi = await at_work(work, visitor, "analyst", colours=colours)
    seen: list[Response] = []
    ravi.page.on("response", lambda answer: seen.append(answer))  # noqa: PLW0108  # it takes no builtin
    await ravi.go(f"/charts/{subject}")
    pictures = await ravi.page.locator("picture.chart").all()
    assert pictures
    for picture in pictures:
        await picture.scroll_into_view_if_needed()
        await expect(picture.locator("img")).to_have_js_property("complete", value=True)
        assert await picture.evaluate(NATURAL_WIDTH) == 960
    drawn = [each for each in seen if "/pictures/" in each.url]
    assert len(drawn) == len(pictures)
    for each in drawn:
        assert f"colours={colours}" in each.url
        assert "immutable" in each.headers["cache-control"]
        assert each.headers["content-type"] == "image/svg+xml"


async def test_a_phone_is_sent_a_narrow_picture(work: Work, visitor: Visitor) -> None:
    ravi = await at_work(work, visitor, viewport=PHONE)
    await ravi.go("/charts/sales")
    picture = ravi.page.locator("picture.chart").first
    await picture.scroll_into_view_if_needed()
    await expect(picture.locator("img")).to_have_js_property("complete", value=True)
    assert await picture.evaluate(NATURAL_WIDTH) == 380


async def test_a_range_is_chosen_and_kept_from_subject_to_subject(
    work: Work, visitor: Visitor
) -> None:
    ravi = await at_work(work, visitor, javascript=False)
    await ravi.go("/charts")
    await ravi.page.get_by_label("From", exact=True).fill("2026-01-01")
    await ravi.page.get_by_label("To, counted in").fill("2026-03-31")
    await ravi.page.get_by_label("By", exact=True).select_option("month")
    await ravi.button("Show").click()
    rows = ravi.page.get_by_role("table").first.get_by_role("rowheader")
    await expect(rows).to_have_text(["01 Jan 2026", "01 Feb 2026", "01 Mar 2026", "Total"])
    await expect(ravi.page.get_by_text("Nothing was sold in this range.")).to_be_visible()
    await ravi.page.get_by_label("Figures").get_by_role("link", name="Funnel").click()
    await expect(ravi.page.get_by_label("From", exact=True)).to_have_value("2026-01-01")


async def test_a_purchase_is_seen_as_it_happens(work: Work, visitor: Visitor) -> None:
    ravi = await at_work(work, visitor, "operator")
    await ravi.go("/live")
    await expect(ravi.page.locator("[data-said]")).to_have_text("Live.")
    number = await bought(work)
    newest = ravi.page.locator("[data-facts] li")
    await expect(newest.filter(has_text=f"The checkout became order {number}.")).to_be_visible()
    positions = await ravi.page.locator("[data-facts] .quiet").all_inner_texts()
    order = [int(each.rpartition("position ")[2].replace(",", "")) for each in positions]
    assert order == sorted(order, reverse=True)
    assert len(order) == len(set(order))


async def test_what_moves_can_be_stopped_and_goes_on_where_it_was(
    work: Work, visitor: Visitor
) -> None:
    ravi = await at_work(work, visitor)
    await ravi.go("/live")
    await expect(ravi.page.locator("[data-said]")).to_have_text("Live.")
    await ravi.button("Pause").click()
    number = await bought(work)
    await expect(ravi.page.locator("[data-said]")).to_have_text(re.compile("new facts wait"))
    became = ravi.page.locator("[data-facts] li", has_text=f"became order {number}")
    await expect(became).to_have_count(0)
    await ravi.button("Pause").click()
    await expect(became).to_be_visible()


async def test_without_a_script_the_newest_facts_are_there_to_be_refreshed(
    work: Work, visitor: Visitor
) -> None:
    ravi = await at_work(work, visitor, javascript=False)
    await ravi.go("/live")
    number = await bought(work)
    await expect(ravi.button("Pause")).to_be_hidden()
    await ravi.link("Refresh").click()
    became = ravi.page.locator("[data-facts] li", has_text=f"became order {number}")
    await expect(became).to_be_visible()


async def test_units_are_counted_in_once_and_a_count_is_corrected(
    work: Work, visitor: Visitor
) -> None:
    await work.shop.stocked("SAFFRON-1", units=10)
    ravi = await at_work(work, visitor, "operator", javascript=False)
    await ravi.link("Stock").click()
    await ravi.page.get_by_label("SKU or name").fill("saffron")
    await ravi.button("Find").click()
    await ravi.link("SAFFRON-1").click()
    await ravi.page.get_by_label("Units that came").fill("5")
    await ravi.button("Count in").dblclick()
    await ravi.is_told("The units are counted in.")
    await expect(on_hand(ravi.page)).to_have_text("15")
    await ravi.page.get_by_label("Units too few or too many").fill("-3")
    await ravi.page.get_by_label("Why", exact=True).fill("Three jars broke.")
    await ravi.button("Correct").click()
    await ravi.is_told("The count is corrected.")
    await expect(on_hand(ravi.page)).to_have_text("12")


async def test_a_position_is_proven_and_its_fact_is_read(work: Work, visitor: Visitor) -> None:
    ravi = await at_work(work, visitor, "auditor", javascript=False)
    await ravi.link("Proofs").click()
    await ravi.page.get_by_label("Position of the book").fill("3")
    await ravi.button("Prove it").click()
    await expect(ravi.page.get_by_text("Proven: the fact at position 3 is under")).to_be_visible()
    await ravi.link("See the fact in the book").click()
    await ravi.sees("The book")
    first = ravi.page.locator(".story > li").first
    await expect(first).to_have_id("position-3")
    await first.get_by_role("link", name=re.compile("^(product|stock|shipping)-")).click()
    await expect(ravi.page.get_by_label("Stream")).not_to_be_empty()


def on_hand(page: Page) -> Locator:
    return page.locator(".figures div", has_text="On hand").locator("dd")


async def bought(work: Work) -> str:
    """Let somebody buy; return the order's number."""
    shop = work.shop
    cart, headers = await shop.guest_cart(CHAI_250=1)
    session = await shop.sent("POST", "/orders", guest(cart_id=cart), headers)
    await shop.pay(session["payment_intent"]["id"])
    await shop.sandbox.post("/_sandbox/webhooks/flush")
    await shop.work()
    path = f"/checkout/{session['checkout_session_id']}"
    number: str = (await shop.client.get(path, headers=headers)).json()["order_number"]
    return number
