"""When Razorpay is asked about something, and how long there is something to ask."""

from datetime import datetime, timedelta

from src.commands.view import View
from src.events.checkout import Checkout, Ended, IntentRequested, PaymentIntentRequested
from src.events.inquiry import Inquiry, InquiryKind
from src.events.payment import Progress
from src.events.refund import UNANSWERED

LADDER = (
    timedelta(minutes=15),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (1, 2, 4, 8, 16, 24, 36, 48, 60, 72)),
)
"""How long after its beginning something is asked about. Razorpay waits three days for a bank."""
DAY = timedelta(days=1)


def first_inquiry(began_at: datetime) -> datetime:
    """Return when something is asked about for the first time."""
    return began_at + LADDER[0]


def next_inquiry(kind: InquiryKind, began_at: datetime, asked_at: datetime) -> datetime | None:
    """Return when to ask again, None when it was asked about long enough.

    Rungs that were missed are not made up for. A refund always has an end, so
    it is asked about every day until that is known.
    """
    for rung in LADDER:
        if began_at + rung > asked_at:
            return began_at + rung
    if kind is InquiryKind.REFUND:
        return began_at + ((asked_at - began_at) // DAY + 1) * DAY
    return None


def is_open(view: View, inquiry: Inquiry) -> bool:
    """Whether there still is something to ask, as far as the book knows."""
    match inquiry.kind:
        case InquiryKind.INTENT:
            return unanswered_intent(view.checkout(inquiry.key)) is not None
        case InquiryKind.PAYMENT:
            payment = view.payment(inquiry.razorpay_order_id)
            attempts = payment.attempts.values()
            captured = any(each.progress is Progress.CAPTURED for each in attempts)
            return payment.opened is not None and not captured
        case InquiryKind.REFUND:
            refund = view.payment(inquiry.razorpay_order_id).refunds.get(inquiry.refund_id)
            return refund is not None and refund.progress in UNANSWERED


def unanswered_intent(checkout: Checkout) -> PaymentIntentRequested | None:
    """Return what a session asked Razorpay for without ever hearing of an order."""
    match checkout:
        case IntentRequested(intent=intent) | Ended(intent=intent, razorpay_order_id=None):
            return intent
        case _:
            return None
