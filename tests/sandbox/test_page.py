"""What the payment window believes, shows and refuses; no browser is needed for it."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from src.http.sandbox.methods import REASONS
from tests.sandbox.shop import KEY_ID, TIMEOUT_SECONDS, Shop

CARD = {
    "card[number]": "4111 1111 1111 1111",
    "card[expiry]": "12/39",
    "card[cvv]": "123",
    "card[name]": "Asha",
}
WAYS: dict[str, dict[str, str]] = {
    "upi": {"vpa": "success@razorpay"},
    "card": CARD,
    "netbanking": {"bank": "SBIN"},
    "wallet": {"wallet": "mobikwik"},
}
DECLINED = {
    "upi": {"vpa": "failure@razorpay"},
    "card": {**CARD, "card[number]": "4" + "0" * 14 + "2"},
}


@pytest.fixture
def browser(shop: Shop) -> Iterator[httpx.Client]:
    """Somebody without a secret."""
    url = str(shop.http.base_url)
    with httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS, trust_env=False) as client:
        yield client


def visit(order: dict[str, Any], **fields: str) -> dict[str, str]:
    return {"key_id": KEY_ID, "order_id": order["id"], **fields}


def decide(
    browser: httpx.Client,
    order: dict[str, Any],
    decision: str,
    method: str = "upi",
    **fields: str,
) -> httpx.Response:
    form = {**visit(order), "method": method, **WAYS[method], "decision": decision, **fields}
    return browser.post("/v1/checkout/payments", data=form)


def latest(shop: Shop, order: dict[str, Any]) -> dict[str, Any]:
    payments: list[dict[str, Any]] = shop.sdk.order.payments(order["id"])["items"]
    return payments[-1]


def test_what_a_page_includes_needs_no_key(browser: httpx.Client) -> None:
    kinds = {
        "/v1/checkout.js": "text/javascript; charset=utf-8",
        "/v1/checkout/page.js": "text/javascript; charset=utf-8",
        "/v1/checkout/page.css": "text/css; charset=utf-8",
        "/v1/checkout/theme.css?colour=0b57a4": "text/css; charset=utf-8",
        "/v1/checkout/closed": "text/html; charset=utf-8",
    }
    answers = {path: browser.get(path) for path in kinds}
    assert {each.status_code for each in answers.values()} == {200}
    assert {path: each.headers["content-type"] for path, each in answers.items()} == kinds


def test_nothing_runs_in_the_window_but_its_own_script(shop: Shop, browser: httpx.Client) -> None:
    asked = visit(shop.order(), callback_url="https://shop.example:8443/paid?of=1")
    answer = browser.get("/v1/checkout/embedded", params=asked)
    policy = dict(
        part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; ")
    )
    here = "http://127.0.0.1:* http://localhost:*"
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": f"'self' data: {here}",
        "form-action": f"'self' {here} https://shop.example:8443",
        "frame-ancestors": here,
        "base-uri": "'none'",
    }
    assert re.findall(r"<script(?![^>]* src=)|<style| style=| on\w+=", answer.text) == []


def test_what_a_shop_says_is_text_and_never_markup(shop: Shop, browser: httpx.Client) -> None:
    said = "data:image/png,\"><script>alert('$main')</script>"
    order = shop.order()
    for field in ("name", "description", "prefill[email]", "prefill[vpa]", "image"):
        answer = browser.post("/v1/checkout/embedded", data=visit(order, **{field: said}))
        assert "<script>alert" not in answer.text
        assert "&lt;script&gt;alert(&#x27;$main&#x27;)" in answer.text


def test_the_amount_is_the_orders_whatever_the_browser_says(
    shop: Shop, browser: httpx.Client
) -> None:
    order = shop.order(amount=12345600)
    asked = visit(order, amount="100", currency="USD")
    assert "₹1,23,456.00" in browser.get("/v1/checkout/embedded", params=asked).text
    decide(browser, order, "pay", amount="100", currency="USD")
    assert latest(shop, order)["amount"] == 12345600


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"key_id": "rzp_test_SomebodyElse1"}, 401, "Wrong key"),
        ({"key_id": ""}, 401, "Wrong key"),
        ({"order_id": ""}, 400, "No order"),
        ({"order_id": "order_00000000000000"}, 404, "Unknown order"),
    ],
)
def test_every_step_asks_whose_order_it_is(
    shop: Shop, browser: httpx.Client, fields: dict[str, str], status: int, says: str
) -> None:
    form = {**visit(shop.order()), **WAYS["upi"], "decision": "pay", **fields}
    for step in ("embedded", "bank", "payments", "late"):
        answer = browser.post(f"/v1/checkout/{step}", data=form)
        assert (step, answer.status_code, says in answer.text) == (step, status, True)
    assert shop.webhooks() == []


@pytest.mark.parametrize("method", WAYS)
def test_a_payment_has_what_the_customer_and_the_shop_said(
    shop: Shop, browser: httpx.Client, method: str
) -> None:
    order = shop.order()
    prefilled = {"prefill[email]": "asha@shop.example", "prefill[contact]": "+919876543210"}
    fields = {**prefilled, "description": "Tea", "notes[cart]": "17"}
    assert "Paid" in decide(browser, order, "pay", method, **fields).text
    payment = latest(shop, order)
    said = {name: payment[name] for name in ("method", "email", "contact", "description", "notes")}
    assert said == {
        "method": method,
        "email": "asha@shop.example",
        "contact": "+919876543210",
        "description": "Tea",
        "notes": {"cart": "17"},
    }
    if method == "card":
        card = shop.sdk.payment.fetch(payment["id"], {"expand[]": "card"})["card"]
        assert (card["last4"], card["name"], card["network"]) == ("1111", "Asha", "Visa")
    else:
        [(name, value)] = WAYS[method].items()
        assert payment[name] == value


def test_the_bank_can_say_no_for_every_reason(shop: Shop, browser: httpx.Client) -> None:
    order = shop.order()
    offered = browser.post("/v1/checkout/bank", data={**visit(order), **WAYS["upi"]}).text
    for reason, why in REASONS.items():
        assert f'<option value="{reason}"' in offered
        answer = decide(browser, order, "fail", reason=reason)
        assert why.description.split("'")[0] in answer.text
        assert latest(shop, order)["error_reason"] == reason


@pytest.mark.parametrize("method", DECLINED)
def test_what_is_always_declined_is_never_paid_with(
    shop: Shop, browser: httpx.Client, method: str
) -> None:
    order = shop.order()
    for decision in ("pay", "vanish", "", "whatever"):
        answer = decide(browser, order, decision, method, **DECLINED[method])
        assert "always declined" in answer.text
        assert 'value="pay"' not in answer.text
    assert shop.sdk.order.fetch(order["id"])["attempts"] == 0


@pytest.mark.parametrize(
    ("method", "fields", "says"),
    [
        ("upi", {"vpa": "nobody"}, "A UPI ID looks like"),
        ("card", {"card[number]": "4242 4242 4242 4242"}, "Only the test cards"),
        ("card", {"card[expiry]": "13/39"}, "An expiry looks like"),
        ("card", {"card[expiry]": "01/20"}, "has expired"),
        ("card", {"card[cvv]": "1"}, "A CVV has"),
        ("netbanking", {"bank": "NONE"}, "Choose one"),
        ("wallet", {"wallet": "purse"}, "Choose one"),
    ],
)
def test_what_cannot_be_read_is_asked_again(
    shop: Shop, browser: httpx.Client, method: str, fields: dict[str, str], says: str
) -> None:
    order = shop.order()
    form = {**visit(order), "method": method, **WAYS[method], **fields, "decision": "pay"}
    for step in ("bank", "payments"):
        answer = browser.post(f"/v1/checkout/{step}", data=form)
        assert says in answer.text
        assert 'aria-invalid="true"' in answer.text
    assert shop.sdk.order.fetch(order["id"])["attempts"] == 0


def test_an_order_is_paid_once(shop: Shop, browser: httpx.Client) -> None:
    order = shop.order()
    decide(browser, order, "pay")
    assert "Already paid" in decide(browser, order, "pay").text
    assert shop.sdk.order.fetch(order["id"])["attempts"] == 1


def test_a_promised_order_takes_no_second_payment(shop: Shop, browser: httpx.Client) -> None:
    order = shop.order(payment={"capture": "manual"})
    decide(browser, order, "pay")
    assert latest(shop, order)["status"] == "authorized"
    assert "A payment is under way" in decide(browser, order, "pay").text


def test_a_late_yes_belongs_to_the_order_of_its_payment(shop: Shop, browser: httpx.Client) -> None:
    order, other = shop.order(), shop.order(receipt="session-2")
    decide(browser, order, "silent")
    form = {"payment_id": latest(shop, order)["id"]}
    assert browser.post("/v1/checkout/late", data={**visit(other), **form}).status_code == 404
    assert "Paid" in browser.post("/v1/checkout/late", data={**visit(order), **form}).text
    assert latest(shop, order)["status"] == "captured"
    assert "Paid" in browser.post("/v1/checkout/late", data={**visit(order), **form}).text


def test_a_late_yes_for_a_paid_order_sends_the_money_back(
    shop: Shop, browser: httpx.Client
) -> None:
    order = shop.order()
    decide(browser, order, "silent")
    form = {"payment_id": latest(shop, order)["id"]}
    decide(browser, order, "pay")
    answer = browser.post("/v1/checkout/late", data={**visit(order), **form})
    assert "Sent back" in answer.text
    assert shop.sdk.payment.fetch(form["payment_id"])["status"] == "refunded"


def test_a_form_has_a_limit(browser: httpx.Client) -> None:
    answer = browser.post("/v1/checkout/embedded", data={f"notes[{at}]": "x" for at in range(200)})
    assert answer.status_code == 400


def test_nobody_is_sent_to_a_script(shop: Shop, browser: httpx.Client) -> None:
    addresses = {"callback_url": "javascript:alert(1)", "cancel_url": "javascript:alert(2)"}
    asked = visit(shop.order(), **addresses)
    page = browser.get("/v1/checkout/embedded", params=asked).text
    assert 'href="javascript:' not in page
    assert 'action="javascript:' not in decide(browser, shop.order(), "pay", **addresses).text
