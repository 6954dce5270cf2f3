"""Webhooks about refunds and disputes: the payment first, then what becomes of its money."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from src.commands.gateway import (
    DisputeReport,
    PaymentReport,
    PaymentStatus,
    RefundReport,
    RefundStatus,
    Report,
)
from src.events.dispute import DisputeStatus
from src.events.money import Money
from src.http.razorpay.envelope import UnreadableWebhook
from src.http.razorpay.events import MONEY_EVENTS, WebhookNews, read_webhook
from tests.razorpay.published import names, published

REFUND = "webhook.refund.processed.normal_refunds.json"
DISPUTE = "webhook.payment.dispute.created.json"
THIRD = {"refund": REFUND, "dispute": DISPUTE}


def changed(of: str, part: str, event: str | None = None, /, **fields: object) -> bytes:
    """Return a published body with some fields of one part changed."""
    body: dict[str, Any] = json.loads(published(THIRD[of]))
    body["payload"][part]["entity"].update(fields)
    return json.dumps(body | {"event": event or body["event"]}).encode()


def without(of: str, part: str, field: str | None = None) -> bytes:
    """Return a published body that lacks a part, or one field of it."""
    body: dict[str, Any] = json.loads(published(THIRD[of]))
    if field is None:
        del body["payload"][part]
    else:
        del body["payload"][part]["entity"][field]
    return json.dumps(body).encode()


def told(raw: bytes) -> Report:
    """Return what a body tells besides how the payment stands."""
    payment, more = read_webhook(raw).reports
    assert isinstance(payment, PaymentReport)
    assert payment.razorpay_payment_id == more.razorpay_payment_id
    return more


def refund(raw: bytes) -> RefundReport:
    report = told(raw)
    assert isinstance(report, RefundReport)
    return report


def dispute(raw: bytes) -> DisputeReport:
    report = told(raw)
    assert isinstance(report, DisputeReport)
    return report


def test_a_refund_is_read_whole() -> None:
    order_id = "order_FPoIeimWki9j8A"
    news = read_webhook(changed("refund", "refund", receipt="rfd_1"))
    assert news == WebhookNews(
        event="refund.processed",
        razorpay_order_id=order_id,
        reports=(
            PaymentReport(
                razorpay_order_id=order_id,
                razorpay_payment_id="pay_FPoJKWQQ8lK13n",
                status=PaymentStatus.CAPTURED,
                amount=Money(500_000, "INR"),
                captured=True,
                method="netbanking",
                occurred_at=datetime(2020, 8, 18, 7, 1, 11, tzinfo=UTC),
            ),
            RefundReport(
                razorpay_order_id=order_id,
                razorpay_payment_id="pay_FPoJKWQQ8lK13n",
                razorpay_refund_id="rfnd_FS8TWyPrCsa0OB",
                status=RefundStatus.PROCESSED,
                amount=Money(50_000, "INR"),
                receipt="rfd_1",
                occurred_at=datetime(2020, 8, 18, 7, 1, 11, tzinfo=UTC),
            ),
        ),
    )


def test_a_dispute_is_read_whole() -> None:
    assert dispute(published(DISPUTE)) == DisputeReport(
        razorpay_order_id="order_EFtkA6f5jdkfud",
        razorpay_payment_id="pay_EFtmUsbwpXwBHI",
        dispute_id="disp_EsIAlDcoUr8CaQ",
        status=DisputeStatus.OPEN,
        amount=Money(39_000, "INR"),
        reason_code="processed_invalid_expired_card",
        respond_by=datetime(2020, 5, 25, 18, 30, tzinfo=UTC),
        deducted=Money(0, "INR"),
        occurred_at=datetime(2020, 5, 19, 17, 6, 17, tzinfo=UTC),
    )


@pytest.mark.parametrize("name", names("webhook.refund") + names("webhook.payment.dispute"))
def test_every_published_refund_and_dispute_is_read(name: str) -> None:
    body = json.loads(published(name))
    part = "refund" if "refund" in body["payload"] else "dispute"
    entity, payment = (body["payload"][each]["entity"] for each in (part, "payment"))
    news = read_webhook(published(name))
    assert news.event in MONEY_EVENTS
    assert news.event in name
    assert news.razorpay_order_id == payment["order_id"]
    if payment["order_id"] is None:
        assert news.reports == ()
        return
    report = told(published(name))
    assert isinstance(report, RefundReport if part == "refund" else DisputeReport)
    assert report.razorpay_payment_id == entity["payment_id"] == payment["id"]
    assert report.amount == Money(entity["amount"], entity["currency"])


@pytest.mark.parametrize(
    ("event", "entity", "status"),
    [
        ("refund.created", "pending", RefundStatus.PENDING),
        ("refund.created", "processed", RefundStatus.PROCESSED),
        ("refund.created", "failed", RefundStatus.FAILED),
        ("refund.created", "brand_new", RefundStatus.PENDING),
        ("refund.created", None, RefundStatus.PENDING),
        ("refund.speed_changed", "processed", RefundStatus.PROCESSED),
        ("refund.speed_changed", "pending", RefundStatus.PENDING),
        ("refund.processed", "pending", RefundStatus.PROCESSED),
        ("refund.processed", ["?"], RefundStatus.PROCESSED),
        ("refund.failed", "processed", RefundStatus.FAILED),
        ("refund.failed", "pending", RefundStatus.FAILED),
    ],
)
def test_a_refund_is_as_it_says_unless_the_event_names_its_end(
    event: str, entity: object, status: RefundStatus
) -> None:
    assert refund(changed("refund", "refund", event, status=entity)).status is status


@pytest.mark.parametrize(
    ("event", "entity", "status"),
    [
        ("created", "open", DisputeStatus.OPEN),
        ("created", "under_review", DisputeStatus.UNDER_REVIEW),
        ("created", "brand_new", DisputeStatus.OPEN),
        ("created", [], DisputeStatus.OPEN),
        ("under_review", "open", DisputeStatus.UNDER_REVIEW),
        ("action_required", "open", DisputeStatus.ACTION_REQUIRED),
        ("won", "under_review", DisputeStatus.WON),
        ("lost", "under_review", DisputeStatus.LOST),
        ("closed", "won", DisputeStatus.CLOSED),
    ],
)
def test_a_dispute_is_as_its_event_says_unless_it_was_only_created(
    event: str, entity: object, status: DisputeStatus
) -> None:
    raw = changed("dispute", "dispute", f"payment.dispute.{event}", status=entity)
    assert dispute(raw).status is status


@pytest.mark.parametrize("of", ["refund", "dispute"])
def test_money_without_an_order_is_no_report(of: str) -> None:
    for raw in (changed(of, "payment", order_id=None), without(of, "payment", "order_id")):
        news = read_webhook(raw)
        assert (news.reports, news.razorpay_order_id) == ((), None)


@pytest.mark.parametrize("of", ["refund", "dispute"])
@pytest.mark.parametrize("order_id", ["order_FPoIeimWki9j8A", None])
def test_what_belongs_to_another_payment_is_refused(of: str, order_id: str | None) -> None:
    body = json.loads(changed(of, of, payment_id="pay_AAAAAAAAAAAAAA"))
    body["payload"]["payment"]["entity"]["order_id"] = order_id
    with pytest.raises(UnreadableWebhook, match="another payment"):
        read_webhook(json.dumps(body).encode())


@pytest.mark.parametrize("of", ["refund", "dispute"])
@pytest.mark.parametrize("missing", ["payment", "itself"])
def test_half_a_body_is_refused(of: str, missing: str) -> None:
    with pytest.raises(UnreadableWebhook):
        read_webhook(without(of, of if missing == "itself" else missing))


INEXACT: dict[str, list[object]] = {
    "amount": ["100", 100.0, True, None, -1, 2**53, []],
    "currency": ["inr", "", None, 7],
    "payment_id": ["", None, 1, "pay_", "order_FPoIeimWki9j8A"],
    "id": ["", None, 1, "pay_FPoJKWQQ8lK13n", "rfnd_FS8TWyPrCsa0OB/..", "disp_\n"],
}


@pytest.mark.parametrize("of", ["refund", "dispute"])
@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field in INEXACT for value in INEXACT[field]]
)
def test_what_decides_about_money_must_be_exact(of: str, field: str, value: object) -> None:
    with pytest.raises(UnreadableWebhook):
        read_webhook(changed(of, of, **{field: value}))


@pytest.mark.parametrize("empty", [[], {}, None, 7, ""])
def test_what_does_not_decide_about_money_may_have_any_shape(empty: object) -> None:
    raw = changed("refund", "refund", receipt=empty, notes=empty, acquirer_data=empty)
    assert refund(raw).receipt is None
    raw = changed("dispute", "dispute", reason_code=empty, evidence=empty, phase=empty)
    assert dispute(raw).reason_code is None


@pytest.mark.parametrize(
    ("receipt", "notes", "ours"),
    [
        (None, {"refund_id": "refund_1"}, "refund_1"),
        ("", {"refund_id": "refund_1"}, "refund_1"),
        ("refund_2", {"refund_id": "refund_1"}, "refund_2"),
        (None, {"refund_id": 7}, None),
        (None, {"comment": "refund_1"}, None),
    ],
)
def test_a_refund_without_its_receipt_is_known_by_its_note(
    receipt: str | None, notes: object, ours: str | None
) -> None:
    """Every published webhook about a refund says `receipt: null`."""
    assert refund(changed("refund", "refund", receipt=receipt, notes=notes)).receipt == ours


@pytest.mark.parametrize("field", ["receipt", "status", "created_at", "notes"])
def test_what_does_not_decide_about_money_may_be_missing(field: str) -> None:
    assert refund(without("refund", "refund", field)).amount == Money(50_000, "INR")


@pytest.mark.parametrize("field", ["amount_deducted", "respond_by", "reason_code", "status"])
def test_a_dispute_may_leave_out_what_is_not_known_yet(field: str) -> None:
    report = dispute(without("dispute", "dispute", field))
    unknown = {"amount_deducted": report.deducted, "respond_by": report.respond_by}
    assert unknown.get(field) is None
    assert report.amount == Money(39_000, "INR")


def test_what_the_bank_took_already_is_told() -> None:
    raw = changed("dispute", "dispute", "payment.dispute.lost", amount_deducted=39_000)
    assert dispute(raw).deducted == Money(39_000, "INR")


def test_a_refund_whose_event_has_no_time_happened_when_it_was_made() -> None:
    raw = published("webhook.refund.speed_changed.refund.speed_changed.json")
    body = json.loads(raw)
    body.pop("created_at", None)
    made = datetime.fromtimestamp(body["payload"]["refund"]["entity"]["created_at"], UTC)
    assert refund(json.dumps(body).encode()).occurred_at == made


def test_a_payment_that_was_sent_back_without_being_taken_says_so() -> None:
    raw = changed("refund", "payment", status="refunded", captured=False)
    payment = read_webhook(raw).reports[0]
    assert isinstance(payment, PaymentReport)
    assert (payment.status, payment.captured) == (PaymentStatus.REFUNDED, False)
