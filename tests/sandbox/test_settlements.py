"""What is paid out adds up, once, and can be read by the day."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from razorpay.errors import BadRequestError

from tests.sandbox.shop import Shop, differences, published

INDIA = timezone(timedelta(hours=5, minutes=30))
ALL = 100


def recon(shop: Shop, settlement: dict[str, Any]) -> list[dict[str, Any]]:
    day = datetime.fromtimestamp(settlement["created_at"], INDIA)
    asked = {"year": day.year, "month": f"{day.month:02}", "day": day.day, "count": ALL}
    items: list[dict[str, Any]] = shop.sdk.settlement.report(asked)["items"]
    return items


def test_a_payout_is_what_was_paid_less_fees_refunds_and_lost_disputes(shop: Shop) -> None:
    first, second = (shop.pay(shop.order(), method="card")["razorpay_payment_id"] for _ in "ab")
    refund = shop.sdk.payment.refund(first, {"amount": 10000})
    dispute = shop.control(f"payments/{second}/dispute", amount=5000)["dispute"]
    shop.sdk.dispute.accept(dispute["id"])
    settlement = shop.control("settlements")["settlement"]
    assert settlement["amount"] == 2 * (150000 - 3540) - 10000 - 5000
    rows = recon(shop, settlement)
    assert sum(row["credit"] - row["debit"] for row in rows) == settlement["amount"]
    assert [row["type"] for row in rows] == ["payment", "payment", "refund", "adjustment"]
    assert [row["entity_id"] for row in rows[:3]] == [first, second, refund["id"]]
    assert rows[2]["payment_id"] == first
    assert rows[3]["dispute_id"] == dispute["id"]
    assert {row["order_receipt"] for row in rows[:3]} == {"session-1"}


def test_settlements_and_their_rows_are_spelled_as_published(shop: Shop) -> None:
    payment_id = shop.pay(shop.order(), method="card", deliver=False)["razorpay_payment_id"]
    shop.sdk.payment.refund(payment_id, {"amount": 10000})
    dispute = shop.control(f"payments/{payment_id}/dispute", amount=5000)["dispute"]
    shop.control(f"disputes/{dispute['id']}/lose")
    settlement = shop.control("settlements")["settlement"]
    assert shop.sdk.settlement.fetch(settlement["id"]) == settlement
    assert shop.sdk.settlement.all()["items"] == [settlement]
    assert differences(settlement, published("rest.settlement.fetch.success.json")) == []
    theirs = {
        each["type"]: each for each in published("rest.settlement.recon.success.json")["items"]
    }
    for ours in recon(shop, settlement):
        # The published notes are a text, those of everything else are pairs.
        assert differences({**ours, "notes": None}, theirs[ours["type"]]) == []


def test_a_settlement_is_announced_as_published(shop: Shop) -> None:
    shop.pay(shop.order(), deliver=False)
    shop.control("settlements")
    body = shop.receiver.next().body
    assert differences(body, published("webhook.settlement.processed.json")) == []


def test_nothing_is_settled_twice_and_nothing_less_than_nothing(shop: Shop) -> None:
    payment_id = shop.pay(shop.order())["razorpay_payment_id"]
    shop.control("settlements")
    shop.sdk.payment.refund(payment_id, {"amount": 10000})
    answer = shop.http.post("/_sandbox/settlements", json={})
    assert answer.status_code == 409
    assert "Nothing to pay out" in answer.json()["error"]["description"]
    shop.pay(shop.order())
    assert shop.control("settlements")["settlement"]["amount"] == 150000 - 3540 - 10000


def test_money_that_was_never_captured_is_no_part_of_a_payout(shop: Shop) -> None:
    order = shop.order()
    shop.pay(order)
    shop.pay(order)  # Sent back at once.
    shop.pay(shop.order(), outcome="failed")
    assert len(shop.control("settlements")["items"]) == 1


def test_a_failed_or_pending_refund_is_no_part_of_a_payout(shop: Shop) -> None:
    payment_id = shop.pay(shop.order())["razorpay_payment_id"]
    for outcome in ("failed", "pending"):
        shop.control("refunds/plan", outcome=outcome)
        shop.sdk.payment.refund(payment_id, {"amount": 500})
    assert [row["type"] for row in shop.control("settlements")["items"]] == ["payment"]


def test_another_day_has_no_rows_and_a_whole_month_has_them(shop: Shop) -> None:
    shop.pay(shop.order())
    settlement = shop.control("settlements")["settlement"]
    day = datetime.fromtimestamp(settlement["created_at"], INDIA)
    assert shop.sdk.settlement.report({"year": day.year, "month": day.month})["count"] == 1
    asked = {"year": day.year - 1, "month": day.month, "day": 1}
    assert shop.sdk.settlement.report(asked)["count"] == 0
    asked = {"year": day.year, "month": day.month, "skip": 1}
    assert shop.sdk.settlement.report(asked)["count"] == 0


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"month": 6}, "The year must be 4 digits."),
        ({"year": 22, "month": 6}, "The year must be 4 digits."),
        ({"year": 2022}, "The month is not a valid month."),
        ({"year": 2022, "month": 13}, "The month is not a valid month."),
        ({"year": 2022, "month": 6, "day": 111}, "The day must be between 1 and 2 digits."),
        ({"year": 2022, "month": 6, "day": 31}, "The day is not a valid day."),
        ({"year": 2022, "month": 6, "count": 0}, "The count must be at least 1."),
        ({"year": 2022, "month": 6, "count": 1001}, "The count may not be greater than 1000."),
    ],
)
def test_a_period_that_cannot_be_is_refused(
    shop: Shop, asked: dict[str, int], refusal: str
) -> None:
    with pytest.raises(BadRequestError) as refused:
        shop.sdk.settlement.report(asked)
    assert str(refused.value) == refusal


def test_the_last_month_of_a_year_can_be_asked_for(shop: Shop) -> None:
    assert shop.sdk.settlement.report({"year": 2022, "month": 12})["count"] == 0
