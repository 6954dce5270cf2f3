"""The life of a payment, from the first attempt to the last refund."""

from pathlib import Path
from typing import Any

import pytest
from razorpay.errors import BadRequestError

from src.http.sandbox import control_payments, orders, payments
from src.http.sandbox.account import Account
from src.http.sandbox.call import Call
from src.http.sandbox.refusals import Refusal
from tests.sandbox.shop import Shop, differences, published, settings_for

TEN_MINUTES, THREE_DAYS = 10 * 60, 3 * 24 * 60 * 60


def events(shop: Shop) -> list[str]:
    return [each["event"] for each in shop.webhooks()]


@pytest.mark.parametrize("method", ["netbanking", "upi", "wallet"])
def test_a_payment_has_the_published_keys_in_the_published_order(shop: Shop, method: str) -> None:
    paid = shop.pay(shop.order(), method=method)
    payment = shop.sdk.payment.fetch(paid["razorpay_payment_id"])
    theirs = published(f"rest.payment.fetch.{method}.json")
    # The published UPI payment shows only the first of the two references.
    ours = {**payment, "acquirer_data": theirs["acquirer_data"]}
    assert differences(ours, theirs) == []


def test_a_failed_and_a_captured_upi_payment_look_as_published(shop: Shop) -> None:
    order = shop.order(notes={"a": "b"})
    shop.pay(order, outcome="failed", reason="gateway_technical_error")
    shop.pay(order)
    theirs = published("rest.order.payments.success.json")["items"]
    for ours, their in zip(shop.sdk.order.payments(order["id"])["items"], theirs, strict=True):
        assert list(ours) == list(their)
        assert list(ours["acquirer_data"]) == list(their["acquirer_data"])


def test_a_card_is_shown_only_when_asked_for(shop: Shop) -> None:
    payment_id = shop.pay(shop.order(), method="card")["razorpay_payment_id"]
    plain = shop.sdk.payment.fetch(payment_id)
    expanded = shop.sdk.payment.fetch(payment_id, {"expand[]": "card"})
    assert "card" not in plain
    assert expanded["card"]["id"] == plain["card_id"]


def test_paying_pays_the_order_and_answers_a_signature_the_sdk_accepts(shop: Shop) -> None:
    order = shop.order()
    paid = shop.pay(order)
    triple = {key: value for key, value in paid.items() if key != "payment"}
    assert shop.sdk.utility.verify_payment_signature(triple)
    after = shop.sdk.order.fetch(order["id"])
    assert (after["status"], after["amount_paid"], after["amount_due"]) == ("paid", 150000, 0)


def test_the_fee_is_two_percent_and_tax_known_only_after_capture(shop: Shop) -> None:
    authorized = shop.pay(shop.order(), outcome="authorized")["payment"]
    captured = shop.pay(shop.order())["payment"]
    assert (authorized["fee"], authorized["tax"]) == (None, None)
    assert (captured["fee"], captured["tax"]) == (3540, 540)


def test_a_manual_order_stays_authorized_until_the_api_captures_it(shop: Shop) -> None:
    order = shop.order(payment={"capture": "manual"})
    payment_id = shop.pay(order)["razorpay_payment_id"]
    assert shop.sdk.payment.fetch(payment_id)["status"] == "authorized"
    captured = shop.sdk.payment.capture(payment_id, 150000, {"currency": "INR"})
    assert (captured["status"], captured["captured"]) == ("captured", True)
    assert events(shop) == ["payment.authorized", "payment.captured", "order.paid"]


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        ({"amount": 149999}, "Capture amount must be equal to the amount authorized."),
        ({"amount": 150000, "currency": "USD"}, "Capture amount must be equal"),
        ({}, "The amount field is required."),
    ],
)
def test_only_exactly_what_was_authorized_is_captured(
    shop: Shop, wish: dict[str, Any], refusal: str
) -> None:
    payment_id = shop.pay(shop.order(), outcome="authorized")["razorpay_payment_id"]
    answer = shop.http.post(f"/v1/payments/{payment_id}/capture", json=wish)
    assert answer.status_code == 400
    assert answer.json()["error"]["description"].startswith(refusal)


def test_a_capture_amount_that_is_no_integer_is_refused_as_published(shop: Shop) -> None:
    payment_id = shop.pay(shop.order(), outcome="authorized")["razorpay_payment_id"]
    answer = shop.http.post(f"/v1/payments/{payment_id}/capture", json={"amount": "1"})
    assert answer.json() == published("rest.payment.capture.failure.json")


def test_a_captured_payment_is_not_captured_again(shop: Shop) -> None:
    payment_id = shop.pay(shop.order())["razorpay_payment_id"]
    with pytest.raises(BadRequestError, match="This payment has already been captured"):
        shop.sdk.payment.capture(payment_id, 150000, {"currency": "INR"})


def test_a_failure_names_its_reason_and_leaves_the_order_payable(shop: Shop) -> None:
    order = shop.order()
    failed = shop.pay(order, outcome="failed", reason="insufficient_funds")["payment"]
    assert (failed["status"], failed["error_reason"]) == ("failed", "insufficient_funds")
    assert shop.sdk.order.fetch(order["id"])["status"] == "attempted"
    assert shop.pay(order)["payment"]["status"] == "captured"


def test_no_second_attempt_while_one_is_authorized(shop: Shop) -> None:
    order = shop.order()
    shop.pay(order, outcome="authorized")
    answer = shop.http.post(f"/_sandbox/orders/{order['id']}/pay", json={})
    assert answer.status_code == 409
    assert "capture it first" in answer.json()["error"]["description"]


def test_a_bank_that_stays_silent_fails_the_payment_after_ten_minutes(shop: Shop) -> None:
    silent = shop.pay(shop.order(), outcome="silent")
    assert (silent["payment"]["status"], events(shop)) == ("created", [])
    shop.control("clock", advance_seconds=TEN_MINUTES)
    payment = shop.sdk.payment.fetch(silent["razorpay_payment_id"])
    assert (payment["status"], payment["error_reason"]) == ("failed", "payment_timed_out")
    assert events(shop) == ["payment.failed"]


def test_a_failed_payment_can_be_authorized_late_and_is_then_captured(shop: Shop) -> None:
    order = shop.order()
    failed = shop.pay(order, outcome="failed")
    late = shop.control(f"payments/{failed['razorpay_payment_id']}/authorize")["payment"]
    assert (late["status"], late["error_code"], late["late_authorized"]) == ("captured", None, True)
    assert shop.sdk.order.fetch(order["id"])["status"] == "paid"
    assert events(shop) == [
        "payment.failed", "payment.authorized", "payment.captured", "order.paid",
    ]  # fmt: skip


def test_a_payment_authorized_after_the_capture_window_goes_back_by_itself(shop: Shop) -> None:
    failed = shop.pay(shop.order(), outcome="failed")
    shop.control("clock", advance_seconds=THREE_DAYS)
    late = shop.control(f"payments/{failed['razorpay_payment_id']}/authorize")["payment"]
    assert (late["status"], late["captured"], late["refund_status"]) == ("refunded", False, "full")


def test_a_second_payment_of_a_paid_order_goes_back_by_itself(shop: Shop) -> None:
    order = shop.order()
    shop.pay(order)
    second = shop.pay(order)["payment"]
    assert (second["status"], second["captured"]) == ("refunded", False)
    assert shop.sdk.order.fetch(order["id"])["amount_paid"] == 150000
    assert events(shop)[3:] == ["payment.authorized", "refund.created", "refund.processed"]


def test_what_nobody_captures_in_three_days_goes_back_by_itself(shop: Shop) -> None:
    authorized = shop.pay(shop.order(), outcome="authorized")
    shop.control("clock", advance_seconds=THREE_DAYS)
    payment = shop.sdk.payment.fetch(authorized["razorpay_payment_id"])
    assert (payment["status"], payment["captured"]) == ("refunded", False)


def test_razorpay_captures_by_itself_when_told(shop: Shop) -> None:
    authorized = shop.pay(shop.order(), outcome="authorized")
    captured = shop.control(f"payments/{authorized['razorpay_payment_id']}/capture")["payment"]
    assert captured["status"] == "captured"
    again = shop.http.post(f"/_sandbox/payments/{captured['id']}/capture", json={})
    assert again.status_code == 409


def test_what_was_authorized_on_an_order_paid_meanwhile_goes_back(shop: Shop) -> None:
    order = shop.order()
    silent = shop.pay(order, outcome="silent")["razorpay_payment_id"]
    authorized = shop.pay(order, outcome="authorized")["razorpay_payment_id"]
    shop.control(f"payments/{silent}/authorize")
    with pytest.raises(BadRequestError, match="the order is already paid"):
        shop.sdk.payment.capture(authorized, 150000, {"currency": "INR"})
    assert shop.control(f"payments/{authorized}/capture")["payment"]["status"] == "refunded"
    assert shop.sdk.order.fetch(order["id"])["amount_due"] == 0


def test_a_payment_has_one_operation_at_a_time(tmp_path: Path) -> None:
    account = Account(settings_for(tmp_path / "sandbox.db"), wall=lambda: 1_800_000_000.0)
    body = b'{"amount": 500, "currency": "INR"}'
    order = orders.create(account, Call((), b"", body, {}))
    paid = control_payments.pay(account, Call((order.id,), b"", b'{"outcome": "authorized"}', {}))
    capture = Call((paid.payment.id,), b"", body, {})
    payments.capture(account, capture)
    with pytest.raises(Refusal, match="another payment operation is in progress"):
        payments.capture(account, capture)
    account.store.close()
    account = Account(settings_for(tmp_path / "sandbox.db"), wall=lambda: 1_800_000_000.0)
    with pytest.raises(Refusal, match="already been captured"):
        payments.capture(account, capture)
    account.store.close()


def test_payments_are_listed_newest_first(shop: Shop) -> None:
    first, second = shop.pay(shop.order()), shop.pay(shop.order())
    listed = shop.sdk.payment.all()
    assert [each["id"] for each in listed["items"]] == [
        second["razorpay_payment_id"],
        first["razorpay_payment_id"],
    ]
