"""Every body that Razorpay has published: the same keys, in the same order, of the same types."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from tests.sandbox.shop import Shop, differences, published

Entity = dict[str, Any]

LATER = {"base_amount", "amount_transferred", "reward", "description", "checkout"}
"""What live deliveries of 2026 show elsewhere than the examples, or beside them."""
MORE_THAN_EARLY_EXAMPLES = {
    "error_source", "error_step", "error_reason", "acquirer_data", "upi", "sub_type", "token_iin",
}  # fmt: skip
"""What examples from before these fields lack."""
SAVED_CARD = {"customer_id", "token_id"}
OFFERS = {"offer_id", "offers"}
REFERENCES = {"acquirer_data"}
"""Banks send one reference or several; the examples show now these, now those."""
UNKNOWN, MALFORMED = "00000000000000", "AABBdHIieex"


def without(variants: set[str], body: object) -> object:
    """A body without those keys, however deep."""
    if isinstance(body, dict):
        pairs = cast("Entity", body).items()
        return {key: without(variants, each) for key, each in pairs if key not in variants}
    if isinstance(body, list):
        return [without(variants, each) for each in cast("list[object]", body)]
    return body


def agree(ours: object, theirs: object, variants: set[str] = REFERENCES) -> bool:
    found = differences(without(variants, ours), without(variants, theirs))
    assert found == []
    return True


@pytest.mark.parametrize("example", ["entity.entity", "fetch.success"])
def test_orders(shop: Shop, example: str) -> None:
    order = shop.order(notes={"key1": "value1", "key2": "value2"})
    theirs = published(f"rest.order.{example}.json")
    theirs["notes"] = {"key1": "value1", "key2": "value2"}
    assert agree(shop.sdk.order.fetch(order["id"]), theirs, OFFERS)


@pytest.mark.parametrize("method", ["card", "netbanking", "upi", "wallet"])
def test_payments_by_method(shop: Shop, method: str) -> None:
    payment = shop.sdk.payment.fetch(shop.pay(shop.order(), method=method)["razorpay_payment_id"])
    assert agree(payment, published(f"rest.payment.fetch.{method}.json"), REFERENCES | SAVED_CARD)


@pytest.mark.parametrize(("outcome", "example"), [("captured", "success"), ("failed", "failure")])
def test_payments_with_their_card(shop: Shop, outcome: str, example: str) -> None:
    payment_id = shop.pay(shop.order(notes={"address": "x"}), method="card", outcome=outcome)
    payment = shop.sdk.payment.fetch(payment_id["razorpay_payment_id"], {"expand[]": "card"})
    theirs = published(f"rest.payment.entity.{example}.json")
    assert agree({**payment, "notes": theirs["notes"]}, theirs)


def test_the_card_of_a_payment(shop: Shop) -> None:
    payment_id = shop.pay(shop.order(), method="card")["razorpay_payment_id"]
    theirs = published("rest.payment.card.success.json")
    assert agree(shop.sdk.payment.fetchCardDetails(payment_id), theirs)


def test_a_payment_in_dollars_is_worth_as_much_as_the_published_one(shop: Shop) -> None:
    theirs = published("rest.payment.usd.payment_entity.json")
    order = shop.order(amount=theirs["amount"], currency=theirs["currency"])
    ours = shop.pay(order, method="card")["payment"]
    for field in ("amount", "currency", "base_amount", "base_currency", "international"):
        assert ours[field] == theirs[field]


@pytest.mark.parametrize(
    "example", ["create_normal", "fetch", "fetch_for_payment", "update", "list_for_payment"]
)
def test_refunds(shop: Shop, example: str) -> None:
    payment_id = shop.pay(shop.order())["razorpay_payment_id"]
    refund = shop.sdk.payment.refund(payment_id, {"amount": 500})
    theirs = published(f"rest.refund.{example}.success.json")
    # The receipt has two places in the examples.
    is_list = example.startswith("list")
    ours = shop.sdk.payment.fetch_multiple_refund(payment_id) if is_list else refund
    assert agree(ours, theirs, REFERENCES | {"notes", "receipt"})


def events(shop: Shop, outcome: str, method: str) -> dict[str, Entity]:
    shop.pay(shop.order(), method=method, outcome=outcome)
    count = {"failed": 1, "captured": 3}[outcome]
    return {each.event: each.body for each in shop.receiver.take(count)}


@pytest.mark.parametrize("method", ["netbanking", "upi", "wallet"])
@pytest.mark.parametrize("event", ["authorized", "failed"])
def test_events_before_the_capture(shop: Shop, event: str, method: str) -> None:
    outcome = "failed" if event == "failed" else "captured"
    ours = events(shop, outcome, method)[f"payment.{event}"]
    example = "wallets" if method == "wallet" else method
    assert agree(ours, published(f"webhook.payment.{event}.{example}.json"))


@pytest.mark.parametrize("method", ["netbanking", "upi"])
def test_events_of_the_capture(shop: Shop, method: str) -> None:
    ours = events(shop, "captured", method)["payment.captured"]
    theirs = published(f"webhook.payment.captured.{method}.json")
    assert agree(ours, theirs, REFERENCES | LATER)


@pytest.mark.parametrize("method", ["netbanking", "upi", "card"])
def test_events_of_the_paid_order(shop: Shop, method: str) -> None:
    ours = events(shop, "captured", method)["order.paid"]
    theirs = published(f"webhook.order.paid.{method}.json")
    assert agree(ours, theirs, LATER | MORE_THAN_EARLY_EXAMPLES)


def a_payment(shop: Shop) -> str:
    return str(shop.pay(shop.order())["razorpay_payment_id"])


NOBODY = ("rzp_test_somebodyelse", "secret")
ERRORS: dict[str, Callable[[Shop], Any]] = {
    "order.update": lambda shop: shop.http.patch(f"/v1/orders/order_{UNKNOWN}", json={"notes": {}}),
    "payment.fetch": lambda shop: shop.http.get(f"/v1/payments/pay_{UNKNOWN}"),
    "payment.update": lambda shop: shop.http.patch("/v1/payments/x", json={}, auth=NOBODY),
    "payment.card": lambda shop: shop.http.get(f"/v1/payments/{a_payment(shop)}/card"),
    "settlement.fetch": lambda shop: shop.http.get("/v1/settlements/x", auth=NOBODY),
    "refund.update": lambda shop: shop.http.patch("/v1/refunds/{rfnd_id}", json={}),
    "refund.create_instant": lambda shop: shop.http.post(
        "/v1/payments/pay__29QQoUBi66xm2f/refund", json={"speed": "optimum"}
    ),
    "refund.list_for_payment": lambda shop: shop.http.get(f"/v1/payments/pay_{UNKNOWN}/refunds"),
    "refund.fetch_for_payment": lambda shop: shop.http.get(
        f"/v1/payments/{a_payment(shop)}/refunds/rfnd_{MALFORMED}"
    ),
}


@pytest.mark.parametrize("example", list(ERRORS))
def test_errors_to_the_letter(shop: Shop, example: str) -> None:
    answer = ERRORS[example](shop)
    assert answer.json() == published(f"rest.{example}.failure.json")
    assert answer.status_code == (401 if "api key" in answer.text else 400)


def test_the_error_of_a_small_order_names_a_later_reason_than_the_example(shop: Shop) -> None:
    ours = shop.http.post("/v1/orders", json={"amount": 1, "currency": "INR"}).json()["error"]
    theirs = published("rest.order.create.standard_checkout_failure_response.json")["error"]
    assert list(ours) == list(theirs)
    assert {key for key in ours if ours[key] != theirs[key]} == {"step", "reason"}
