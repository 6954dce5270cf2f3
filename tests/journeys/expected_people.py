"""What customers and coupons must have looked like, made from rows and JSON alone."""

from collections.abc import Sequence
from typing import Any

from src.events.envelope import StoredEvent

Facts = Sequence[tuple[StoredEvent, str, dict[str, Any]]]
Rows = set[tuple[Any, ...]]

COLUMNS = {
    "customers": "customer_id, kind, since, position, erased_at",
    "guest_claims": "mailbox, guest_id, account_id, claimed_at",
    "coupons": "code, kind, value, minimum_minor, limit_total, position",
    "redemptions": "code, reserved_position, checkout_session_id, order_id, status, position",
}


def customers(facts: Facts) -> Rows:
    kinds = {"CustomerRegistered": "account", "GuestIdentified": "guest"}
    gone = {key: event.recorded_at for event, key, _ in facts if event.type == "CustomerErased"}
    return {
        (key, kinds[event.type], event.recorded_at, event.position, gone.get(key))
        for event, key, _ in facts
        if event.type in kinds
    }


def guest_claims(facts: Facts) -> Rows:
    claims = {
        (key, guest): (fact["customer_id"], event.recorded_at)
        for event, key, fact in facts
        if event.type == "GuestsClaimed"
        for guest in fact["guests"]
    }
    return {(*known, *row) for known, row in claims.items()}


def coupons(facts: Facts) -> Rows:
    last = {key: (event, fact) for event, key, fact in facts if event.type == "CouponDefined"}
    return {
        (
            code,
            fact["terms"]["kind"],
            fact["terms"]["value"],
            (fact["terms"]["minimum_subtotal"] or {}).get("amount"),
            fact["terms"]["limit_total"],
            event.position,
        )
        for code, (event, fact) in last.items()
    }


def redemptions(facts: Facts) -> Rows:
    """A session's later word is about the last time that it began to hold the coupon."""
    rows: dict[tuple[str, int], list[Any]] = {}
    latest: dict[tuple[str, str], list[Any]] = {}
    for event, code, fact in facts:
        session = fact.get("checkout_session_id", "")
        if event.type == "CouponReserved":
            row = [session, None, "held", event.position]
            rows[code, event.position] = latest[code, session] = row
        elif event.type == "CouponCommitted":
            latest[code, session][1:] = [fact["order_id"], "used", event.position]
        elif event.type == "CouponReleased":
            latest[code, session][2:] = ["released", event.position]
        elif event.type == "CouponReturned":
            for (of, _), row in rows.items():
                if of == code and row[1] == fact["order_id"]:
                    row[2:] = ["returned", event.position]
    return {(*known, *row) for known, row in rows.items()}
