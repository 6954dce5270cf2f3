"""What a webhook says, read from its bytes; who said it is not judged here (signatures.py)."""

import msgspec
from msgspec import Struct

from src.commands.gateway import Report
from src.http.razorpay.disputes import DISPUTE_EVENTS, DisputePayload
from src.http.razorpay.entities import UNREADABLE
from src.http.razorpay.envelope import ENVELOPE, UnreadableWebhook
from src.http.razorpay.payloads import PaymentPayload
from src.http.razorpay.refunds import REFUND_EVENTS, RefundPayload

PAYMENT_EVENTS = frozenset(
    {"payment.authorized", "payment.captured", "payment.failed", "order.paid"}
)
"""The events that tell how a payment stands."""
_SHAPES: dict[str, type[PaymentPayload]] = {
    **dict.fromkeys(PAYMENT_EVENTS, PaymentPayload),
    **dict.fromkeys(REFUND_EVENTS, RefundPayload),
    **dict.fromkeys(DISPUTE_EVENTS, DisputePayload),
}
MONEY_EVENTS = frozenset(_SHAPES)
"""The events that we act on."""


class WebhookNews(Struct, frozen=True, kw_only=True):
    """What one webhook tells us; an event we do not act on has no reports."""

    event: str
    reports: tuple[Report, ...] = ()
    """How the payment stands, and then what becomes of its money. Empty also when the payment
    belongs to no order: such money is not ours to decide about."""
    razorpay_order_id: str | None = None
    """The order it speaks of, as far as one is named, also in events we do not act on."""


def read_webhook(raw: bytes) -> WebhookNews:
    """Return what a webhook says; raise UnreadableWebhook, and nothing else, if nobody could."""
    try:
        envelope = ENVELOPE.decode(raw)
        if envelope.event not in _SHAPES:
            named = envelope.razorpay_order_id
            return WebhookNews(event=envelope.event, razorpay_order_id=named)
        told = msgspec.convert(envelope.payload, _SHAPES[envelope.event])
    except UNREADABLE as wrong:
        raise UnreadableWebhook(str(wrong)) from wrong
    reports = told.reports(envelope)
    order_id = reports[0].razorpay_order_id if reports else None
    return WebhookNews(event=envelope.event, reports=reports, razorpay_order_id=order_id)
