"""What the sandbox delivers is read as what happened there, to the byte and with its signature."""

from collections.abc import Iterator
from pathlib import Path
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
from src.http.razorpay.events import MONEY_EVENTS, WebhookNews, read_webhook
from src.http.razorpay.signatures import verify_webhook
from tests.sandbox.receiver import bound_socket, receiving
from tests.sandbox.shop import WEBHOOK_SECRET, Shop, running_sandbox, settings_for

OURS = "rfd_1234567890"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with receiving(bound_socket()) as receiver:
        settings = settings_for(tmp_path / "sandbox.db", receiver.url, retry_scale=0.02)
        with running_sandbox(settings, receiver) as shop:
            yield shop


def told(shop: Shop, count: int) -> dict[str, WebhookNews]:
    """Return what the next deliveries say, by event."""
    news: dict[str, WebhookNews] = {}
    for delivery in shop.receiver.take(count):
        headers = {name.lower(): value for name, value in delivery.headers.items()}
        signature = headers["x-razorpay-signature"]
        assert verify_webhook(delivery.raw, signature, [WEBHOOK_SECRET]) == 0
        read = read_webhook(delivery.raw)
        assert read.event in MONEY_EVENTS
        news[read.event] = read
    return news


def last(news: WebhookNews) -> Report:
    return news.reports[-1]


@pytest.fixture
def paid(shop: Shop) -> dict[str, Any]:
    order = shop.order()
    payment: dict[str, Any] = shop.pay(order)["payment"]
    news = told(shop, 3)
    assert set(news) == {"payment.authorized", "payment.captured", "order.paid"}
    for each in news.values():
        [report] = each.reports
        assert isinstance(report, PaymentReport)
        assert (each.razorpay_order_id, report.razorpay_payment_id) == (order["id"], payment["id"])
    return payment


def test_a_refund_is_told_with_our_own_id(shop: Shop, paid: dict[str, Any]) -> None:
    made = shop.sdk.payment.refund(paid["id"], {"amount": 50000, "receipt": OURS})
    for news in told(shop, 2).values():
        payment, refund = news.reports
        assert isinstance(payment, PaymentReport)
        assert isinstance(refund, RefundReport)
        assert (payment.status, payment.captured) == (PaymentStatus.CAPTURED, True)
        assert (refund.razorpay_refund_id, refund.receipt) == (made["id"], OURS)
        assert refund.razorpay_payment_id == payment.razorpay_payment_id == paid["id"]
        assert refund.razorpay_order_id == news.razorpay_order_id == paid["order_id"]
        assert (refund.status, refund.amount) == (RefundStatus.PROCESSED, Money(50000, "INR"))


@pytest.mark.parametrize(
    ("end", "status"), [("process", RefundStatus.PROCESSED), ("fail", RefundStatus.FAILED)]
)
def test_a_refund_that_waited_is_told_as_it_ends(
    shop: Shop, paid: dict[str, Any], end: str, status: RefundStatus
) -> None:
    shop.control("refunds/plan", outcome="pending")
    made = shop.sdk.payment.refund(paid["id"], {"receipt": OURS})
    [created] = told(shop, 1).values()
    shop.control(f"refunds/{made['id']}/{end}")
    [ended] = told(shop, 1).values()
    reports = last(created), last(ended)
    assert [isinstance(each, RefundReport) and each.status for each in reports] == [
        RefundStatus.PENDING,
        status,
    ]


def test_money_that_went_back_by_itself_was_never_taken(shop: Shop) -> None:
    order = shop.order()
    shop.pay(order, deliver=False)
    shop.pay(order)
    news = told(shop, 3)
    payment, refund = news["refund.created"].reports
    assert isinstance(payment, PaymentReport)
    assert isinstance(refund, RefundReport)
    assert (payment.status, payment.captured) == (PaymentStatus.REFUNDED, False)
    assert refund.receipt is None


def test_a_dispute_is_told(shop: Shop, paid: dict[str, Any]) -> None:
    shop.control(f"payments/{paid['id']}/dispute", amount=40000, reason_code="chargeback")
    [news] = told(shop, 1).values()
    dispute = last(news)
    assert isinstance(dispute, DisputeReport)
    assert (dispute.razorpay_payment_id, dispute.status) == (paid["id"], DisputeStatus.OPEN)
    assert (dispute.amount, dispute.reason_code) == (Money(40000, "INR"), "chargeback")
    assert dispute.respond_by is not None


@pytest.mark.parametrize("without_order", [True, False])
def test_a_strangers_money_is_reported_only_where_it_has_an_order(
    shop: Shop, *, without_order: bool
) -> None:
    shop.control("foreign/pay", without_order=without_order)
    captured = told(shop, 2 if without_order else 3)["payment.captured"]
    assert len(captured.reports) == (0 if without_order else 1)
