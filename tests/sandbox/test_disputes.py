"""Disputes: what the bank may do with them, and what the merchant may say."""

from typing import Any

import pytest
from razorpay.errors import BadRequestError

from tests.sandbox.shop import Shop, differences, published

DAY_SECONDS = 24 * 60 * 60
DOCUMENT = "doc_EFtmUsbwpXwBH9"
MOVES = ("under_review", "action_required", "win", "lose", "close")
WAYS = {
    "open": [],
    "under_review": ["under_review"],
    "won": ["under_review", "win"],
    "lost": ["lose"],
    "closed": ["close"],
}
POSSIBLE = {
    "open": {"under_review", "lose", "close"},
    "under_review": {"action_required", "win", "lose", "close"},
    "won": set[str](),
    "lost": set[str](),
    "closed": set[str](),
}


@pytest.fixture
def payment_id(shop: Shop) -> str:
    return str(shop.pay(shop.order(), method="card", deliver=False)["razorpay_payment_id"])


@pytest.fixture
def dispute(shop: Shop, payment_id: str) -> dict[str, Any]:
    opened: dict[str, Any] = shop.control(f"payments/{payment_id}/dispute", amount=39000)["dispute"]
    return opened


def go(shop: Shop, dispute: dict[str, Any], *moves: str) -> dict[str, Any]:
    for move in moves:
        dispute = shop.control(f"disputes/{dispute['id']}/{move}")["dispute"]
    return dispute


def in_the_order_of_the_api(dispute: dict[str, Any]) -> dict[str, Any]:
    """The published examples write these last four fields in three orders."""
    last = ("status", "phase", "created_at", "evidence")
    first = {key: dispute[key] for key in dispute if key not in last}
    return first | {key: dispute[key] for key in last}


@pytest.mark.parametrize(
    ("status", "example"),
    [
        ("open", "open_state_not_contested"),
        ("under_review", "under_review"),
        ("won", "won"),
        ("lost", "lost"),
        ("closed", "closed"),
    ],
)
def test_a_dispute_looks_as_published(
    shop: Shop, dispute: dict[str, Any], status: str, example: str
) -> None:
    go(shop, dispute, *WAYS[status])
    fetched = shop.sdk.dispute.fetch(dispute["id"])
    theirs = in_the_order_of_the_api(published(f"rest.dispute.fetch.{example}.json"))
    assert fetched["status"] == theirs["status"]
    assert differences(fetched, theirs) == []


@pytest.mark.parametrize("status", list(WAYS))
def test_only_legal_moves_are_possible_and_a_refusal_names_them(
    shop: Shop, payment_id: str, status: str
) -> None:
    for move in MOVES:
        dispute = shop.control(f"payments/{payment_id}/dispute")["dispute"]
        go(shop, dispute, *WAYS[status])
        answer = shop.http.post(f"/_sandbox/disputes/{dispute['id']}/{move}", json={})
        if move in POSSIBLE[status]:
            assert answer.status_code == 200
            continue
        assert answer.status_code == 409
        says = answer.json()["error"]["description"]
        assert says.startswith(f"{dispute['id']} is {status}. Possible from there:")
        assert {each for each in MOVES if each in says.partition("there:")[2]} == POSSIBLE[status]


@pytest.mark.parametrize(
    ("ways", "event"),
    [
        ([], "created"),
        (["under_review"], "under_review"),
        (["under_review", "action_required"], "action_required"),
        (["under_review", "win"], "won"),
        (["close"], "closed"),
    ],
)
def test_every_move_is_announced_as_published(
    shop: Shop, dispute: dict[str, Any], ways: list[str], event: str
) -> None:
    go(shop, dispute, *ways)
    delivered = shop.receiver.take(1 + len(ways))
    (body,) = (each.body for each in delivered if each.event == f"payment.dispute.{event}")
    theirs = published(f"webhook.payment.dispute.{event}.json")
    assert body["contains"] == theirs["contains"]
    payload = theirs["payload"]["dispute"]
    # One published example has its evidence one brace too far outside.
    entity = {"evidence": payload.get("evidence"), **payload["entity"]}
    ours = body["payload"]["dispute"]["entity"]
    assert differences(ours, in_the_order_of_the_api(entity)) == []
    payment = body["payload"]["payment"]["entity"]
    assert {"amount_transferred", "base_amount"} <= set(payment)


def test_who_loses_pays(shop: Shop, dispute: dict[str, Any], payment_id: str) -> None:
    shop.control("balance", amount=39000)
    assert go(shop, dispute, "lose")["amount_deducted"] == 39000
    with pytest.raises(BadRequestError, match="enough balance"):
        shop.sdk.payment.refund(payment_id, {"amount": 100})


def test_nothing_is_refunded_while_the_bank_investigates(
    shop: Shop, dispute: dict[str, Any], payment_id: str
) -> None:
    for move in ("under_review", "win"):
        with pytest.raises(BadRequestError, match="blocked due to ongoing dispute investigation"):
            shop.sdk.payment.refund(payment_id, {})
        go(shop, dispute, move)
    assert shop.sdk.payment.refund(payment_id, {})["status"] == "processed"


def test_a_suspected_fraud_should_be_refunded_and_can_be(shop: Shop, payment_id: str) -> None:
    shop.control(f"payments/{payment_id}/dispute", phase="fraud")
    assert shop.sdk.payment.refund(payment_id, {})["status"] == "processed"


def test_the_merchant_can_accept_a_dispute_once(shop: Shop, dispute: dict[str, Any]) -> None:
    lost = shop.sdk.dispute.accept(dispute["id"])
    assert (lost["status"], lost["amount_deducted"]) == ("lost", 39000)
    assert [each["event"] for each in shop.webhooks()][-1] == "payment.dispute.lost"
    with pytest.raises(BadRequestError, match="not allowed when dispute is in lost status"):
        shop.sdk.dispute.accept(dispute["id"])


def test_evidence_is_drafted_and_then_submitted(shop: Shop, dispute: dict[str, Any]) -> None:
    others = [{"type": "receipt_signed_by_customer", "document_ids": [DOCUMENT]}]
    draft = {"amount": 9000, "summary": "goods delivered", "shipping_proof": [DOCUMENT]}
    drafted = shop.sdk.dispute.contest(
        dispute["id"], {**draft, "billing_proof": [DOCUMENT], "others": others}
    )
    theirs = published("rest.dispute.fetch.open_state_in_progress_contest.json")
    assert differences(drafted, theirs) == []
    assert (drafted["status"], drafted["evidence"]["submitted_at"]) == ("open", None)
    submitted = shop.sdk.dispute.contest(dispute["id"], {"action": "submit"})
    assert submitted["status"] == "under_review"
    assert submitted["evidence"]["summary"] == "goods delivered"
    assert submitted["evidence"]["submitted_at"] > 0
    assert [each["event"] for each in shop.webhooks()][-1] == "payment.dispute.under_review"


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        ({"action": "submit"}, "At least one document is required"),
        ({"action": "win"}, "The selected action is invalid."),
        ({"amount": 39001}, "contest amount cannot be greater than dispute amount."),
        ({"amount": "9000"}, "The amount must be an integer."),
        ({"shipping_proof": ["doc_1"]}, "Invalid file id provided"),
        ({"shipping_proof": DOCUMENT[4:]}, "Invalid file id provided"),
        ({"others": {"type": "x"}}, "The others must be an array."),
        ({"others": [{"document_ids": []}]}, "The others type field is required."),
        ({"summary": "x" * 1001}, "may not be greater than 1000 characters"),
        ({"colour": "red"}, "colour is not required and should not be sent"),
    ],
)
def test_evidence_that_cannot_be_is_refused(
    shop: Shop, dispute: dict[str, Any], wish: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(BadRequestError, match=refusal):
        shop.sdk.dispute.contest(dispute["id"], wish)
    assert shop.sdk.dispute.fetch(dispute["id"]) == dispute


def test_after_the_deadline_nobody_is_heard(shop: Shop, dispute: dict[str, Any]) -> None:
    shop.control("clock", advance_seconds=7 * DAY_SECONDS + 1)
    for answer in (shop.sdk.dispute.accept, shop.sdk.dispute.contest):
        with pytest.raises(BadRequestError, match="deadline to respond has elapsed"):
            answer(dispute["id"])


def test_disputes_are_listed_newest_first(shop: Shop, payment_id: str) -> None:
    first, second = (shop.control(f"payments/{payment_id}/dispute")["dispute"] for _ in range(2))
    listed = shop.sdk.dispute.all({"expand[]": "payment"})
    assert listed["items"] == [second, first]
    assert list(listed) == list(published("rest.dispute.list.success.json"))
    wrong = shop.http.get("/v1/disputes", params={"expand[]": "order"})
    assert (wrong.status_code, wrong.json()) == (400, published("rest.dispute.list.failure.json"))
    unknown = shop.http.get("/v1/disputes/disp_00000000000000")
    assert unknown.json() == published("rest.dispute.fetch.failure.json")


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"amount": 150001}, 422, "a dispute is of no more"),
        ({"amount": 0}, 422, "Fields of this call: amount, reason_code, phase"),
        ({"phase": "anger"}, 422, "Invalid enum value 'anger'"),
        ({"reason_code": ""}, 422, "Fields of this call: amount, reason_code, phase"),
    ],
)
def test_a_complaint_that_cannot_be_says_what_could(
    shop: Shop, payment_id: str, body: dict[str, Any], status: int, says: str
) -> None:
    answer = shop.http.post(f"/_sandbox/payments/{payment_id}/dispute", json=body)
    assert answer.status_code == status
    assert says in answer.json()["error"]["description"]


def test_a_move_needs_a_dispute_that_exists_and_no_other_words(shop: Shop) -> None:
    assert shop.http.post("/_sandbox/disputes/disp_1/win", json={}).status_code == 404
    answer = shop.http.post("/_sandbox/disputes/disp_1/win", json={"please": True})
    assert answer.status_code == 422
