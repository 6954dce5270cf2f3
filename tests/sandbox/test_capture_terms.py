"""How long a payment may wait to be captured, by the word of its order."""

from typing import Any

import pytest
from razorpay.errors import BadRequestError

from tests.sandbox.shop import Shop, differences, published

MINUTE_SECONDS = 60
DAY_SECONDS = 24 * 60 * 60
AS_PUBLISHED = {
    "capture": "automatic",
    "capture_options": {
        "automatic_expiry_period": 12,
        "manual_expiry_period": 7200,
        "refund_speed": "optimum",
    },
}


def late(shop: Shop, order: dict[str, Any], seconds: float) -> dict[str, Any]:
    """The payment of a bank that answers so much later."""
    payment_id = shop.pay(order, outcome="silent")["razorpay_payment_id"]
    shop.control("clock", advance_seconds=seconds)
    authorized: dict[str, Any] = shop.control(f"payments/{payment_id}/authorize")["payment"]
    return authorized


def test_an_order_with_capture_settings_looks_like_any_other(shop: Shop) -> None:
    order = shop.order(payment=AS_PUBLISHED)
    theirs = published("rest.order.create_capture_settings.response.json")
    del order["offer_id"]  # The published one is older than offers.
    assert differences(order, theirs) == []


def test_a_period_that_is_null_is_as_good_as_none(shop: Shop) -> None:
    options = {"automatic_expiry_period": 12, "manual_expiry_period": None}
    order = shop.order(payment={"capture": "automatic", "capture_options": options})
    assert late(shop, order, 13 * MINUTE_SECONDS)["status"] == "authorized"


def test_within_the_automatic_period_a_payment_is_captured_by_itself(shop: Shop) -> None:
    payment = late(shop, shop.order(payment=AS_PUBLISHED), 11 * MINUTE_SECONDS)
    assert (payment["status"], payment["late_authorized"]) == ("captured", True)


def test_after_the_automatic_period_it_waits_for_the_merchant(shop: Shop) -> None:
    payment = late(shop, shop.order(payment=AS_PUBLISHED), 13 * MINUTE_SECONDS)
    assert payment["status"] == "authorized"
    captured = shop.sdk.payment.capture(payment["id"], 150000, {"currency": "INR"})
    assert captured["status"] == "captured"


def test_after_the_manual_period_it_goes_back_at_the_asked_speed(shop: Shop) -> None:
    payment = late(shop, shop.order(payment=AS_PUBLISHED), 13 * MINUTE_SECONDS)
    shop.control("clock", advance_seconds=5 * DAY_SECONDS)
    back = shop.sdk.payment.fetch(payment["id"])
    assert (back["status"], back["captured"]) == ("refunded", False)
    (refund,) = shop.sdk.payment.fetch_multiple_refund(payment["id"])["items"]
    assert (refund["speed_requested"], refund["speed_processed"]) == ("optimum", "instant")
    with pytest.raises(BadRequestError, match="Only payments which have been authorized"):
        shop.sdk.payment.capture(payment["id"], 150000, {"currency": "INR"})


def test_a_bank_that_answers_after_the_manual_period_is_sent_its_money_back(shop: Shop) -> None:
    settings = {"capture": "manual", "capture_options": {"manual_expiry_period": 20}}
    payment = late(shop, shop.order(payment=settings), 20 * MINUTE_SECONDS)
    assert (payment["status"], payment["captured"]) == ("refunded", False)


def test_a_manual_order_waits_for_as_long_as_it_says_and_no_longer(shop: Shop) -> None:
    settings = {"capture": "manual", "capture_options": {"manual_expiry_period": 20}}
    payment = shop.pay(shop.order(payment=settings))["payment"]
    shop.control("clock", advance_seconds=19 * MINUTE_SECONDS)
    assert shop.sdk.payment.fetch(payment["id"])["status"] == "authorized"
    shop.control("clock", advance_seconds=2 * MINUTE_SECONDS)
    assert shop.sdk.payment.fetch(payment["id"])["status"] == "refunded"


def test_the_old_flag_means_manual(shop: Shop) -> None:
    payment = shop.pay(shop.order(payment_capture=0))["payment"]
    assert payment["status"] == "authorized"


@pytest.mark.parametrize(
    ("capture", "options", "refusal", "field"),
    [
        ("automatic", {}, "The automatic expiry period field is required", "automatic_expiry"),
        ("automatic", {"automatic_expiry_period": 11}, "must be at least 12", "automatic_expiry"),
        ("automatic", {"automatic_expiry_period": "12"}, "must be an integer", "automatic_expiry"),
        ("automatic", {"automatic_expiry_period": 7201}, "may not be greater", "automatic_expiry"),
        ("manual", {"manual_expiry_period": 7201}, "greater than 7200", "manual_expiry_period"),
        ("manual", {"manual_expiry_period": 0}, "greater than or equal", "manual_expiry_period"),
        (
            "automatic",
            {"automatic_expiry_period": 60, "manual_expiry_period": 59},
            "greater than or equal to the automatic",
            "manual_expiry_period",
        ),
        ("manual", {"refund_speed": "fast"}, "The selected refund speed is invalid.", "refund"),
        ("manual", {"colour": "red"}, "colour is not required and should not be sent", "colour"),
        ("manual", [], "The capture options must be an array.", "capture_options"),
    ],
)
def test_terms_that_cannot_be_are_refused(
    shop: Shop, capture: str, options: object, refusal: str, field: str
) -> None:
    settings = {"capture": capture, "capture_options": options}
    wish = {"amount": 500, "currency": "INR", "payment": settings}
    error = shop.http.post("/v1/orders", json=wish).json()["error"]
    assert error["code"] == "BAD_REQUEST_ERROR"
    assert refusal in error["description"]
    assert error["field"].startswith(field)
