"""Turns what happened into signed events, and bends them when a plan says so."""

from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.structs import replace

from src.http.sandbox.account import Account
from src.http.sandbox.currencies import in_paise
from src.http.sandbox.entities import Dispute, Entity, Order, Payment, Refund
from src.http.sandbox.event_table import Event
from src.http.sandbox.wire import encode, sign

COPIES_MAX = 100
DELAY_SECONDS_MAX = 7 * 24 * 60 * 60.0
EVENTS_MAX = 1_000_000
REORDERED_GAP_SECONDS = 0.5


class Plan(Struct, frozen=True, forbid_unknown_fields=True):
    """What the deliveries of the next operation suffer; used up by it, counts by what they say."""

    drop: bool | Annotated[int, Meta(ge=0, le=EVENTS_MAX)] = False
    """Hold back every event of the next operation, or the next so many; a flush frees them."""
    duplicate: Annotated[int, Meta(ge=1, le=COPIES_MAX)] = 1
    """Deliver each event so many times at once."""
    delay_seconds: Annotated[float, Meta(ge=0, le=DELAY_SECONDS_MAX)] = 0.0
    reorder: bool = False
    """Deliver the events of the operation last to first, a little apart."""
    bad_signature: bool | Annotated[int, Meta(ge=0, le=EVENTS_MAX)] = False
    """Sign with a secret nobody has; a redelivery signs properly again."""
    tamper_amount: Annotated[int, Meta(ge=0)] | None = None
    """Say this amount, in minor units and correctly signed, instead of the true one."""


class Happening(Struct, frozen=True):
    """An event before it has an id and a signature; entities in the order they are contained."""

    name: str
    entities: tuple[Entity, ...]


class Envelope(Struct, frozen=True, kw_only=True):
    entity: str = "event"
    account_id: str
    event: str
    contains: list[str]
    payload: dict[str, Any]
    created_at: int


def announce(account: Account, happenings: list[Happening], *, deliver: bool = True) -> None:
    """Queue one operation's events; they leave once the operation is committed."""
    if not happenings:
        return
    plan = account.store.recall("plan", Plan, Plan())
    events = [_event(account, happening, plan) for happening in happenings]
    dropped, forged = _reach(plan.drop, events), _reach(plan.bad_signature, events)
    for at, event in enumerate(events):
        event.state = "pending" if deliver and at >= dropped else "held"
        event.due_at += plan.delay_seconds + _place(plan, at, len(events))
        if at < forged:
            event.signature = sign(event.body, f"not {account.settings.webhook_secret}")
        account.events.add(event)
    if plan != Plan():
        account.store.remember("plan", _left_over(plan, dropped, forged))
    account.store.after_commit(lambda: _send(account, events, plan.duplicate - 1))


def _send(account: Account, events: list[Event], copies: int) -> None:
    for event in events:
        account.deliveries.accept(event, copies)


def _reach(wish: bool | int, events: list[Event]) -> int:  # noqa: FBT001 - as the plan spells it
    return len(events) if wish is True else min(int(wish), len(events))


def _place(plan: Plan, at: int, of: int) -> float:
    return (of - 1 - at) * REORDERED_GAP_SECONDS if plan.reorder else 0.0


def _left_over(plan: Plan, dropped: int, forged: int) -> Plan:
    """Counts go on into the next operation, everything else is used up."""
    drop = 0 if plan.drop is True else int(plan.drop) - dropped
    bad_signature = 0 if plan.bad_signature is True else int(plan.bad_signature) - forged
    return Plan(drop=drop or False, bad_signature=bad_signature or False)


def _event(account: Account, happening: Happening, plan: Plan) -> Event:
    shown = [_as_in_event(happening.name, entity) for entity in happening.entities]
    if plan.tamper_amount is not None:
        shown = [_tampered(entity, plan.tamper_amount) for entity in shown]
    now = account.clock.now()
    envelope = Envelope(
        account_id=account.account_id,
        event=happening.name,
        contains=[entity.entity for entity in shown],
        payload={entity.entity: {"entity": entity} for entity in shown},
        created_at=int(now),
    )
    body = encode(envelope, alphabetical=happening.name.startswith("refund."))
    return Event(
        id=account.ids.new(), name=happening.name, body=body,
        signature=account.sign(body),
        created_at=now, state="pending", due_at=now, attempts=[],
    )  # fmt: skip


def _as_in_event(name: str, entity: Entity) -> Entity:
    """Events show a little more than the API, and not all of them the same."""
    match name, entity:
        case "payment.captured", Payment():
            return replace(entity, reward=None, base_amount=_worth(entity))
        case "order.paid", Payment():
            return replace(entity, reward=None)
        case "order.paid", Order():
            return replace(entity, description=None, checkout=None)
        case _, Payment() if name.startswith(("refund.", "payment.dispute.")):
            return replace(entity, amount_transferred=0, base_amount=_worth(entity))
        case _:
            return entity


def _worth(payment: Payment) -> int:
    return in_paise(payment.amount, payment.currency)


def _tampered(entity: Entity, amount: int) -> Entity:
    match entity:
        case Order():
            return replace(entity, amount=amount, amount_paid=amount)
        case Payment() | Refund() | Dispute():
            return replace(entity, amount=amount)
