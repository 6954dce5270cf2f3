"""Refunds, and that a repeated wish is one refund."""

from pathlib import Path
from typing import Any

import pytest
from razorpay.errors import BadRequestError

from src.http.sandbox import control_payments, orders, refunds
from src.http.sandbox.account import Account
from src.http.sandbox.call import Call
from src.http.sandbox.refusals import Refusal
from tests.sandbox.shop import Shop, differences, published, settings_for

KEY = "refund-command-1"


def refund_keyed(shop: Shop, payment_id: str, key: str, **wish: object) -> dict[str, Any]:
    refund: dict[str, Any] = shop.sdk.payment.refund(
        payment_id, wish, headers={"X-Refund-Idempotency": key}
    )
    return refund


@pytest.fixture
def payment_id(shop: Shop) -> str:
    return str(shop.pay(shop.order())["razorpay_payment_id"])


def test_a_refund_has_the_published_keys_in_the_published_order(
    shop: Shop, payment_id: str
) -> None:
    notes = {"notes_key_1": "Beam me up Scotty.", "notes_key_2": "Engage"}
    refund = shop.sdk.payment.refund(payment_id, {"amount": 10000, "notes": notes})
    assert differences(refund, published("rest.refund.entity.entity.json")) == []
    assert shop.sdk.refund.fetch(refund["id"]) == refund
    assert shop.sdk.payment.fetch_refund_id(payment_id, refund["id"]) == refund


def test_parts_make_a_payment_partly_and_then_fully_refunded(shop: Shop, payment_id: str) -> None:
    shop.sdk.payment.refund(payment_id, {"amount": 50000})
    part = shop.sdk.payment.fetch(payment_id)
    assert (part["status"], part["refund_status"], part["amount_refunded"]) == (
        "captured", "partial", 50000,
    )  # fmt: skip
    assert shop.sdk.payment.refund(payment_id, {})["amount"] == 100000
    full = shop.sdk.payment.fetch(payment_id)
    assert (full["status"], full["refund_status"], full["captured"]) == ("refunded", "full", True)
    assert shop.sdk.order.fetch(full["order_id"])["status"] == "paid"
    listed = shop.sdk.payment.fetch_multiple_refund(payment_id)
    assert list(listed) == list(published("rest.refund.list.success.json"))
    assert listed["items"] == shop.sdk.refund.all()["items"]


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        ({"amount": 150001}, "The refund amount provided is greater than amount captured."),
        ({"amount": 0}, "Amount cannot be blank."),
        ({"amount": 1.5}, "The amount must be an integer."),
        ({"speed": "fast"}, "The selected speed is invalid."),
        ({"reverse_all": 1}, "reverse_all is not required and should not be sent"),
    ],
)
def test_a_refund_that_cannot_be_is_refused(
    shop: Shop, payment_id: str, wish: dict[str, Any], refusal: str
) -> None:
    answer = shop.http.post(f"/v1/payments/{payment_id}/refund", json=wish)
    assert (answer.status_code, answer.json()["error"]["description"]) == (400, refusal)
    assert shop.sdk.refund.all()["count"] == 0


def test_less_than_a_rupee_is_refused_as_published(shop: Shop, payment_id: str) -> None:
    answer = shop.http.post(f"/v1/payments/{payment_id}/refund", json={"amount": 99})
    assert answer.json() == published("rest.refund.create_normal.failure.json")


def test_only_a_captured_payment_can_be_refunded(shop: Shop) -> None:
    payment_id = shop.pay(shop.order(), outcome="authorized")["razorpay_payment_id"]
    with pytest.raises(BadRequestError, match="The payment status should be captured"):
        shop.sdk.payment.refund(payment_id, {})


def test_a_fully_refunded_payment_says_so(shop: Shop, payment_id: str) -> None:
    shop.sdk.payment.refund(payment_id, {})
    with pytest.raises(BadRequestError, match="has been fully refunded already"):
        shop.sdk.payment.refund(payment_id, {})


def test_the_same_key_and_body_are_one_refund(shop: Shop, payment_id: str) -> None:
    first = refund_keyed(shop, payment_id, KEY, amount=500, receipt="r-1")
    assert refund_keyed(shop, payment_id, KEY, receipt="r-1", amount=500) == first
    assert shop.sdk.payment.fetch(payment_id)["amount_refunded"] == 500


def test_the_same_key_with_another_body_is_409(shop: Shop, payment_id: str) -> None:
    refund_keyed(shop, payment_id, KEY, amount=500)
    answer = shop.http.post(
        f"/v1/payments/{payment_id}/refund",
        json={"amount": 600},
        headers={"X-Refund-Idempotency": KEY},
    )
    assert answer.status_code == 409
    assert answer.json() == published("rest.refund.create_idempotent.failure.json")


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("short", "must be at least 10 characters long."),
        ("with spaces in it", "must only contain alphanumeric characters"),
        ("a.key.with.dots", "must only contain alphanumeric characters"),
    ],
)
def test_a_malformed_key_is_400(shop: Shop, payment_id: str, key: str, says: str) -> None:
    with pytest.raises(BadRequestError, match=says):
        refund_keyed(shop, payment_id, key, amount=500)


def test_the_payment_can_be_named_in_the_body(shop: Shop, payment_id: str) -> None:
    wish = {"payment_id": payment_id, "amount": 500, "receipt": "r-1"}
    refund = shop.sdk.refund.create(wish, headers={"X-Refund-Idempotency": KEY})
    assert (refund["payment_id"], refund["amount"]) == (payment_id, 500)
    assert refund_keyed(shop, payment_id, KEY, amount=500, receipt="r-1") == refund
    with pytest.raises(BadRequestError, match="The payment id field is required"):
        shop.sdk.refund.create({"amount": 500})


def test_a_repeated_key_is_told_to_wait_until_the_first_is_committed(tmp_path: Path) -> None:
    account = Account(settings_for(tmp_path / "sandbox.db"), wall=lambda: 1_800_000_000.0)
    order = orders.create(account, Call((), b"", b'{"amount": 500, "currency": "INR"}', {}))
    payment_id = control_payments.pay(account, Call((order.id,), b"", b"", {})).payment.id
    account.occupied_payments.clear()
    call = Call((payment_id,), b"", b"{}", {b"x-refund-idempotency": KEY.encode()})
    refunds.create(account, call)
    with pytest.raises(Refusal, match="same idempotency key is still in progress") as refused:
        refunds.create(account, call)
    assert refused.value.status == 409
    account.store.close()


def test_a_refund_receipt_cannot_be_used_twice(shop: Shop, payment_id: str) -> None:
    shop.sdk.payment.refund(payment_id, {"amount": 500, "receipt": "r-1"})
    with pytest.raises(BadRequestError, match="Duplicate receipt found for this refund request"):
        shop.sdk.payment.refund(payment_id, {"amount": 500, "receipt": "r-1"})
