"""Lists may be behind; what is fetched by its id never is."""

import pytest

from tests.sandbox.shop import Shop

MINUTES_SECONDS = 3 * 60


def test_a_list_that_lags_lacks_what_is_new(shop: Shop) -> None:
    old = shop.order()
    shop.control("clock", advance_seconds=MINUTES_SECONDS + 1)
    shop.control("lists", lag_seconds=MINUTES_SECONDS)
    new = shop.order(receipt="new")
    assert [each["id"] for each in shop.sdk.order.all()["items"]] == [old["id"]]
    assert shop.sdk.order.all({"receipt": "new"})["count"] == 0
    assert shop.sdk.order.fetch(new["id"])["id"] == new["id"]
    shop.control("clock", advance_seconds=MINUTES_SECONDS + 1)
    assert shop.sdk.order.all()["count"] == 2


def test_a_list_that_lags_shows_what_was(shop: Shop) -> None:
    order = shop.order()
    silent = shop.pay(order, outcome="silent")["razorpay_payment_id"]
    shop.control("lists", lag_seconds=MINUTES_SECONDS)
    shop.control("clock", advance_seconds=MINUTES_SECONDS + 1)
    shop.control(f"payments/{silent}/authorize")
    assert shop.sdk.payment.fetch(silent)["status"] == "captured"
    assert shop.sdk.order.fetch(order["id"])["status"] == "paid"
    assert shop.sdk.order.payments(order["id"])["items"][0]["status"] == "captured"
    assert shop.sdk.payment.all()["items"][0]["status"] == "created"
    assert shop.sdk.order.all()["items"][0]["status"] == "attempted"
    shop.control("clock", advance_seconds=MINUTES_SECONDS)
    assert shop.sdk.payment.all()["items"][0]["status"] == "captured"
    assert shop.sdk.order.all()["items"][0]["status"] == "paid"


def test_refunds_of_one_payment_are_never_behind(shop: Shop) -> None:
    payment_id = shop.pay(shop.order())["razorpay_payment_id"]
    shop.control("lists", lag_seconds=MINUTES_SECONDS)
    refund = shop.sdk.payment.refund(payment_id, {})
    assert shop.sdk.refund.all()["count"] == 0
    assert shop.sdk.payment.fetch_multiple_refund(payment_id)["items"] == [refund]


@pytest.mark.parametrize("end", ["lists", "reset"])
def test_lists_catch_up_when_told(shop: Shop, end: str) -> None:
    shop.control("lists", lag_seconds=MINUTES_SECONDS)
    shop.control(end, **({"lag_seconds": 0} if end == "lists" else {}))
    order = shop.order()
    assert shop.sdk.order.all()["items"] == [order]


@pytest.mark.parametrize("body", [{}, {"lag_seconds": -1}, {"lag_seconds": 1e9}, {"lag": 1}])
def test_a_lag_that_cannot_be_says_what_could(shop: Shop, body: dict[str, object]) -> None:
    answer = shop.http.post("/_sandbox/lists", json=body)
    assert answer.status_code == 422
    assert "Fields of this call: lag_seconds" in answer.json()["error"]["description"]
