"""What the read models of carts and checkout sessions must hold, made from rows and JSON alone."""

from collections.abc import Sequence
from typing import Any

from src.events.envelope import StoredEvent

Json = dict[str, Any]
Facts = Sequence[tuple[StoredEvent, str, Json]]
Rows = set[tuple[Any, ...]]

COLUMNS = {
    "carts": "cart_id, customer_id, locked_by, order_id, merged_into, opened_position,"
    " filled_position, changed_position",
    "checkout_sessions": "checkout_session_id, cart_id, customer_id, state, started_position,"
    " pending_position, confirmed_position, order_id, ended_as, revivals, changed_position",
    "checkout_steps": "checkout_session_id, position, step, state",
}
STARTED, PENDING, OVER = "CHECKOUT_STARTED", "PAYMENT_PENDING", "CART_PENDING"
STEPS = {
    "CheckoutStarted": ("started", STARTED),
    "PaymentIntentRequested": ("payment_requested", STARTED),
    "PaymentIntentCreated": ("payment_opened", PENDING),
    "HoldExtended": ("hold_extended", PENDING),
    "HoldLapsed": ("hold_lapsed", PENDING),
    "CheckoutRevived": ("revived", PENDING),
    "PaymentWaived": ("payment_waived", "PAYMENT_CONFIRMED"),
    "PaymentConfirmed": ("payment_confirmed", "PAYMENT_CONFIRMED"),
    "OrderCreated": ("order_created", "ORDER_CREATED"),
    "CheckoutFailed": ("failed", OVER),
    "CheckoutCancelled": ("cancelled", OVER),
    "CheckoutExpired": ("expired", OVER),
    "CheckoutSuperseded": ("superseded", OVER),
}


def steps(facts: Facts) -> Rows:
    """One row a fact of a session."""
    return {
        (key, event.position, *STEPS[event.type])
        for event, key, _ in facts
        if event.stream.startswith("checkout-")
    }


def sessions(facts: Facts) -> Rows:
    """One row a session, by what it came to first and what it came to last."""
    rows: dict[str, Json] = {}
    for event, key, fact in facts:
        if event.stream.startswith("checkout-"):
            row = rows.setdefault(key, {"cart": fact.get("cart_id"), "revivals": 0})
            _happen(row, event.type, event.position, fact)
    names = ("cart", "customer", "state", "CheckoutStarted", PENDING, "PAYMENT_CONFIRMED")
    others = ("order", "ended", "revivals", "changed")
    return {(key, *(row.get(name) for name in (*names, *others))) for key, row in rows.items()}


def _happen(row: Json, kind: str, position: int, fact: Json) -> None:
    step, state = STEPS[kind]
    row["state"], row["changed"] = state, position
    row["customer"] = fact.get("customer_id", row.get("customer"))
    row["order"] = fact.get("order_id", row.get("order"))
    row["revivals"] += kind == "CheckoutRevived"
    row.setdefault(kind, position)
    if state in {PENDING, "PAYMENT_CONFIRMED"}:
        row.setdefault(PENDING, position)
    if state == "PAYMENT_CONFIRMED":
        row.setdefault(state, position)
    if state == OVER:
        row["ended"] = step


def carts(facts: Facts) -> Rows:
    """One row a cart."""
    rows: dict[str, Json] = {}
    for event, key, fact in facts:
        if event.stream.startswith("cart-"):
            row = rows.setdefault(key, {"CartOpened": event.position})
            row.setdefault(event.type, event.position)
            row["changed"] = event.position
            row["customer"] = fact.get("customer_id", row.get("customer"))
            row["order"] = fact.get("order_id")
            row["into"] = fact.get("into", row.get("into"))
            if event.type in {"CartLocked", "CartUnlocked", "CartOrdered"}:
                is_held = event.type != "CartUnlocked"
                row["session"] = fact["checkout_session_id"] if is_held else None
    names = ("customer", "session", "order", "into", "CartOpened", "CartItemSet", "changed")
    return {(key, *(row.get(name) for name in names)) for key, row in rows.items()}
