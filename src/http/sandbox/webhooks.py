"""Turns what happened into signed events, one for every endpoint that wants to hear of it."""

from src.http.sandbox.account import Account
from src.http.sandbox.endpoints import Endpoint
from src.http.sandbox.envelope import enclosed
from src.http.sandbox.event_table import Delivery, Event, State
from src.http.sandbox.plans import Bend, Happening, Plan
from src.http.sandbox.wire import sign_webhook

__all__ = ["Happening", "announce"]


def announce(account: Account, happenings: list[Happening], *, deliver: bool = True) -> None:
    """Queue one operation's events; they leave once the operation is committed."""
    if not happenings:
        return
    bends = account.plans.take(happenings)
    sent: list[tuple[Event, int]] = []
    for happening, bend in zip(happenings, bends, strict=True):
        event = _event(account, happening, bend, deliver=deliver)
        account.events.add(event)
        sent.append((event, bend.plan.duplicate - 1))
    account.store.after_commit(lambda: _send(account, sent))


def _send(account: Account, sent: list[tuple[Event, int]]) -> None:
    for event, copies in sent:
        account.deliveries.accept(event, copies)


def _event(account: Account, happening: Happening, bend: Bend, *, deliver: bool) -> Event:
    now = account.clock.now()
    body = enclosed(account, happening, bend.plan, int(now))
    event = Event(
        id=account.ids.new(), name=happening.name, body=body, created_at=now,
        deliveries=[], attempts=[],
    )  # fmt: skip
    says_id = _said_id(account, event, bend.plan)
    for endpoint in account.endpoints.wanting(event.name):
        delivery = _delivery(account, event, endpoint, bend, says_id)
        if delivery.state == "pending" and not deliver:
            delivery.state = "held"
        event.deliveries.append(delivery)
    return event


def _delivery(
    account: Account, event: Event, endpoint: Endpoint, bend: Bend, says_id: str | None
) -> Delivery:
    return Delivery(
        endpoint=endpoint.id, signature=_signature(account, event.body, endpoint, bend),
        says_id=says_id, state=_state(endpoint, bend), due_at=event.created_at + bend.late_seconds,
        until_fetched=bend.plan.hold_until == "fetched",
    )  # fmt: skip


def _state(endpoint: Endpoint, bend: Bend) -> State:
    """A disabled endpoint hears nothing, but what it missed is kept for a replay."""
    if not endpoint.active:
        return "undelivered"
    return "held" if bend.held else "pending"


def _signature(account: Account, body: bytes, endpoint: Endpoint, bend: Bend) -> str:
    secret = account.endpoints.secret_of(endpoint)
    if bend.forged:
        secret = f"not {secret}"
    elif bend.plan.wrong_secret:
        secret = account.settings.key_secret
    return sign_webhook(body, secret)


def _said_id(account: Account, event: Event, plan: Plan) -> str | None:
    if plan.without_event_id:
        return None
    return (account.events.newest_id() or event.id) if plan.swap_id else event.id
