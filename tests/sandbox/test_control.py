"""The control calls say what to do when they are misused."""

from typing import Any

import pytest

from src.http.sandbox.credentials import check_this_machine
from src.http.sandbox.refusals import Refusal
from tests.sandbox.shop import Shop

HERE = {b"host": b"127.0.0.1:8001"}


@pytest.mark.parametrize(
    ("call", "body", "says"),
    [
        ("orders/{}/pay", {"colour": "red"}, "Fields of this call: method, outcome"),
        ("orders/{}/pay", {"outcome": "perhaps"}, "Invalid enum value 'perhaps'"),
        ("orders/{}/pay", {"outcome": "failed", "reason": "moody"}, "insufficient_funds"),
        ("orders/{}/pay", {"reason": "card_declined"}, '"outcome": "failed"'),
        ("webhooks/plan", {"duplicate": 0}, "Fields of this call: drop"),
        ("webhooks/plan", {"lose": 1}, "Fields of this call: drop"),
        ("faults", {"operation": "*", "fault": "explode"}, "Invalid enum value 'explode'"),
        ("faults", {"operation": "*", "fault": "hang", "times": 0}, "Fields of this call"),
        ("clock", {}, "advance_seconds"),
        ("clock", {"advance_seconds": -1}, "Fields of this call: advance_seconds"),
        ("reset", {"all": True}, "Fields of this call: seed"),
        ("webhooks/flush", {"all": True}, "Fields of this call: none"),
    ],
)
def test_a_wrong_body_is_refused_with_what_would_be_right(
    shop: Shop, call: str, body: dict[str, Any], says: str
) -> None:
    path = f"/_sandbox/{call.format(shop.order()['id'])}"
    answer = shop.http.post(path, json=body)
    assert answer.status_code == 422
    assert says in answer.json()["error"]["description"]


def test_control_needs_no_key(shop: Shop) -> None:
    answer = shop.http.get("/_sandbox/webhooks", auth=lambda request: request)
    assert answer.status_code == 200


def test_an_unknown_order_or_payment_is_404(shop: Shop) -> None:
    for path in ("orders/order_00000000000000/pay", "payments/pay_00000000000000/authorize"):
        answer = shop.http.post(f"/_sandbox/{path}", json={})
        assert answer.status_code == 404
        assert "GET /v1/" in answer.json()["error"]["description"]


def test_an_unknown_control_call_lists_the_known_ones(shop: Shop) -> None:
    answer = shop.http.get("/_sandbox/everything")
    assert answer.status_code == 404
    assert "POST /_sandbox/orders/{}/pay" in answer.json()["error"]["description"]


def test_only_a_captured_payment_is_disputed_and_only_an_open_one_authorized(shop: Shop) -> None:
    failed = shop.pay(shop.order(), outcome="failed")["razorpay_payment_id"]
    captured = shop.pay(shop.order())["razorpay_payment_id"]
    for path in (f"payments/{failed}/dispute", f"payments/{captured}/authorize"):
        assert shop.http.post(f"/_sandbox/{path}", json={}).status_code == 409


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_this_machine_may_call_control(address: str) -> None:
    check_this_machine((address, 4711), HERE)


@pytest.mark.parametrize("client", [("192.0.2.1", 4711), None])
def test_another_machine_may_not(client: tuple[str, int] | None) -> None:
    with pytest.raises(Refusal) as refused:
        check_this_machine(client, HERE)
    assert refused.value.status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "http://127.0.0.1.elsewhere.example:8001"},
        {"Origin": "null"},
        {"Host": "elsewhere.example:8001"},
        {"Host": "elsewhere.example:8001", "Origin": "http://elsewhere.example:8001"},
    ],
)
def test_a_page_from_elsewhere_may_not_either(shop: Shop, headers: dict[str, str]) -> None:
    body = {"secret": "known elsewhere"}
    answer = shop.http.post("/_sandbox/webhooks/secret", json=body, headers=headers)
    assert answer.status_code == 403
    assert "code" in answer.json()["error"]


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:1"])
def test_a_page_of_this_machine_may(shop: Shop, origin: str) -> None:
    answer = shop.http.post("/_sandbox/webhooks/flush", headers={"Origin": origin})
    assert answer.status_code == 200
