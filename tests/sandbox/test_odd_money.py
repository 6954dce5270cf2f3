"""Money that should not come, or not like this: a shop must stand it."""

from typing import Any

import pytest
from razorpay.errors import BadRequestError

from tests.sandbox.shop import Shop


def events(shop: Shop) -> list[str]:
    return [each["event"] for each in shop.webhooks()]


def test_two_payments_of_one_order_can_both_be_captured(shop: Shop) -> None:
    order = shop.order()
    first = shop.pay(order)["payment"]
    second = shop.pay(order, even_if_paid=True)["payment"]
    assert (first["status"], second["status"]) == ("captured", "captured")
    after = shop.sdk.order.fetch(order["id"])
    assert (after["amount_paid"], after["amount_due"], after["status"]) == (300000, 0, "paid")
    assert events(shop).count("payment.captured") == 2
    assert events(shop).count("order.paid") == 1


def test_a_late_bank_can_have_its_second_payment_captured_too(shop: Shop) -> None:
    order = shop.order()
    silent = shop.pay(order, outcome="silent")["razorpay_payment_id"]
    shop.pay(order)
    late = shop.control(f"payments/{silent}/authorize", even_if_paid=True)["payment"]
    assert (late["status"], late["captured"]) == ("captured", True)


def test_what_is_only_authorized_on_a_paid_order_can_be_captured_by_razorpay(shop: Shop) -> None:
    order = shop.order()
    shop.pay(order)
    second = shop.pay(order, outcome="authorized", even_if_paid=True)["payment"]
    assert second["status"] == "authorized"
    with pytest.raises(BadRequestError, match="the order is already paid"):
        shop.sdk.payment.capture(second["id"], 150000, {"currency": "INR"})
    told = shop.control(f"payments/{second['id']}/capture", even_if_paid=True)
    assert told["payment"]["status"] == "captured"


@pytest.mark.parametrize("amount", [149999, 150001])
def test_another_amount_than_is_due_can_be_paid(shop: Shop, amount: int) -> None:
    order = shop.order()
    payment = shop.pay(order, amount=amount)["payment"]
    assert (payment["status"], payment["amount"]) == ("captured", amount)
    after = shop.sdk.order.fetch(order["id"])
    assert (after["status"], after["amount_paid"]) == ("paid", amount)


def test_more_than_is_due_cannot_be_captured_by_the_merchant(shop: Shop) -> None:
    payment = shop.pay(shop.order(), outcome="authorized", amount=150001)["payment"]
    with pytest.raises(BadRequestError, match="greater than the amount due for order"):
        shop.sdk.payment.capture(payment["id"], 150001, {"currency": "INR"})


def test_an_order_made_for_parts_is_paid_with_its_last_part(shop: Shop) -> None:
    order = shop.order(partial_payment=True)
    shop.pay(order, amount=50000)
    half = shop.sdk.order.fetch(order["id"])
    assert (half["status"], half["amount_due"]) == ("attempted", 100000)
    assert "order.paid" not in events(shop)
    assert shop.pay(order)["payment"]["amount"] == 100000
    assert shop.sdk.order.fetch(order["id"])["status"] == "paid"
    assert events(shop)[-1] == "order.paid"


def test_another_currency_can_be_paid_and_says_what_it_is_worth_here(shop: Shop) -> None:
    payment = shop.pay(shop.order(), amount=100, currency="USD")["payment"]
    assert (payment["currency"], payment["international"]) == ("USD", True)
    assert (payment["base_amount"], payment["base_currency"]) == (7129, "INR")


def test_a_wrong_pin_and_then_the_right_one_are_one_payment(shop: Shop) -> None:
    told = shop.pay(shop.order(), outcome="failed_then_captured", reason="incorrect_otp")
    assert told["payment"]["status"] == "captured"
    assert "late_authorized" not in told["payment"]
    assert events(shop) == [
        "payment.failed", "payment.authorized", "payment.captured", "order.paid",
    ]  # fmt: skip
    failed, *_, paid = shop.receiver.take(4)
    entities = [each.body["payload"]["payment"]["entity"] for each in (failed, paid)]
    assert {each["id"] for each in entities} == {told["razorpay_payment_id"]}


def test_a_payment_link_of_somebody_else_makes_an_order_and_is_paid(shop: Shop) -> None:
    told = shop.control("foreign/pay", amount=700)
    order = shop.sdk.order.fetch(told["razorpay_order_id"])
    assert (order["status"], order["amount_paid"]) == ("paid", 700)
    assert shop.sdk.order.payments(order["id"])["items"][0]["id"] == told["razorpay_payment_id"]
    assert events(shop) == ["payment.authorized", "payment.captured", "order.paid"]


def test_a_counter_takes_money_without_any_order(shop: Shop) -> None:
    told = shop.control("foreign/pay", without_order=True, currency="USD")
    assert (told["razorpay_order_id"], told["razorpay_signature"]) == (None, None)
    payment = shop.sdk.payment.fetch(told["razorpay_payment_id"])
    assert (payment["status"], payment["order_id"]) == ("captured", None)
    assert events(shop) == ["payment.authorized", "payment.captured"]
    assert shop.sdk.payment.refund(payment["id"], {})["status"] == "processed"


@pytest.mark.parametrize(
    ("call", "body", "says"),
    [
        ("orders/{}/pay", {"amount": 0}, "Fields of this call: method, outcome"),
        ("orders/{}/pay", {"amount": 1.5}, "Fields of this call: method, outcome"),
        ("orders/{}/pay", {"currency": "XXX"}, "Currencies: AED"),
        ("orders/{}/pay", {"even_if_paid": "yes"}, "Fields of this call: method, outcome"),
        ("foreign/pay", {"currency": "XXX"}, "No currency 'XXX'"),
        ("foreign/pay", {"shop": "other"}, "Fields of this call: amount, currency"),
    ],
)
def test_odd_money_too_must_be_money(
    shop: Shop, call: str, body: dict[str, Any], says: str
) -> None:
    path = f"/_sandbox/{call.format(shop.order()['id'])}"
    answer = shop.http.post(path, json=body)
    assert answer.status_code == 422
    assert says in answer.json()["error"]["description"]
    assert shop.sdk.payment.all()["count"] == 0
