"""What a webhook says: an event around the entities as they were when it happened."""

from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from src.http.sandbox.account import Account
from src.http.sandbox.currencies import in_paise
from src.http.sandbox.entities import Dispute, Downtime, Entity, Order, Payment, Refund, Settlement
from src.http.sandbox.plans import Happening, Plan
from src.http.sandbox.wire import encode

BYTES_PER_KIB = 1024
NO_UTF8 = b"\xff\xfe\x80"
REFUNDS, DISPUTES = "refund.", "payment.dispute."


class Envelope(Struct, frozen=True, kw_only=True):
    entity: str = "event"
    account_id: str
    event: str
    contains: list[str]
    payload: dict[str, Any]
    created_at: int


def enclosed(account: Account, happening: Happening, plan: Plan, now: int) -> bytes:
    """The body, bent as planned; events of refunds have their keys in alphabetical order."""
    is_refund = happening.name.startswith(REFUNDS)
    entities = [
        _bent(account, _as_in_event(happening.name, each), plan) for each in happening.entities
    ]
    envelope = Envelope(
        account_id=account.account_id,
        event=happening.name,
        contains=[entity.entity for entity in entities],
        payload={
            entity.entity: {"entity": _widened(account, entity) if is_refund else entity}
            for entity in entities
        },
        created_at=now,
    )
    return _spoilt(encode(envelope, alphabetical=is_refund), plan)


def _as_in_event(name: str, entity: Entity) -> Entity:
    """Events show a little more than the API, and not all of them the same."""
    match name, entity:
        case "payment.captured", Payment():
            return replace(entity, reward=None, base_amount=_worth(entity))
        case "order.paid", Payment():
            return replace(entity, reward=None)
        case "order.paid", Order():
            return replace(entity, description=None, checkout=None)
        case _, Payment() if name.startswith((REFUNDS, DISPUTES)):
            return replace(entity, amount_transferred=0, base_amount=_worth(entity))
        case _:
            return entity


def _worth(payment: Payment) -> int:
    return in_paise(payment.amount, payment.currency)


def _widened(account: Account, entity: Entity) -> object:
    """The serializer of refunds shows more of a payment.

    The names were seen in real deliveries, their values were not published.
    """
    if not isinstance(entity, Payment):
        return entity
    return {
        **msgspec.to_builtins(entity),
        "account_id": account.account_id,
        "fee_bearer": "platform",
        "gateway_provider": "Razorpay",
        "internal_status": entity.status,
        "optimizer_provider": "Razorpay",
        "settled_by": "Razorpay",
    }


def _bent(account: Account, entity: Entity, plan: Plan) -> Entity:
    """The entity with the lies that are planned about it."""
    if plan.tamper_amount is not None:
        entity = _tampered(entity, plan.tamper_amount)
    if not plan.unknown_order:
        return entity
    match entity:
        case Order():
            return replace(entity, id=account.ids.new("order_"))
        case Payment():
            return replace(entity, order_id=account.ids.new("order_"))
        case _:
            return entity


def _tampered(entity: Entity, amount: int) -> Entity:
    match entity:
        case Order():
            return replace(entity, amount=amount, amount_paid=amount)
        case Payment() | Refund() | Dispute() | Settlement():
            return replace(entity, amount=amount)
        case Downtime():
            return entity


def _spoilt(body: bytes, plan: Plan) -> bytes:
    """The object with a last key that is long, or no text, or both."""
    if not (plan.huge_body or plan.not_utf8):
        return body
    padding = b"x" * (plan.huge_body * BYTES_PER_KIB) + (NO_UTF8 if plan.not_utf8 else b"")
    return body[:-1] + b',"padding":"' + padding + b'"}'
