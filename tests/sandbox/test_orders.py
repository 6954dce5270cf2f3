"""Orders, asked for with the real SDK and compared with published bodies."""

import re
from pathlib import Path
from typing import Any

import pytest
from razorpay.errors import BadRequestError

from tests.sandbox.receiver import Receiver
from tests.sandbox.shop import Shop, differences, published, running_sandbox, settings_for


def test_a_created_order_has_the_published_keys_in_the_published_order(shop: Shop) -> None:
    order = shop.order()
    theirs = published("rest.order.create.standard_checkout_success_response.json")
    assert differences(order, theirs) == []
    assert re.fullmatch(r"order_[A-Za-z0-9]{14}", order["id"])
    assert (order["status"], order["amount_due"], order["notes"]) == ("created", 150000, [])


def test_an_order_is_fetched_as_it_was_created(shop: Shop) -> None:
    order = shop.order(notes={"cart": "₹ 15 / box"})
    assert shop.sdk.order.fetch(order["id"]) == order


def test_only_the_notes_of_an_order_can_be_edited(shop: Shop) -> None:
    order = shop.order()
    edited = shop.sdk.order.edit(order["id"], {"notes": {"key1": "value3"}})
    assert differences(edited, published("rest.order.update.success.json")) == [
        "/notes: ['key1'] is not ['key1', 'key2']"
    ]
    with pytest.raises(BadRequestError, match="amount is not required and should not be sent"):
        shop.sdk.order.edit(order["id"], {"amount": 1})


def test_orders_are_listed_newest_first_and_by_receipt(shop: Shop) -> None:
    first, second = shop.order(receipt="a"), shop.order(receipt="b")
    listed = shop.sdk.order.all()
    assert differences(listed, published("rest.order.list.success.json")) == []
    assert [each["id"] for each in listed["items"]] == [second["id"], first["id"]]
    assert shop.sdk.order.all({"receipt": "a"})["items"] == [first]
    assert shop.sdk.order.all({"count": 1, "skip": 1})["items"] == [first]
    assert shop.sdk.order.all({"to": first["created_at"] - 1})["items"] == []


def test_the_authorized_filter_tells_paid_attempts_from_none(shop: Shop) -> None:
    bare, paid = shop.order(), shop.order()
    shop.pay(paid)
    assert [each["id"] for each in shop.sdk.order.all({"authorized": 1})["items"]] == [paid["id"]]
    assert [each["id"] for each in shop.sdk.order.all({"authorized": 0})["items"]] == [bare["id"]]


def test_a_list_can_carry_the_payments_of_each_order(shop: Shop) -> None:
    shop.pay(shop.order(), method="card", outcome="authorized")
    listed = shop.sdk.order.all({"expand[]": "payments"})
    theirs = published("rest.order.list_expand_payments.success.json")
    assert list(listed["items"][0]) == list(theirs["items"][0])
    assert listed["items"][0]["payments"]["count"] == 1


def test_the_payments_of_an_order_come_oldest_first(shop: Shop) -> None:
    order = shop.order()
    shop.pay(order, outcome="failed")
    shop.pay(order)
    listed = shop.sdk.order.payments(order["id"])
    assert [each["status"] for each in listed["items"]] == ["failed", "captured"]
    assert shop.sdk.order.fetch(order["id"])["attempts"] == 2


@pytest.mark.parametrize(
    ("wish", "refusal", "field"),
    [
        ({"amount": 99}, "Order amount less than minimum amount allowed", "amount"),
        ({"amount": 100.0}, "The amount must be an integer.", "amount"),
        ({"amount": "100"}, "The amount must be an integer.", "amount"),
        ({"amount": True}, "The amount must be an integer.", "amount"),
        ({"amount": 99991, "currency": "KWD"}, "The last digit of the amount must be 0", "amount"),
        ({"currency": "XXX"}, "Currency is not supported", "currency"),
        ({"currency": None}, "currency: is required.", "currency"),
        ({"receipt": "r" * 41}, "The receipt may not be greater than 40 characters.", "receipt"),
        ({"notes": {str(n): "v" for n in range(16)}}, "Number of fields in notes", "notes"),
        ({"notes": "text"}, "notes: expected object but provided text", "notes"),
        ({"colour": "red"}, "colour is not required and should not be sent", "colour"),
        ({"payment": {"capture": "later"}}, "The selected capture is invalid.", "capture"),
    ],
)
def test_an_order_that_cannot_be_is_refused_and_says_why(
    shop: Shop, wish: dict[str, Any], refusal: str, field: str
) -> None:
    answer = shop.http.post("/v1/orders", json={"amount": 500, "currency": "INR", **wish})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["field"]) == (400, "BAD_REQUEST_ERROR", field)
    assert error["description"].startswith(refusal)
    assert shop.sdk.order.all()["count"] == 0


def test_a_body_that_is_no_object_is_refused(shop: Shop) -> None:
    for body in (b"[]", b"{", b"\xff", b"null"):
        answer = shop.http.post("/v1/orders", content=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST_ERROR")


def test_a_unique_receipt_asked_for_again_answers_the_same_order(shop: Shop) -> None:
    first = shop.order(unique_receipt=True)
    assert shop.order(unique_receipt=True) == first
    assert shop.sdk.order.all()["count"] == 1


def test_a_unique_receipt_with_another_body_is_refused_and_names_the_order(shop: Shop) -> None:
    first = shop.order(unique_receipt=True)
    other = {"amount": 1, "currency": "INR", "receipt": "session-1", "unique_receipt": True}
    answer = shop.http.post("/v1/orders", json=other | {"amount": 200})
    assert answer.status_code == 400
    assert answer.json()["error"]["description"] == "Order receipt should be unique."
    assert answer.json()["error"]["metadata"] == {"order_id": first["id"]}


def test_the_strict_reading_of_unique_receipt_can_be_chosen(
    tmp_path: Path, receiver: Receiver
) -> None:
    settings = settings_for(tmp_path / "sandbox.db", repeated_receipt="refuse")
    with running_sandbox(settings, receiver) as shop:
        shop.order(unique_receipt=True)
        with pytest.raises(BadRequestError, match=r"Order receipt should be unique\."):
            shop.order(unique_receipt=True)


def test_without_the_flag_a_receipt_may_repeat(shop: Shop) -> None:
    assert shop.order()["id"] != shop.order()["id"]


def test_an_unknown_id_and_a_malformed_id_are_both_400(shop: Shop) -> None:
    unknown = shop.http.get("/v1/orders/order_00000000000000")
    assert (unknown.status_code, unknown.json()) == (
        400,
        published("rest.order.fetch.failure.json"),
    )
    malformed = shop.http.get("/v1/orders/order_x-y")
    assert malformed.status_code == 400
    assert malformed.json()["error"]["description"] == "x-y is not a valid id"


def test_a_wrong_key_is_401(shop: Shop) -> None:
    answer = shop.http.get("/v1/orders", auth=("rzp_test_somebodyelse", "secret"))
    assert (answer.status_code, answer.json()) == (401, published("rest.order.list.failure.json"))
    for headers in ({"Authorization": "basic eDp5"}, {"Authorization": "Basic %"}, {}):
        answer = shop.http.get("/v1/orders", auth=lambda request: request, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["error"]["description"] == "Authentication failed"


def test_a_trailing_slash_is_answered_and_never_redirected(shop: Shop) -> None:
    created = shop.http.post("/v1/orders/", json={"amount": 500, "currency": "INR"})
    assert created.status_code == 200
    assert shop.http.get(f"/v1/orders/{created.json()['id']}/").json() == created.json()


@pytest.mark.parametrize("path", ["/", "/v1", "/v2/orders", "/v1/orders/a/b/c", "/v1/customers"])
def test_an_unknown_path_is_answered_by_the_gateway(shop: Shop, path: str) -> None:
    answer = shop.http.get(path)
    assert answer.status_code == 404
    assert answer.json() == {"message": "no Route matched with those values"}
