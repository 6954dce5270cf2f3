"""What a webhook says, read from its bytes; who said it is not judged here (signatures.py)."""

from typing import Annotated, Generic, TypeVar

import msgspec
from msgspec import Meta, Struct

from src.commands.gateway import PaymentReport
from src.http.razorpay.entities import (
    UNREADABLE,
    OrderId,
    PaymentEntity,
    moment,
    payment_report,
)
from src.http.razorpay.ids import is_order_id

PAYMENT_EVENTS = frozenset(
    {"payment.authorized", "payment.captured", "payment.failed", "order.paid"}
)
"""The events that tell how a payment stands."""


class UnreadableWebhook(ValueError):
    """These bytes are no webhook of Razorpay's; the text says where they went wrong."""


class WebhookNews(Struct, frozen=True, kw_only=True):
    """What one webhook tells us; an event we do not act on has no payments."""

    event: str
    payments: tuple[PaymentReport, ...] = ()
    """Empty also when the payment belongs to no order: such money is not ours to decide about."""
    razorpay_order_id: str | None = None
    """The order it speaks of, as far as one is named, also in events we do not act on."""


def read_webhook(raw: bytes) -> WebhookNews:
    """Return what a webhook says; raise UnreadableWebhook, and nothing else, if nobody could."""
    try:
        envelope = _ENVELOPE.decode(raw)
        if envelope.event in PAYMENT_EVENTS:
            return _payment_news(envelope)
    except UNREADABLE as wrong:
        raise UnreadableWebhook(str(wrong)) from wrong
    return WebhookNews(event=envelope.event, razorpay_order_id=_mentioned(envelope.payload))


class _Envelope(Struct, frozen=True):
    event: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_.-]{1,100}\Z")]
    payload: object = None
    created_at: object = None


_ENVELOPE = msgspec.json.Decoder(_Envelope)

T = TypeVar("T")


class _Of(Struct, Generic[T], frozen=True):
    entity: T


class _OrderNamed(Struct, frozen=True):
    id: OrderId


class _PaymentPayload(Struct, frozen=True):
    payment: _Of[PaymentEntity]
    order: _Of[_OrderNamed] | None = None


def _payment_news(envelope: _Envelope) -> WebhookNews:
    told = msgspec.convert(envelope.payload, _PaymentPayload)
    payment = told.payment.entity
    order_id = _agreed(payment.order_id, told.order.entity.id if told.order else None)
    if order_id is None:
        return WebhookNews(event=envelope.event)
    occurred_at = moment(envelope.created_at) or moment(payment.created_at)
    report = payment_report(payment, order_id, occurred_at)
    return WebhookNews(event=envelope.event, payments=(report,), razorpay_order_id=order_id)


def _agreed(of_payment: str | None, of_order: str | None) -> str | None:
    if of_payment and of_order and of_payment != of_order:
        raise UnreadableWebhook("the payment and the order in it belong to different orders")
    return of_payment or of_order


def _mentioned(payload: object) -> str | None:
    for name, key in (("order", "id"), ("payment", "order_id")):
        order_id = _at(_at(_at(payload, name), "entity"), key)
        if isinstance(order_id, str) and is_order_id(order_id):
            return order_id
    return None


def _at(thing: object, key: str) -> object:
    return thing.get(key) if isinstance(thing, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # foreign JSON is of any shape
