"""Webhooks as Razorpay really sends them: bytes, headers, signature, order."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from src.http.sandbox.wire import encode
from tests.sandbox.receiver import NEVER, Delivery, Receiver
from tests.sandbox.shop import (
    PAYLOADS,
    WEBHOOK_SECRET,
    Shop,
    differences,
    published,
    running_sandbox,
    settings_for,
)

LIFE = ["payment.authorized", "payment.captured", "order.paid"]
OPTIONAL_HEADERS = {"Host"}


def verifies(shop: Shop, delivery: Delivery) -> bool:
    signature = delivery.headers["X-Razorpay-Signature"]
    return bool(
        shop.sdk.utility.verify_webhook_signature(delivery.raw.decode(), signature, WEBHOOK_SECRET)
    )


def by_event(deliveries: list[Delivery]) -> dict[str, Delivery]:
    return {each.event: each for each in deliveries}


@pytest.mark.parametrize("event", LIFE)
def test_a_payment_event_is_spelled_like_the_live_one(shop: Shop, event: str) -> None:
    shop.pay(shop.order(), method="netbanking")
    body = by_event(shop.receiver.take(3))[event].body
    live = json.loads((PAYLOADS / f"live_{event}.netbanking.raw").read_bytes())
    assert differences(body, live) == []


@pytest.mark.parametrize("event", [*LIFE, "payment.failed"])
def test_the_serializer_gives_the_live_bytes(event: str) -> None:
    raw = (PAYLOADS / f"live_{event}.netbanking.raw").read_bytes()
    assert encode(json.loads(raw)) == raw


def test_a_refund_is_spelled_by_the_other_serializer(shop: Shop) -> None:
    """Keys in alphabetical order at every depth, empty notes a list, slashes escaped."""
    payment_id = shop.pay(shop.order(), deliver=False)["razorpay_payment_id"]
    shop.sdk.payment.refund(payment_id, {"receipt": "a/₹"})
    delivery = by_event(shop.receiver.take(2))["refund.processed"]
    resorted = json.dumps(delivery.body, separators=(",", ":"), sort_keys=True)
    assert delivery.raw == resorted.replace("/", "\\/").encode()
    assert b'"notes":[]' in delivery.raw
    assert b'"receipt":"a\\/\\u20b9"' in delivery.raw


def test_a_failed_payment_is_spelled_like_the_live_one(shop: Shop) -> None:
    shop.pay(shop.order(), method="netbanking", outcome="failed")
    body = shop.receiver.next().body
    live = json.loads((PAYLOADS / "live_payment.failed.netbanking.raw").read_bytes())
    assert differences(body, live) == []
    ours, theirs = (each["payload"]["payment"]["entity"] for each in (body, live))
    for field in ("error_code", "error_description", "error_source", "error_step", "error_reason"):
        assert ours[field] == theirs[field]


@pytest.mark.parametrize("event", ["refund.created", "refund.processed"])
def test_a_refund_event_has_the_published_keys_in_alphabetical_order(
    shop: Shop, event: str
) -> None:
    payment_id = shop.pay(shop.order(), method="netbanking", deliver=False)["razorpay_payment_id"]
    shop.sdk.payment.refund(payment_id, {"notes": {"comment": "x"}})
    body = by_event(shop.receiver.take(2))[event].body
    theirs = published(f"webhook.{event}.normal_refunds.json")
    # Razorpay's own deliveries sort the keys; its documentation does not.
    assert differences(body, theirs, sorted_keys=True) == []
    assert body["contains"] == ["refund", "payment"]


def test_the_headers_are_the_live_ones(shop: Shop) -> None:
    shop.pay(shop.order(), outcome="failed")
    delivery = shop.receiver.next()
    headers = delivery.headers
    live = published("live_headers.json")
    del live["_note"]
    assert [each for each in headers if each not in OPTIONAL_HEADERS] == list(live)
    for same in ("User-Agent", "Accept-Encoding", "Content-Type"):
        assert headers[same] == live[same]
    assert headers["Content-Length"] == str(len(delivery.raw))
    assert headers["Request-Id"] == headers["X-Razorpay-Event-Id"]
    assert re.fullmatch(r"[A-Za-z0-9]{14}", headers["X-Razorpay-Event-Id"])


def test_the_sdk_accepts_the_signature_of_the_raw_bytes_only(shop: Shop) -> None:
    shop.pay(shop.order(receipt="a/b", notes={"box": "₹ 15 \U0001f381"}))
    paid = by_event(shop.receiver.take(3))["order.paid"]
    assert verifies(shop, paid)
    assert b'"receipt":"a\\/b"' in paid.raw
    assert b"\\u20b9 15 \\ud83c\\udf81" in paid.raw
    assert paid.body["payload"]["order"]["entity"]["notes"] == {"box": "₹ 15 \U0001f381"}
    reserialised = json.dumps(paid.body, separators=(",", ":")).encode()
    with pytest.raises(shop.sdk_errors.SignatureVerificationError):
        verifies(shop, paid._replace(raw=reserialised))


def test_a_refused_webhook_comes_again_byte_for_byte(shop: Shop) -> None:
    shop.receiver.answers.extend([400, 302, 500])
    shop.pay(shop.order(), outcome="failed")
    tries = shop.receiver.take(4)
    assert len({(each.raw, each.headers["X-Razorpay-Event-Id"]) for each in tries}) == 1
    assert len({each.headers["X-Razorpay-Signature"] for each in tries}) == 1
    shop.control("webhooks/flush")
    assert shop.receiver.is_quiet()
    (item,) = shop.webhooks()
    assert [each["status"] for each in item["attempts"]] == [400, 302, 500, 200]
    assert item["state"] == "delivered"


def test_events_held_back_leave_with_a_flush(shop: Shop) -> None:
    shop.pay(shop.order(), deliver=False)
    assert [each["attempts"] for each in shop.webhooks()] == [[], [], []]
    assert shop.receiver.is_quiet()
    flushed = shop.control("webhooks/flush")["items"]
    assert [each["state"] for each in flushed] == ["delivered"] * 3
    assert {each.event for each in shop.receiver.take(3)} == set(LIFE)


def test_one_event_can_be_delivered_again(shop: Shop) -> None:
    shop.pay(shop.order(), outcome="failed")
    first = shop.receiver.next()
    event_id = first.headers["X-Razorpay-Event-Id"]
    shop.control(f"webhooks/{event_id}/redeliver")
    assert shop.receiver.next().raw == first.raw
    unknown = shop.http.post("/_sandbox/webhooks/nosuch/redeliver")
    assert unknown.status_code == 404
    assert "GET /_sandbox/webhooks" in unknown.json()["error"]["description"]


def test_a_plan_can_drop_events_until_they_are_flushed(shop: Shop) -> None:
    shop.control("webhooks/plan", drop=2)
    shop.pay(shop.order())
    assert shop.receiver.next().event == "order.paid"
    shop.pay(shop.order(), outcome="failed")
    assert shop.receiver.next().event == "payment.failed"
    shop.control("webhooks/flush")
    assert {each.event for each in shop.receiver.take(2)} == set(LIFE[:2])


def test_a_plan_can_deliver_every_event_several_times(shop: Shop) -> None:
    shop.control("webhooks/plan", duplicate=3)
    shop.pay(shop.order())
    deliveries = shop.receiver.take(9)
    assert len({each.headers["X-Razorpay-Event-Id"] for each in deliveries}) == 3


def test_a_plan_can_turn_the_order_of_events_around(shop: Shop) -> None:
    shop.control("webhooks/plan", reorder=True)
    shop.pay(shop.order())
    assert [each.event for each in shop.receiver.take(3)] == LIFE[::-1]


def test_a_plan_can_delay_until_the_clock_is_moved(shop: Shop) -> None:
    shop.control("webhooks/plan", delay_seconds=3600)
    shop.pay(shop.order(), outcome="failed")
    assert shop.webhooks()[0]["attempts"] == []
    shop.control("clock", advance_seconds=3600)
    assert shop.receiver.next().event == "payment.failed"


def test_a_plan_can_forge_a_signature_and_a_redelivery_mends_it(shop: Shop) -> None:
    shop.control("webhooks/plan", bad_signature=True)
    shop.pay(shop.order(), outcome="failed")
    forged = shop.receiver.next()
    with pytest.raises(shop.sdk_errors.SignatureVerificationError):
        verifies(shop, forged)
    shop.control(f"webhooks/{forged.headers['X-Razorpay-Event-Id']}/redeliver")
    assert verifies(shop, shop.receiver.next())


def test_a_plan_can_tell_a_wrong_amount_under_a_right_signature(shop: Shop) -> None:
    shop.control("webhooks/plan", tamper_amount=100)
    paid = shop.pay(shop.order())
    deliveries = shop.receiver.take(3)
    amounts = [each.body["payload"]["payment"]["entity"]["amount"] for each in deliveries]
    assert amounts == [100, 100, 100]
    assert all(verifies(shop, each) for each in deliveries)
    assert shop.sdk.payment.fetch(paid["razorpay_payment_id"])["amount"] == 150000


def test_a_plan_is_used_up_by_one_operation(shop: Shop) -> None:
    shop.control("webhooks/plan", drop=True, duplicate=2)
    shop.pay(shop.order())
    shop.pay(shop.order(), outcome="failed")
    assert shop.receiver.next().event == "payment.failed"
    shop.control("webhooks/flush")
    assert {each.event for each in shop.receiver.take(3)} == set(LIFE)
    assert shop.receiver.is_quiet()


def test_the_list_can_be_narrowed_to_one_payment(shop: Shop) -> None:
    shop.pay(shop.order())
    failed = shop.pay(shop.order(), outcome="failed")["razorpay_payment_id"]
    items: list[dict[str, Any]] = shop.http.get(f"/_sandbox/webhooks?of={failed}").json()["items"]
    assert [each["event"] for each in items] == ["payment.failed"]


def test_an_answer_after_five_seconds_is_a_failure_and_holds_up_nothing(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("src.http.sandbox.outgoing.ANSWER_SECONDS_MAX", 0.3)
    receiver.answers.append(NEVER)
    settings = settings_for(tmp_path / "sandbox.db", receiver.url, retry_scale=0.02)
    with running_sandbox(settings, receiver) as shop:
        shop.pay(shop.order(), outcome="failed")
        silent = receiver.next()
        assert shop.order()["status"] == "created"
        assert receiver.next().raw == silent.raw
        shop.control("webhooks/flush")
        attempts = shop.webhooks()[0]["attempts"]
        assert (attempts[0]["status"], attempts[0]["problem"]) == (None, "no answer within 0.3 s")


def test_an_event_keeps_the_signature_of_its_day(tmp_path: Path, receiver: Receiver) -> None:
    state = tmp_path / "sandbox.db"
    with running_sandbox(settings_for(state, receiver.url), receiver) as shop:
        shop.pay(shop.order(), outcome="failed", deliver=False)
    rotated = settings_for(state, receiver.url, webhook_secret="another")
    with running_sandbox(rotated, receiver) as shop:
        shop.control("webhooks/flush")
        assert verifies(shop, receiver.next())
        shop.pay(shop.order(), outcome="failed")
        with pytest.raises(shop.sdk_errors.SignatureVerificationError):
            verifies(shop, receiver.next())
