"""Webhooks: published bodies are understood, and no bytes raise anything but one error."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.commands.gateway import PaymentReport, PaymentStatus
from src.events.money import Money
from src.http.razorpay.envelope import UnreadableWebhook
from src.http.razorpay.events import MONEY_EVENTS, PAYMENT_EVENTS, WebhookNews, read_webhook
from tests.razorpay.published import names, published

CAPTURED = "live_payment.captured.netbanking.raw"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def changed(name: str = CAPTURED, **fields: object) -> bytes:
    """Return a published body with some fields of its payment changed."""
    body = json.loads(published(name))
    body["payload"]["payment"]["entity"].update(fields)
    return json.dumps(body).encode()


def without(name: str, field: str) -> bytes:
    body = json.loads(published(name))
    del body["payload"]["payment"]["entity"][field]
    return json.dumps(body).encode()


def only_payment(raw: bytes) -> PaymentReport:
    [payment] = read_webhook(raw).reports
    assert isinstance(payment, PaymentReport)
    return payment


def test_a_delivered_capture_is_read_whole() -> None:
    assert read_webhook(published(CAPTURED)) == WebhookNews(
        event="payment.captured",
        razorpay_order_id="order_TVCpvdEADkAoMJ",
        reports=(
            PaymentReport(
                razorpay_order_id="order_TVCpvdEADkAoMJ",
                razorpay_payment_id="pay_TVCsKe6a4pkI5j",
                status=PaymentStatus.CAPTURED,
                amount=Money(100, "INR"),
                captured=True,
                method="netbanking",
                reason=None,
                occurred_at=datetime(2026, 8, 28, 13, 30, 3, tzinfo=UTC),
            ),
        ),
    )


def test_a_paid_order_tells_of_the_same_money_as_the_capture() -> None:
    capture = only_payment(published(CAPTURED))
    paid = only_payment(published("live_order.paid.netbanking.raw"))
    assert paid.razorpay_payment_id == capture.razorpay_payment_id
    assert (paid.status, paid.amount, paid.captured) == (capture.status, capture.amount, True)


def test_a_delivered_failure_says_why() -> None:
    failed = only_payment(published("live_payment.failed.netbanking.raw"))
    assert (failed.status, failed.captured) == (PaymentStatus.FAILED, False)
    assert failed.reason == "payment_failed"


@pytest.mark.parametrize(
    "name",
    [name for event in sorted(PAYMENT_EVENTS) for name in names(f"webhook.{event}.")]
    + names("live_"),
)
def test_every_published_payment_event_is_read(name: str) -> None:
    entity = json.loads(published(name))["payload"]["payment"]["entity"]
    news, payment = read_webhook(published(name)), only_payment(published(name))
    assert news.event in name
    assert news.razorpay_order_id == payment.razorpay_order_id == entity["order_id"]
    assert payment.razorpay_payment_id == entity["id"]
    assert payment.status == entity["status"]
    assert payment.amount == Money(entity["amount"], "INR")


@pytest.mark.parametrize(
    "event", ["settlement.processed", "payment.downtime.started", "refund.arn_updated", "x"]
)
def test_an_event_that_is_not_acted_on_is_named_with_its_order(event: str) -> None:
    body = json.loads(published(CAPTURED))
    body["event"] = event
    assert read_webhook(json.dumps(body).encode()) == WebhookNews(
        event=event, razorpay_order_id="order_TVCpvdEADkAoMJ"
    )


@pytest.mark.parametrize("name", names("webhook.settlement"))
def test_a_settlement_tells_of_no_order(name: str) -> None:
    assert read_webhook(published(name)) == WebhookNews(event="settlement.processed")


@pytest.mark.parametrize(
    ("status", "flag", "captured"),
    [
        ("captured", True, True),
        ("captured", None, True),
        ("refunded", True, True),
        ("refunded", 1, True),
        ("refunded", False, False),
        ("refunded", 0, False),
        ("refunded", None, False),
        ("authorized", False, False),
        ("authorized", True, True),
        ("failed", True, False),
        ("created", True, False),
        ("pending", False, False),
        ("something_new", True, True),
    ],
)
def test_captured_says_whether_money_was_taken(
    status: str, *, flag: object, captured: bool
) -> None:
    assert only_payment(changed(status=status, captured=flag)).captured is captured


def test_a_status_we_do_not_know_counts_as_the_weakest() -> None:
    assert only_payment(changed(status="something_new")).status is PaymentStatus.CREATED


@pytest.mark.parametrize("empty", [[], {}, None, "x", 7])
def test_what_does_not_decide_about_money_may_have_any_shape(empty: object) -> None:
    raw = changed(notes=empty, acquirer_data=empty, fee=empty, error_reason=empty, brand_new=empty)
    assert only_payment(raw).amount == Money(100, "INR")


@pytest.mark.parametrize("field", ["method", "captured", "created_at", "error_reason", "notes"])
def test_what_does_not_decide_about_money_may_be_missing(field: str) -> None:
    assert only_payment(without(CAPTURED, field)).captured


@pytest.mark.parametrize("raw", [changed(order_id=None), without(CAPTURED, "order_id")])
def test_a_payment_without_an_order_is_no_report(raw: bytes) -> None:
    assert read_webhook(raw) == WebhookNews(event="payment.captured")


def test_a_paid_order_lends_its_id_to_a_payment_that_names_none() -> None:
    raw = changed("live_order.paid.netbanking.raw", order_id=None)
    assert only_payment(raw).razorpay_order_id == "order_TVCpvdEADkAoMJ"


def test_a_paid_order_and_a_payment_of_another_are_refused() -> None:
    with pytest.raises(UnreadableWebhook, match="different orders"):
        read_webhook(changed("live_order.paid.netbanking.raw", order_id="order_TVCpvdEADkAoMX"))


INEXACT: dict[str, list[object]] = {
    "amount": ["100", 100.0, True, None, -1, 2**53, 10**400, [], {"amount": 100}],
    "currency": ["inr", "INRX", "", None, 7, "INR\n"],
    "id": ["", "pay_", "pay_TVCsKe6a4pkI5j/..", "order_TVCpvdEADkAoMJ", None, 1],
    "order_id": [
        "",
        "order_x",
        "xorder_TVCpvdEADkAoMJ",
        "pay_TVCsKe6a4pkI5j",
        "order_TVCpvdEADkAoM\0",
        1,
    ],
    "status": [None, 1, [], {}],
}


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field in INEXACT for value in INEXACT[field]]
)
def test_what_decides_about_money_must_be_exact(field: str, value: object) -> None:
    with pytest.raises(UnreadableWebhook):
        read_webhook(changed(CAPTURED, **{field: value}))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b'"payment.captured"',
        b'{"event":"payment.captured"}',
        b'{"event":"payment.captured","payload":[]}',
        b'{"event":"payment.captured","payload":{"payment":[]}}',
        b'{"event":"payment.captured","payload":{"payment":{"entity":[]}}}',
        b'{"event":"order.paid","payload":{"order":{"entity":{"id":"order_TVCpvdEADkAoMJ"}}}}',
        b'{"event":["payment.captured"]}',
        b'{"event":"a\\u0000b"}',
        b'{"event":"x","payload":"\xff"}',
        b'{"event":"x","payload":' + b"[" * 200_000 + b"}",
        b'{"event":"x","y":' + b'{"y":' * 200_000,
        b'{"event":"x","payload":"\\ud800"}',
        b'{"event":"x","payload":' + b"9" * 5000 + b"}",
    ],
)
def test_bytes_that_are_no_webhook_are_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadableWebhook):
        read_webhook(raw)


def test_free_text_is_shortened_and_loses_what_postgres_cannot_keep() -> None:
    reason = only_payment(changed(error_reason="a\0" * 500)).reason
    assert reason == "a" * 200


@pytest.mark.parametrize("seconds", [None, -1, 10**30, "now", 1.5, True, []])
def test_a_time_that_is_none_is_left_out(seconds: object) -> None:
    body: dict[str, Any] = json.loads(changed(created_at=seconds))
    body["created_at"] = seconds
    assert only_payment(json.dumps(body).encode()).occurred_at is None


def read_or_refuse(raw: bytes) -> None:
    try:
        news = read_webhook(raw)
    except UnreadableWebhook:
        return
    assert len(news.reports) <= (2 if news.event in MONEY_EVENTS - PAYMENT_EVENTS else 1)
    assert {report.razorpay_order_id for report in news.reports} <= {news.razorpay_order_id}


@given(st.binary())
def test_arbitrary_bytes_raise_nothing_else(raw: bytes) -> None:
    read_or_refuse(raw)


@given(st.sampled_from([*sorted(MONEY_EVENTS), "x"]), JSON, JSON)
def test_arbitrary_json_raises_nothing_else(event: str, payload: object, at: object) -> None:
    read_or_refuse(json.dumps(payload).encode())
    read_or_refuse(json.dumps({"event": event, "payload": payload, "created_at": at}).encode())


WHOLE = [
    "live_order.paid.netbanking.raw",
    "webhook.refund.processed.normal_refunds.json",
    "webhook.payment.dispute.created.json",
]


@given(st.data(), st.sampled_from(WHOLE), JSON)
def test_a_body_with_one_part_replaced_raises_nothing_else(
    data: st.DataObject, name: str, instead: object
) -> None:
    body: Any = json.loads(published(name))
    part = body
    for _ in range(data.draw(st.integers(0, 3))):
        inner = [key for key, value in part.items() if isinstance(value, dict)]
        part = part[data.draw(st.sampled_from(inner))] if inner else part
    part[data.draw(st.sampled_from(sorted(part)))] = instead
    read_or_refuse(json.dumps(body).encode())
