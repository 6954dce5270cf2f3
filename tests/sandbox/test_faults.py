"""Every way in which the API can be told to fail."""

from concurrent.futures import ThreadPoolExecutor

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
        ("http_429_bare", 429, "application/json"),
        ("http_401", 401, "application/json"),
        ("html_504", 504, "text/html"),
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


@pytest.mark.parametrize(("fault", "says"), [("empty_200", b""), ("not_json_200", b"<html>")])
def test_a_good_status_can_say_nothing_of_use(shop: Shop, fault: str, says: bytes) -> None:
    shop.control("faults", operation="order.create", fault=fault, times=2)
    answer = shop.http.post("/v1/orders", json=WISH)
    assert (answer.status_code, answer.content[: len(says) or None]) == (200, says)
    with pytest.raises(requests.exceptions.JSONDecodeError):
        shop.order()
    assert shop.sdk.order.all()["count"] == 0


def test_a_bare_429_has_no_error_code(shop: Shop) -> None:
    shop.control("faults", operation="order.create", fault="http_429_bare")
    assert shop.http.post("/v1/orders", json=WISH).json() == {"message": "Too many requests"}
    shop.control("faults", operation="order.create", fault="http_429_bare")
    with pytest.raises(shop.sdk_errors.ServerError):
        shop.order()


def test_a_500_can_hide_what_was_done(shop: Shop) -> None:
    shop.control("faults", operation="order.create", fault="commit_then_500")
    with pytest.raises(shop.sdk_errors.ServerError):
        shop.order()
    assert shop.sdk.order.all({"receipt": "session-1"})["count"] == 1


def test_a_slow_answer_comes_after_everything_was_done(shop: Shop) -> None:
    shop.control("faults", operation="order.create", fault="slow", seconds=300)
    with ThreadPoolExecutor(1) as other:
        asked = other.submit(shop.http.post, "/v1/orders", json=WISH)
        while not (orders := shop.sdk.order.all()["items"]) and not asked.done():
            pass  # It is made at any moment; the answer, or its time-out, would end the wait.
        assert shop.pay(orders[0], outcome="failed")["payment"]["status"] == "failed"
        assert shop.receiver.next().event == "payment.failed"
        assert not asked.done()
        shop.control("clock", advance_seconds=300)
        assert asked.result().json()["id"] == orders[0]["id"]


def test_a_slow_refusal_is_as_slow(shop: Shop) -> None:
    shop.control("faults", operation="order.create", fault="slow", seconds=0)
    assert shop.http.post("/v1/orders", json={}).status_code == 400


def test_a_fault_about_one_id_waits_for_it(shop: Shop) -> None:
    order, other = shop.order(), shop.order()
    shop.control("faults", operation="*", fault="http_500", about=order["id"], times=2)
    shop.control("faults", operation="order.create", fault="http_500", about="session-9")
    assert shop.http.get(f"/v1/orders/{other['id']}").status_code == 200
    assert shop.http.get(f"/v1/orders/{order['id']}/payments").status_code == 500
    assert shop.http.get(f"/v1/orders/{order['id']}").status_code == 500
    assert shop.order(receipt="session-8")["status"] == "created"
    with pytest.raises(shop.sdk_errors.ServerError):
        shop.order(receipt="session-9")


def test_what_is_planned_is_listed_cleared_and_bounded(shop: Shop) -> None:
    for _ in range(100):
        shop.control("faults", operation="order.create", fault="hang")
    one_more = {"operation": "order.create", "fault": "hang"}
    assert shop.http.post("/_sandbox/faults", json=one_more).status_code == 409
    assert len(shop.http.get("/_sandbox/faults").json()["planned"]) == 100
    assert shop.control("faults/clear") == {"planned": []}
    assert shop.order()["status"] == "created"
