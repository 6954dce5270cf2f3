"""Razorpay's deliveries, read for the inbox."""

from src.commands.webhook_inbox import News, Unreadable
from src.http.razorpay.envelope import UnreadableWebhook
from src.http.razorpay.events import MONEY_EVENTS, read_webhook


def read_delivery(raw: bytes) -> News:
    """Return what a delivery says; raises Unreadable, and nothing else."""
    try:
        told = read_webhook(raw)
    except UnreadableWebhook as wrong:
        raise Unreadable(str(wrong)) from wrong
    return News(
        name=told.event,
        razorpay_order_id=told.razorpay_order_id,
        reports=told.reports,
        about_money_without_order=told.event in MONEY_EVENTS and not told.reports,
    )
