"""Every way in which the API can be told to fail."""

import httpx
import pytest
import requests

from tests.sandbox.shop import Shop

WISH = {"amount": 500, "currency": "INR", "receipt": "session-1"}


def test_a_hung_call_ends_only_with_the_callers_patience(shop: Shop) -> None:
    shop.control("faults", operation="order.create", fault="hang", times=1)
    with pytest.raises(requests.exceptions.ReadTimeout):
        shop.sdk.order.create(WISH, timeout=0.2)
    assert shop.sdk.order.all()["count"] == 0
    assert shop.order()["status"] == "created"


def test_a_reset_call_did_nothing(shop: Shop) -> None:
    shop.control("faults", operation="order.create", fault="reset", times=1)
    with pytest.raises(requests.exceptions.ConnectionError):
        shop.order()
    assert shop.sdk.order.all()["count"] == 0


def test_a_dropped_answer_hides_what_was_done(shop: Shop) -> None:
    shop.control("faults", operation="order.create", fault="commit_then_drop", times=1)
    with pytest.raises(requests.exceptions.ConnectionError):
        shop.order()
    assert shop.sdk.order.all({"receipt": "session-1"})["count"] == 1


def test_a_dropped_capture_is_captured(shop: Shop) -> None:
    payment_id = shop.pay(shop.order(), outcome="authorized")["razorpay_payment_id"]
    shop.control("faults", operation="payment.capture", fault="commit_then_drop")
    with pytest.raises(requests.exceptions.ConnectionError):
        shop.sdk.payment.capture(payment_id, 150000, {"currency": "INR"})
    assert shop.sdk.payment.fetch(payment_id)["captured"] is True


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ("http_500", 500, "application/json"),
        ("html_502", 502, "text/html"),
        ("http_429", 429, "application/json"),
    ],
)
def test_a_bad_answer_comes_as_often_as_it_was_planned(
    shop: Shop, fault: str, status: int, kind: str
) -> None:
    shop.control("faults", operation="order.fetch", fault=fault, times=2)
    order = shop.order()
    answers = [shop.http.get(f"/v1/orders/{order['id']}") for _ in range(3)]
    assert [each.status_code for each in answers] == [status, status, 200]
    assert answers[0].headers["content-type"] == kind


def test_the_sdk_sees_a_server_error(shop: Shop) -> None:
    shop.control("faults", operation="*", fault="http_500")
    with pytest.raises(shop.sdk_errors.ServerError, match="facing some trouble"):
        shop.sdk.order.all()


def test_a_star_fails_every_operation_but_no_control_call(shop: Shop) -> None:
    shop.control("faults", operation="*", fault="http_500", times=2)
    assert shop.control("clock", advance_seconds=0)
    statuses = [shop.http.get(path).status_code for path in ("/v1/orders", "/v1/payments")]
    assert statuses == [500, 500]
    assert shop.http.get("/v1/orders").status_code == 200


def test_an_unknown_operation_is_refused_with_the_known_ones(shop: Shop) -> None:
    answer: httpx.Response = shop.http.post(
        "/_sandbox/faults", json={"operation": "order.destroy", "fault": "hang", "times": 1}
    )
    assert answer.status_code == 422
    assert "order.create" in answer.json()["error"]["description"]
