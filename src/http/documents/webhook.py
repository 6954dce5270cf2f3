"""A delivery as staff reads it: the exact bytes, what was verified, and what became of it."""

from base64 import b64encode

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from src.events.case import CaseOpened
from src.events.envelope import Recorded
from src.events.webhook import WebhookHandled, WebhookParked, WebhookReceived, WebhookStatus
from src.queries.webhooks import WebhookAnswer


class WebhookBody(Struct, frozen=True):
    """What was sent, to the byte."""

    base64: str
    text: str | None
    """The same, where it is JSON in UTF-8."""


class WebhookDocument(WebhookAnswer, frozen=True, kw_only=True):
    """A delivery; only what was correctly signed is ever stored."""

    headers: dict[str, str]
    """The headers that count, as they came."""
    body: WebhookBody | None
    """Null once the bytes were erased."""
    cases: tuple[str, ...] = ()
    """What a person had to look at because of it."""


def webhook_document(webhook_id: str, facts: list[Recorded], body: bytes | None) -> WebhookDocument:
    """Show a delivery from the facts of its stream."""
    document = _received(webhook_id, facts[0], body)
    for fact in facts[1:]:
        document = _with(document, fact)
    return document


def _received(webhook_id: str, fact: Recorded, body: bytes | None) -> WebhookDocument:
    received: WebhookReceived = fact.event
    headers = {"X-Razorpay-Signature": received.signature}
    if received.event_id is not None:
        headers["X-Razorpay-Event-Id"] = received.event_id
    return WebhookDocument(
        webhook_id=webhook_id,
        provider=received.provider,
        event_id=received.event_id,
        name=None,
        razorpay_order_id=None,
        status=WebhookStatus.RECEIVED,
        outcome=None,
        reason=None,
        received_at=fact.recorded_at,
        handled_at=None,
        sha256=received.sha256,
        secret_index=received.secret_index,
        headers=headers,
        body=None if body is None else WebhookBody(b64encode(body).decode(), _text(body)),
    )


def _with(shown: WebhookDocument, fact: Recorded) -> WebhookDocument:
    match fact.event:
        case WebhookHandled(name=name, razorpay_order_id=order, outcome=outcome):
            return replace(
                shown,
                name=name,
                razorpay_order_id=order,
                status=WebhookStatus.HANDLED,
                outcome=outcome,
                reason=None,
                handled_at=fact.recorded_at,
            )
        case WebhookParked(name=name, razorpay_order_id=order, reason=reason):
            parked = replace(shown, name=name, razorpay_order_id=order, reason=reason)
            return replace(parked, status=WebhookStatus.PARKED, outcome=None, handled_at=None)
        case CaseOpened(case_id=case_id):
            return replace(shown, cases=(*shown.cases, case_id))
        case _:
            return shown


def _text(body: bytes) -> str | None:
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
        return body.decode()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
