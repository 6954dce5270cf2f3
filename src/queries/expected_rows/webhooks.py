"""Webhooks: one row a delivery, with what became of it at last."""

from typing import Any

from src.events.identifiers import WEBHOOK
from src.events.webhook import Webhook, WebhookHandled, WebhookParked
from src.queries.expected_rows.table import NONE, Rows, Stood, Table, one


def _expected(stood: Stood) -> Rows:
    webhook: Webhook = stood.state
    came = webhook.received
    if came is None:
        return NONE
    first = stood.facts[0]
    delivery = (came.provider, came.event_id, came.sha256, came.secret_index)
    return one(*delivery, first.at, first.position, webhook.status.value, *_fate(stood))


def _fate(stood: Stood) -> tuple[Any, ...]:
    for fact in reversed(stood.facts):
        event = fact.event
        if isinstance(event, WebhookHandled):
            return (event.name, event.razorpay_order_id, event.outcome, None, fact.at)
        if isinstance(event, WebhookParked):
            return (event.name, event.razorpay_order_id, None, event.reason, None)
    return (None,) * 5


TABLE = Table(
    model="webhooks",
    name="webhooks",
    categories=(WEBHOOK,),
    key="webhook_id",
    columns=(
        "provider",
        "event_id",
        "sha256",
        "secret_index",
        "received_at",
        "position",
        "status",
        "name",
        "razorpay_order_id",
        "outcome",
        "reason",
        "handled_at",
    ),
    needs_facts=True,
    expected=_expected,
)
