"""Deliveries twice, in the wrong order, forged, strange and unreadable."""

import asyncio
import hashlib
import hmac
import json
from typing import Any

import pytest
from httpx import Response
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.journeys.buyers import (
    Buyer,
    all_cases,
    all_projections_stand_at_the_head,
    deliveries_of,
    eventually,
    fault,
    ok,
    order_of,
    orders_at_razorpay,
    plan,
    refused,
    stock_of,
)
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio


async def deliver(
    shop: ShopUnderTest, body: bytes, event_id: str | None = None, secret: str = ""
) -> Response:
    """Deliver these bytes, signed properly unless a secret is given."""
    key = secret or shop.settings.razorpay.webhook_secrets[0]
    headers = {
        "X-Razorpay-Signature": hmac.new(key.encode(), body, hashlib.sha256).hexdigest(),
        "Content-Type": "application/json",
    }
    if event_id is not None:
        headers["X-Razorpay-Event-Id"] = event_id
    return await shop.client.post("/webhooks/razorpay", content=body, headers=headers)


async def webhook(shop: ShopUnderTest, stored: dict[str, Any]) -> dict[str, Any]:
    """Return a stored delivery as staff see it."""
    path = f"/admin/webhooks/{stored['webhook_id']}"
    return ok(await shop.client.get(path, headers=shop.bearer("operator")))


async def settled(shop: ShopUnderTest, stored: dict[str, Any]) -> dict[str, Any]:
    """Wait until a stored delivery was thought about."""

    async def look() -> dict[str, Any] | None:
        await shop.work()
        shown = await webhook(shop, stored)
        return shown if shown["status"] != "received" else None

    found: dict[str, Any] = await eventually(look)
    return found


async def head(shop: ShopUnderTest) -> int:
    return await shop.parts.book.head()


async def test_duplicates_and_the_wrong_order_make_one_order(shop: ShopUnderTest) -> None:
    await shop.stocked("DUP", units=5)
    buyer = await Buyer.guest(shop, DUP=1)
    pending = await buyer.intent()
    await plan(shop, duplicate=5, reorder=True)
    await shop.pay(order_of(pending))
    await buyer.until(pending, "ORDER_CREATED")
    events = await deliveries_of(shop, order_of(pending))
    assert {event["event"] for event in events} >= {"payment.captured", "order.paid"}
    for event in reversed(events):
        ok(await shop.sandbox.post(f"/_sandbox/webhooks/{event['event_id']}/redeliver"))
    assert await stock_of(shop, "DUP") == (0, 1, 4)
    assert not await all_cases(shop)


async def test_a_failure_that_arrives_after_the_capture_changes_nothing(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("ORDERLY", units=5)
    buyer = await Buyer.guest(shop, ORDERLY=1)
    pending = await buyer.intent()
    payment = await shop.pay(order_of(pending), outcome="failed", deliver=False)
    path = f"/_sandbox/payments/{payment['razorpay_payment_id']}/authorize"
    ok(await shop.sandbox.post(path))
    done = await buyer.until(pending, "ORDER_CREATED")
    ok(await shop.sandbox.post("/_sandbox/webhooks/flush"))
    assert ok(await buyer.session(done))["state"] == "ORDER_CREATED"
    assert await stock_of(shop, "ORDERLY") == (0, 1, 4)


async def test_a_wrong_signature_is_401_and_has_no_effect(shop: ShopUnderTest) -> None:
    before = await head(shop)
    body = b'{"event":"payment.captured","payload":{}}'
    refused(await deliver(shop, body, secret="not the secret"), 401, "invalid-signature")
    refused(await shop.client.post("/webhooks/razorpay", content=body), 401, "invalid-signature")
    empty = {"X-Razorpay-Signature": ""}
    answer = await shop.client.post("/webhooks/razorpay", content=body, headers=empty)
    refused(answer, 401, "invalid-signature")
    key_of_nothing = hmac.new(b"", body, hashlib.sha256).hexdigest()
    forged = {"X-Razorpay-Signature": key_of_nothing}
    answer = await shop.client.post("/webhooks/razorpay", content=body, headers=forged)
    refused(answer, 401, "invalid-signature")
    answer = await shop.client.post(
        "/webhooks/razorpay", content=body, headers=[(b"x-razorpay-signature", b"\xe9" * 64)]
    )
    refused(answer, 401, "invalid-signature")
    assert await head(shop) == before


async def test_a_webhook_signed_wrongly_comes_again_and_counts(shop: ShopUnderTest) -> None:
    await shop.stocked("BADSIG", units=5)
    buyer = await Buyer.guest(shop, BADSIG=1)
    pending = await buyer.intent()
    await plan(shop, bad_signature=True)
    await shop.pay(order_of(pending))
    events = await deliveries_of(shop, order_of(pending))
    assert ok(await buyer.session(pending))["state"] == "PAYMENT_PENDING"
    for event in events:
        ok(await shop.sandbox.post(f"/_sandbox/webhooks/{event['event_id']}/redeliver"))
    await buyer.until(pending, "ORDER_CREATED")


def captured_elsewhere(order: str = "order_Foreign0000001", amount: int = 5_000) -> bytes:
    payment = {
        "id": "pay_Foreign0000001",
        "entity": "payment",
        "amount": amount,
        "currency": "INR",
        "status": "captured",
        "order_id": order,
        "method": "upi",
        "captured": True,
        "created_at": 1_700_000_000,
    }
    return json.dumps(
        {
            "entity": "event",
            "account_id": "acc_1",
            "event": "payment.captured",
            "contains": ["payment"],
            "payload": {"payment": {"entity": payment}},
            "created_at": 1_700_000_000,
        }
    ).encode()


async def test_an_unknown_order_is_parked_and_can_be_replayed(shop: ShopUnderTest) -> None:
    stored = ok(await deliver(shop, captured_elsewhere(), "foreign1"))
    shown = await settled(shop, stored)
    assert shown["status"] == "parked"
    path = f"/admin/webhooks/{stored['webhook_id']}/replay"
    for _ in range(2):
        answer = await shop.client.post(path, headers=shop.bearer("operator"))
        assert answer.is_success, answer.text
    assert (await settled(shop, stored))["status"] == "parked"
    assert not [case for case in await all_cases(shop) if case["kind"] != "webhook-id-reused"]


async def test_news_that_comes_before_we_know_of_our_order_is_settled_when_we_do(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("EARLY", units=5)
    buyer = await Buyer.guest(shop, EARLY=1)
    await fault(shop, "order.create", "commit_then_drop")
    problem = refused(await buyer.order(key="early"), 502, "payment-provider-unavailable")
    [order] = await orders_at_razorpay(shop, problem["checkout_session_id"])
    await shop.pay(order, deliver=False)
    [captured] = [
        event for event in await deliveries_of(shop, order) if event["event"] == "payment.captured"
    ]
    stored = ok(await deliver(shop, captured["body"].encode(), captured["event_id"]))
    assert (await settled(shop, stored))["status"] == "parked"
    parked = await parked_deliveries(shop)

    done = ok(await buyer.order(key="early"))
    assert done["state"] == "ORDER_CREATED", "the money was there already"
    assert order_of(done) == order
    assert (await webhook(shop, stored))["status"] == "parked"
    await shop.parts.runner.catch_up()
    known = await parked_deliveries(shop)
    assert known == {"ours": parked["ours"] + 1, "foreign": parked["foreign"] - 1}
    await shop.work()
    shown = await webhook(shop, stored)
    assert (shown["status"], shown["outcome"]) == ("handled", "nothing new")
    assert await parked_deliveries(shop) == {**known, "ours": parked["ours"]}
    assert not [case for case in await all_cases(shop) if case["razorpay_order_id"] == order]


async def test_a_parked_delivery_is_handled_when_it_is_replayed_after_our_order_is_known(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("REPLAYED", units=5)
    buyer = await Buyer.guest(shop, REPLAYED=1)
    await fault(shop, "order.create", "commit_then_drop")
    problem = refused(await buyer.order(key="replayed"), 502, "payment-provider-unavailable")
    [order] = await orders_at_razorpay(shop, problem["checkout_session_id"])
    await shop.pay(order, deliver=False)
    events = await deliveries_of(shop, order)
    stored = ok(await deliver(shop, events[-1]["body"].encode(), events[-1]["event_id"]))
    assert (await settled(shop, stored))["status"] == "parked"
    ok(await buyer.order(key="replayed"))
    path = f"/admin/webhooks/{stored['webhook_id']}/replay"
    replayed = ok(await shop.client.post(path, headers=shop.bearer("operator")))
    assert (replayed["status"], replayed["reason"]) == ("handled", None)


async def parked_deliveries(shop: ShopUnderTest) -> dict[str, float]:
    """Whose money the parked deliveries are about, as watchers see it."""
    return {
        sample.labels["money"]: sample.value
        for sample in await figures(shop)
        if sample.name == "khata_parked_deliveries"
    }


async def figures(shop: ShopUnderTest) -> list[Sample]:
    page = (await shop.client.get("/metrics")).text
    return [each for family in text_string_to_metric_families(page) for each in family.samples]


async def test_how_late_deliveries_come_and_how_long_they_wait_is_counted(
    shop: ShopUnderTest,
) -> None:
    names = {"khata_delivery_settle_seconds_count", "khata_delivery_lag_seconds_count"}

    async def counts() -> dict[str, float]:
        return {each.name: each.value for each in await figures(shop) if each.name in names}

    before = await counts()
    ok(await deliver(shop, captured_elsewhere("order_Late0000000001"), "late1"))

    async def both_more() -> bool:
        return all([(await counts())[name] > before[name] for name in names])

    assert await eventually(both_more)


async def test_an_unknown_event_is_stored_and_acknowledged(shop: ShopUnderTest) -> None:
    body = b'{"entity":"event","event":"invoice.sung","contains":[],"payload":{},"created_at":1}'
    stored = ok(await deliver(shop, body, "unknown1"))
    assert (await settled(shop, stored))["status"] == "handled"


STRANGE = [
    b"",
    b"{}",
    b"[]",
    b"null",
    b"not json",
    b"\xff\xfe\x00",
    b'{"event":"payment.captured"}',
    b'{"event":"payment.captured","payload":{"payment":{"entity":{}}}}',
    b'{"event":"\\u0000","payload":{}}',
    b'{"event":"payment.captured","payload":' + b"[" * 50_000,
    captured_elsewhere().replace(b"5000", b"1180591620717411303424"),
    captured_elsewhere().replace(b"5000", b"-1"),
    captured_elsewhere().replace(b"5000", b"1.5"),
    captured_elsewhere().replace(b"upi", b"\\u0000"),
    captured_elsewhere(order="order_\\u0000"),
    captured_elsewhere().replace(b'"INR"', b'"XX"'),
    captured_elsewhere().replace(b"1700000000", b"99999999999999999999"),
    captured_elsewhere(order="x" * 5_000),
]


async def test_whatever_cannot_be_read_is_kept_and_stops_nothing(shop: ShopUnderTest) -> None:
    answers = await asyncio.gather(*(deliver(shop, body) for body in STRANGE))
    for body, answer in zip(STRANGE, answers, strict=True):
        assert answer.status_code == 200, (body[:80], answer.text)
        shown = await settled(shop, ok(answer))
        assert shown["status"] in {"parked", "handled"}, body[:80]
    await all_projections_stand_at_the_head(shop)
    unreadable = [case for case in await all_cases(shop) if case["kind"] == "webhook-unreadable"]
    assert unreadable
    assert not [case for case in await all_cases(shop) if case["kind"] == "webhook-stuck"]


async def test_the_same_id_with_other_bytes_is_an_alarm_and_still_counts(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("ALARM", units=5)
    buyer = await Buyer.guest(shop, ALARM=1)
    pending = await buyer.intent()
    await shop.pay(order_of(pending), deliver=False)
    event = next(
        each
        for each in await deliveries_of(shop, order_of(pending))
        if each["event"] == "payment.captured"
    )
    ok(await deliver(shop, b'{"event":"invoice.sung","payload":{}}', event["event_id"]))
    first = ok(await deliver(shop, event["body"].encode(), event["event_id"]))
    again = ok(await deliver(shop, event["body"].encode(), event["event_id"]))
    assert first == again
    await buyer.until(pending, "ORDER_CREATED")
    kinds = [case["kind"] for case in await all_cases(shop)]
    assert kinds.count("webhook-id-reused") == 1


async def test_an_oversize_delivery_is_413(shop: ShopUnderTest) -> None:
    limit = shop.settings.http.webhook_body_bytes_max
    before = await head(shop)
    refused(await deliver(shop, b" " * (limit + 1)), 413, "body-too-large")
    assert await head(shop) == before
