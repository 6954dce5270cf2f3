"""Deliveries from outside: stored first, then settled or parked."""

from src.commands.decisions.news import report_all
from src.commands.gateway import Report
from src.commands.rejections import Unknown
from src.commands.view import Fact, View
from src.events.case import CaseKind, CaseOpened
from src.events.identifiers import WEBHOOK, named, public_id, stream
from src.events.webhook import (
    WebhookHandled,
    WebhookParked,
    WebhookReceived,
    WebhookReplayed,
    WebhookStatus,
)


def store(view: View, webhook_id: str, received: WebhookReceived, impostor_id: str) -> list[Fact]:
    """Keep a delivery to the byte; the same one again changes nothing.

    Other bytes under the same name are kept too, under the name of their own
    hash (`impostor_id`), and somebody has to look.
    """
    known = view.webhook(webhook_id).received
    if known is None:
        return [(stream(WEBHOOK, webhook_id), received)]
    if known.sha256 == received.sha256 or view.webhook(impostor_id).received is not None:
        return []
    case = CaseOpened(
        case_id=public_id("case", named("case", CaseKind.WEBHOOK_ID_REUSED, impostor_id)),
        kind=CaseKind.WEBHOOK_ID_REUSED,
        reason=f"Delivery {webhook_id} came again with other bytes, kept as {impostor_id}.",
    )
    other = stream(WEBHOOK, impostor_id)
    return [(other, received), (other, case)]


def kept_as(view: View, webhook_id: str, sha256: str, impostor_id: str) -> str:
    """Return which of the two ids these bytes were stored under."""
    known = view.webhook(webhook_id).received
    return webhook_id if known is not None and known.sha256 == sha256 else impostor_id


def settle(
    view: View,
    webhook_id: str,
    name: str,
    razorpay_order_id: str | None,
    reports: tuple[Report, ...],
) -> list[Fact]:
    """Apply what a stored delivery says, once; replaying a handled one only looks again.

    Money on a Razorpay order that is not ours is written down and parks the delivery.
    """
    webhook = view.webhook(webhook_id)
    if webhook.received is None:
        return []
    facts = report_all(view, reports)
    if webhook.status is WebhookStatus.HANDLED:
        return facts
    orders = {report.razorpay_order_id for report in reports}
    foreign = any(view.payment(order).opened is None for order in orders)
    if foreign:
        reason = "The Razorpay order is not one of this book."
        parked = WebhookParked(name=name, razorpay_order_id=razorpay_order_id, reason=reason)
        return facts if webhook.parked_because == reason else [*facts, _on(webhook_id, parked)]
    outcome = "applied" if facts else "nothing new" if reports else "acknowledged"
    handled = WebhookHandled(name=name, razorpay_order_id=razorpay_order_id, outcome=outcome)
    return [*facts, _on(webhook_id, handled)]


def replay(view: View, webhook_id: str, replay_id: str) -> list[Fact]:
    """Write down, once, that a person wants a stored delivery thought about again."""
    webhook = view.webhook(webhook_id)
    if webhook.received is None:
        raise Unknown("webhook", webhook_id)
    if replay_id in webhook.replays:
        return []
    return [_on(webhook_id, WebhookReplayed(replay_id=replay_id))]


def park(view: View, webhook_id: str, name: str, reason: str, kind: CaseKind | None) -> list[Fact]:
    """Put a delivery aside that cannot be used; with a kind, somebody has to look."""
    webhook = view.webhook(webhook_id)
    if webhook.received is None or webhook.status is WebhookStatus.HANDLED:
        return []
    if webhook.parked_because == reason:
        return []
    parked = WebhookParked(name=name, razorpay_order_id=None, reason=reason)
    facts = [_on(webhook_id, parked)]
    if kind is not None:
        case_id = public_id("case", named("case", kind, webhook_id))
        if case_id not in webhook.cases_ever:
            case = CaseOpened(case_id=case_id, kind=kind, reason=reason)
            facts.append(_on(webhook_id, case))
    return facts


def _on(
    webhook_id: str, event: WebhookHandled | WebhookParked | WebhookReplayed | CaseOpened
) -> Fact:
    return stream(WEBHOOK, webhook_id), event
