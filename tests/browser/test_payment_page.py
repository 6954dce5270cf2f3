"""The payment window as customers meet it: on a shop's page, by itself, and without a script."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Dialog, Page, Route, expect

from tests.browser.till import Till, choose, decide, heading
from tests.browser.visitor import Visitor
from tests.sandbox.shop import KEY_ID

pytestmark = pytest.mark.anyio
METHODS = {"UPI": "upi", "Card": "card", "Netbanking": "netbanking", "Wallet": "wallet"}
IN_TIME = ["payment.authorized", "payment.captured", "order.paid"]


@pytest.mark.parametrize("method", METHODS)
async def test_every_method_pays_and_the_shop_can_check_it(
    page: Page, till: Till, method: str
) -> None:
    order = till.shop.order()
    window = await till.buy(page, order)
    await choose(window, method)
    await decide(window, "Pay ₹1,500.00")
    [(event, triple)] = await till.heard(page, 1)
    assert (event, triple["razorpay_order_id"]) == ("paid", order["id"])
    assert till.shop.sdk.utility.verify_payment_signature(triple)
    payment = till.shop.sdk.payment.fetch(triple["razorpay_payment_id"])
    assert (payment["method"], payment["status"]) == (METHODS[method], "captured")
    await expect(page.locator("dialog")).to_have_count(0)
    assert {each.event for each in till.shop.receiver.take(3)} == set(IN_TIME)


async def test_a_failure_is_told_and_the_window_stays_for_another_try(
    page: Page, till: Till
) -> None:
    order = till.shop.order()
    window = await till.buy(page, order)
    await choose(window, "UPI")
    await window.get_by_label("Reason").select_option("insufficient_funds")
    await decide(window, "Fail")
    [(event, told)] = await till.heard(page, 1)
    [failed] = till.attempts(order)
    assert (event, told["error"]) == (
        "failed",
        {
            "code": "BAD_REQUEST_ERROR",
            "description": failed["error_description"],
            "source": "customer",
            "step": "payment_authorization",
            "reason": "insufficient_funds",
            "metadata": {"payment_id": failed["id"], "order_id": order["id"]},
        },
    )
    await decide(window, "Try again")
    await choose(window, "Wallet")
    await decide(window, "Pay ₹1,500.00")
    assert [event for event, _ in await till.heard(page, 2)] == ["failed", "paid"]


async def test_without_another_try_a_failure_ends_in_a_dismissal(page: Page, till: Till) -> None:
    window = await till.buy(page, till.shop.order(), retry={"enabled": False})
    await choose(window, "UPI")
    await decide(window, "Fail")
    await expect(heading(window)).to_have_text("The payment failed")
    await expect(window.get_by_role("button", name="Try again")).to_have_count(0)
    await window.locator("main").get_by_role("button", name="Close").click()
    assert [event for event, _ in await till.heard(page, 2)] == ["failed", "dismissed"]


async def test_a_bank_that_does_not_answer_tells_nobody_anything(page: Page, till: Till) -> None:
    order = till.shop.order()
    window = await till.buy(page, order)
    await choose(window, "UPI")
    await decide(window, "Do not answer")
    await expect(heading(window)).to_have_text("The bank does not answer")
    assert till.attempts(order)[0]["status"] == "created"
    assert (till.shop.webhooks(), await till.heard(page, 0)) == ([], [])


async def test_a_bank_that_says_yes_late_is_told_to_the_shop(page: Page, till: Till) -> None:
    order = till.shop.order()
    window = await till.buy(page, order)
    await choose(window, "UPI")
    await decide(window, "Do not answer")
    await expect(heading(window)).to_have_text("The bank does not answer")
    till.shop.control("clock", advance_seconds=601)
    await decide(window, "Let the bank say yes now")
    [(event, triple)] = await till.heard(page, 1)
    assert event == "paid"
    assert till.shop.sdk.utility.verify_payment_signature(triple)
    assert [each["event"] for each in till.shop.webhooks()] == ["payment.failed", *IN_TIME]


async def test_paying_and_closing_the_tab_tells_only_the_webhook(page: Page, till: Till) -> None:
    window = await till.buy(page, till.shop.order())
    await choose(window, "UPI")
    await decide(window, "Pay, then close the tab")
    await expect(heading(page)).to_have_text("The tab was closed")
    assert {each.event for each in till.shop.receiver.take(3)} == set(IN_TIME)
    await page.go_back()
    await expect(heading(page)).to_have_text("A shop")
    assert await till.heard(page, 0) == []


@pytest.mark.parametrize("way", ["escape", "button", "backdrop"])
async def test_leaving_is_told_to_the_page_and_to_no_server(
    page: Page, till: Till, way: str
) -> None:
    order = till.shop.order()
    window = await till.buy(page, order, modal={"backdropclose": True})
    await choose(window, "UPI")
    match way:
        case "escape":
            await page.keyboard.press("Escape")
        case "button":
            await window.get_by_role("button", name="Close the payment window").click()
        case _:
            await page.mouse.click(20, 20)
    assert await till.heard(page, 1) == [["dismissed", None]]
    await expect(page.get_by_role("button", name="Buy")).to_be_focused()
    assert (till.attempts(order), till.shop.webhooks()) == ([], [])


async def test_a_window_that_may_not_be_left_by_escape_or_beside_it_stays(
    page: Page, till: Till
) -> None:
    window = await till.buy(page, till.shop.order(), modal={"escape": False})
    for _ in range(2):
        await page.keyboard.press("Escape")
    await page.mouse.click(20, 20)
    await page.locator("dialog").evaluate("(dialog) => { dialog.tabIndex = -1; dialog.focus(); }")
    for _ in range(3):
        await page.keyboard.press("Escape")
    # A second Escape closes it without asking, and the page opens it again a moment later.
    await expect(page.locator("dialog:modal")).to_be_visible()
    await choose(window, "UPI")
    assert await till.heard(page, 0) == []


async def test_leaving_asks_first_where_the_shop_wants_it(page: Page, till: Till) -> None:
    window = await till.buy(page, till.shop.order(), modal={"confirm_close": True})
    for answer, told in ((Dialog.dismiss, 0), (Dialog.accept, 1)):
        page.once("dialog", answer)
        async with page.expect_event("dialog"):  # the next answer is for the next question
            await window.get_by_role("button", name="Close the payment window").click()
        await till.heard(page, told)


async def test_the_window_closes_by_itself_when_its_time_is_over(page: Page, till: Till) -> None:
    await till.ask(page, till.shop.order(), timeout=1)
    assert await till.heard(page, 1) == [["dismissed", "timeout"]]


async def test_the_page_can_close_the_window_and_is_told_nothing(page: Page, till: Till) -> None:
    await till.buy(page, till.shop.order())
    await page.evaluate("razorpay.close()")
    await expect(page.locator("dialog")).to_have_count(0)
    assert await till.heard(page, 0) == []


async def test_nobody_but_the_window_is_believed(page: Page, till: Till) -> None:
    window = await till.buy(page, till.shop.order())
    forged = {"khata": "paid", "detail": {"razorpay_payment_id": "pay_forged"}}
    await page.evaluate("(message) => postMessage(message, '*')", forged)
    await choose(window, "UPI")
    await decide(window, "Fail")
    assert [event for event, _ in await till.heard(page, 1)] == ["failed"]


async def test_an_order_that_is_promised_or_paid_says_so(page: Page, till: Till) -> None:
    order = till.shop.order(payment={"capture": "manual"})
    payment = till.shop.pay(order)["payment"]
    window = await till.buy(page, order)
    await expect(heading(window)).to_have_text("A payment is under way")
    till.shop.sdk.payment.capture(payment["id"], 150000, {"currency": "INR"})
    window = await till.buy(page, order)
    await expect(heading(window)).to_have_text("Already paid")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"key": "rzp_test_SomebodyElse1"}, "Wrong key"),
        ({"order_id": "order_00000000000000"}, "Unknown order"),
        ({"order_id": ""}, "No order"),
    ],
)
async def test_what_a_shop_got_wrong_is_said_in_the_window(
    page: Page, visitor: Visitor, till: Till, wrong: dict[str, Any], says: str
) -> None:
    visitor.expected.append("the server responded with a status of 4")
    window = await till.buy(page, till.shop.order(), **wrong)
    await expect(heading(window)).to_have_text(says)
    await window.get_by_role("button", name="Close the payment window").click()
    assert await till.heard(page, 1) == [["dismissed", None]]


async def test_a_picture_that_is_too_long_for_an_address_is_left_out(
    page: Page, till: Till
) -> None:
    picture = "data:image/png;base64," + "A" * 100_000
    window = await till.buy(page, till.shop.order(), image=picture)
    await expect(heading(window)).to_have_text("Choose how to pay")
    await expect(window.locator("span.picture")).to_have_text("C")


async def test_a_page_that_may_not_show_the_window_is_told_which_may(
    page: Page, visitor: Visitor, till: Till
) -> None:
    visitor.expected += ["http://shop.example/", "frame-ancestors"]

    async def front(route: Route) -> None:
        path = urlsplit(route.request.url).path.removeprefix("/")
        await route.fulfill(response=await route.fetch(url=till.front.url + path))

    async def sandbox(route: Route) -> None:
        await route.fulfill(response=await route.fetch())

    await page.route("http://shop.example/**", front)
    await page.route("**/v1/checkout.js", sandbox)
    await page.goto("http://shop.example/")
    asked = {"key": KEY_ID, "order_id": till.shop.order()["id"]}
    await page.evaluate("(options) => buy(options)", asked)
    says = "open the shop at 127.0.0.1 or localhost, not at shop.example."
    await expect(page.locator("dialog")).to_contain_text(says)
    await page.get_by_role("button", name="Close").click()
    assert await till.heard(page, 1) == [["dismissed", None]]


async def test_a_callback_address_is_posted_the_triple_and_nothing_else(
    page: Page, till: Till
) -> None:
    window = await till.buy(page, till.shop.order(), callback_url=f"{till.front.url}paid?of=1")
    await choose(window, "Card")
    await decide(window, "Pay ₹1,500.00")
    await expect(heading(page)).to_have_text("Thank you")
    triple = till.front.called_back()
    assert set(triple) == {"razorpay_payment_id", "razorpay_order_id", "razorpay_signature"}
    assert till.shop.sdk.utility.verify_payment_signature(triple)
    assert page.url == f"{till.front.url}paid?of=1"


@pytest.mark.parametrize("decision", ["Pay ₹1,500.00", "Fail"])
async def test_with_a_redirect_the_callback_hears_of_failures_too(
    page: Page, till: Till, decision: str
) -> None:
    order = till.shop.order()
    await till.ask(page, order, callback_url=f"{till.front.url}paid", redirect=True)
    await choose(page, "UPI")
    await decide(page, decision)
    await expect(heading(page)).to_have_text("Thank you")
    told = till.front.called_back()
    if decision == "Fail":
        assert told["error[reason]"] == "payment_failed"
        assert till.attempts(order)[0]["id"] in told["error[metadata]"]
    else:
        assert till.shop.sdk.utility.verify_payment_signature(told)


async def test_without_a_script_the_same_forms_pay(visitor: Visitor, till: Till) -> None:
    page = await visitor.window(javascript=False)
    order = till.shop.order()
    await page.goto(till.hosted(order, callback_url=f"{till.front.url}paid"))
    await choose(page, "Netbanking")
    await decide(page, "Fail")
    await decide(page, "Try again")
    await choose(page, "Card")
    await decide(page, "Pay ₹1,500.00")
    await decide(page, "Back to the shop")
    assert till.shop.sdk.utility.verify_payment_signature(till.front.called_back())
