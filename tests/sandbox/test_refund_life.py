"""How refunds end: at once, later, slower, or not at all."""

from typing import Any

import pytest
from razorpay.errors import BadRequestError

from tests.sandbox.shop import Shop, differences, published

DAY_SECONDS = 24 * 60 * 60
INSTANT_FAILS_AMOUNT = 2468


def refund_events(shop: Shop) -> list[str]:
    return [each["event"] for each in shop.webhooks() if each["event"].startswith("refund.")]


def amounts(shop: Shop, payment_id: str) -> tuple[object, ...]:
    payment = shop.sdk.payment.fetch(payment_id)
    return tuple(payment[field] for field in ("status", "amount_refunded", "refund_status"))


@pytest.fixture
def payment_id(shop: Shop) -> str:
    return str(shop.pay(shop.order(), method="netbanking", deliver=False)["razorpay_payment_id"])


@pytest.fixture
def pending(shop: Shop, payment_id: str) -> dict[str, Any]:
    shop.control("refunds/plan", outcome="pending")
    refund: dict[str, Any] = shop.sdk.payment.refund(payment_id, {"amount": 50000})
    return refund


def test_a_refund_that_goes_well_is_processed_from_the_start(shop: Shop, payment_id: str) -> None:
    refund = shop.sdk.payment.refund(payment_id, {})
    assert refund["status"] == "processed"
    created = shop.receiver.next().body["payload"]["refund"]["entity"]
    assert created["status"] == "processed"
    assert refund_events(shop) == ["refund.created", "refund.processed"]


def test_a_pending_refund_is_processed_when_the_bank_says_so(
    shop: Shop, payment_id: str, pending: dict[str, Any]
) -> None:
    assert (pending["status"], refund_events(shop)) == ("pending", ["refund.created"])
    assert amounts(shop, payment_id) == ("captured", 50000, "partial")
    told = shop.control(f"refunds/{pending['id']}/process")
    assert told["refund"] == shop.sdk.refund.fetch(pending["id"])
    assert told["refund"]["status"] == "processed"
    assert len(told["refund"]["acquirer_data"]["arn"]) == 14
    assert amounts(shop, payment_id) == ("captured", 50000, "partial")
    assert refund_events(shop) == ["refund.created", "refund.processed"]


def test_a_pending_refund_that_fails_gives_the_payment_back(
    shop: Shop, payment_id: str, pending: dict[str, Any]
) -> None:
    told = shop.control(f"refunds/{pending['id']}/fail", reason="account closed")
    assert (told["refund"]["status"], told["reason"]) == ("failed", "account closed")
    assert amounts(shop, payment_id) == ("captured", 0, None)
    assert refund_events(shop) == ["refund.created", "refund.failed"]
    assert shop.sdk.payment.refund(payment_id, {})["amount"] == 150000


def test_one_failed_part_leaves_the_other_parts_refunded(shop: Shop, payment_id: str) -> None:
    shop.sdk.payment.refund(payment_id, {"amount": 50000})
    shop.control("refunds/plan", outcome="failed")
    failed = shop.sdk.payment.refund(payment_id, {})
    assert (failed["status"], failed["amount"]) == ("failed", 100000)
    assert amounts(shop, payment_id) == ("captured", 50000, "partial")


def test_a_failed_refund_is_spelled_as_published(shop: Shop, payment_id: str) -> None:
    shop.control("refunds/plan", outcome="failed")
    shop.sdk.payment.refund(payment_id, {"amount": 50000, "notes": {"comment": "x"}})
    bodies = {each.event: each.body for each in shop.receiver.take(2)}
    theirs = published("webhook.refund.failed.normal_refunds.json")
    assert differences(bodies["refund.failed"], theirs, sorted_keys=True) == []
    assert bodies["refund.created"]["payload"]["refund"]["entity"]["status"] == "pending"
    assert bodies["refund.created"]["payload"]["payment"]["entity"]["amount_refunded"] == 50000
    assert bodies["refund.failed"]["payload"]["payment"]["entity"]["amount_refunded"] == 0


def test_a_plan_holds_for_so_many_refunds_of_its_payment(shop: Shop, payment_id: str) -> None:
    other = shop.pay(shop.order())["razorpay_payment_id"]
    shop.control("refunds/plan", outcome="pending", times=2, payment_id=payment_id)
    ended = [
        shop.sdk.payment.refund(each, {"amount": 500})["status"]
        for each in (other, payment_id, payment_id, payment_id)
    ]
    assert ended == ["processed", "pending", "pending", "processed"]


def test_what_razorpay_sends_back_by_itself_heeds_no_plan(shop: Shop) -> None:
    order = shop.order()
    shop.pay(order)
    shop.control("refunds/plan", outcome="failed")
    assert shop.pay(order)["payment"]["status"] == "refunded"


def test_an_instant_refund_is_instant(shop: Shop, payment_id: str) -> None:
    notes = {"notes_key_1": "a", "notes_key_2": "b"}
    wish = {"amount": 500, "speed": "optimum", "notes": notes}
    refund = shop.sdk.payment.refund(payment_id, wish)
    assert (refund["speed_requested"], refund["speed_processed"]) == ("optimum", "instant")
    assert differences(refund, published("rest.refund.create_instant.success.json")) == []


def test_an_instant_refund_that_cannot_be_falls_back_to_normal(shop: Shop, payment_id: str) -> None:
    wish = {"amount": INSTANT_FAILS_AMOUNT, "speed": "optimum"}
    refund = shop.sdk.payment.refund(payment_id, wish)
    assert (refund["speed_processed"], refund["status"]) == ("normal", "processed")
    names = ["refund.created", "refund.speed_changed", "refund.processed"]
    assert refund_events(shop) == names
    bodies = {each.event: each.body["payload"] for each in shop.receiver.take(3)}
    speeds = [bodies[name]["refund"]["entity"]["speed_processed"] for name in names]
    assert speeds == ["instant", "normal", "normal"]
    theirs = published("webhook.refund.speed_changed.refund.speed_changed.json")["payload"]
    # The published one has lost its batch_id, and its created_at into the payload.
    ours = bodies["refund.speed_changed"]["refund"]["entity"]
    assert set(ours) - set(theirs["refund"]["entity"]) == {"batch_id"}
    assert set(bodies["refund.speed_changed"]["payment"]["entity"]) == set(
        theirs["payment"]["entity"]
    )


def test_the_same_amount_at_normal_speed_changes_nothing(shop: Shop, payment_id: str) -> None:
    shop.sdk.payment.refund(payment_id, {"amount": INSTANT_FAILS_AMOUNT})
    assert "refund.speed_changed" not in refund_events(shop)


def test_after_six_months_only_an_instant_refund_is_left(shop: Shop, payment_id: str) -> None:
    shop.control("clock", advance_seconds=183 * DAY_SECONDS + 60)
    answer = shop.http.post(f"/v1/payments/{payment_id}/refund", json={})
    assert answer.status_code == 400
    assert answer.json() == published("rest.error.refund_6_months.error_response.json")
    assert amounts(shop, payment_id) == ("captured", 0, None)
    refund = shop.sdk.payment.refund(payment_id, {"speed": "optimum"})
    assert refund["speed_processed"] == "instant"


def test_within_six_months_the_bank_still_refunds(shop: Shop, payment_id: str) -> None:
    shop.control("clock", advance_seconds=180 * DAY_SECONDS)
    assert shop.sdk.payment.refund(payment_id, {})["status"] == "processed"


def test_a_refund_needs_money_in_the_account(shop: Shop, payment_id: str) -> None:
    shop.control("balance", amount=1000)
    with pytest.raises(BadRequestError, match="does not have enough balance to carry out"):
        shop.sdk.payment.refund(payment_id, {"amount": 1001})
    assert shop.sdk.payment.refund(payment_id, {"amount": 600})["status"] == "processed"
    with pytest.raises(BadRequestError, match="enough balance"):
        shop.sdk.payment.refund(payment_id, {"amount": 401})


def test_what_is_captured_pays_for_refunds_and_what_fails_comes_back(
    shop: Shop, payment_id: str
) -> None:
    shop.control("balance", amount=0)
    shop.pay(shop.order())  # 150000 less a fee of 3540
    shop.control("refunds/plan", outcome="failed")
    shop.sdk.payment.refund(payment_id, {"amount": 146460})
    assert shop.sdk.payment.refund(payment_id, {"amount": 146460})["status"] == "processed"
    shop.control("balance", amount=None)
    assert shop.sdk.payment.refund(payment_id, {})["amount"] == 3540


@pytest.mark.parametrize(
    ("call", "body", "status", "says"),
    [
        ("refunds/plan", {}, 422, "outcome"),
        ("refunds/plan", {"outcome": "lost"}, 422, "Invalid enum value 'lost'"),
        ("refunds/plan", {"outcome": "failed", "times": 0}, 422, "Fields of this call: outcome"),
        ("refunds/plan", {"outcome": "failed", "payment_id": "pay_1"}, 404, "no payment pay_1"),
        ("refunds/rfnd_1/process", {}, 404, "There is no refund rfnd_1"),
        ("refunds/rfnd_1/fail", {"because": "x"}, 422, "Fields of this call: reason, deliver"),
        ("balance", {}, 422, "amount"),
        ("balance", {"amount": "much"}, 422, "Fields of this call: amount"),
    ],
)
def test_a_wrong_wish_about_refunds_says_what_would_be_right(
    shop: Shop, call: str, body: dict[str, Any], status: int, says: str
) -> None:
    answer = shop.http.post(f"/_sandbox/{call}", json=body)
    assert answer.status_code == status
    assert says in answer.json()["error"]["description"]


def test_only_a_pending_refund_can_still_end(shop: Shop, payment_id: str) -> None:
    refund = shop.sdk.payment.refund(payment_id, {})
    for move in ("process", "fail"):
        answer = shop.http.post(f"/_sandbox/refunds/{refund['id']}/{move}", json={})
        assert answer.status_code == 409
        assert "only pending" in answer.json()["error"]["description"]
