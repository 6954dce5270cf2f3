"""A session's facts as its buyer may see them, over any wire: no personal data, nothing sealed.

What is not named here is not shown; a new field of a fact stays inside until
somebody decides otherwise.
"""

from datetime import datetime
from typing import Any, assert_never

import msgspec
from msgspec import Struct

from src.events.capture import CheckoutRevived, HoldExtended, HoldLapsed
from src.events.checkout import (
    CheckoutCancelled,
    CheckoutEvent,
    CheckoutExpired,
    CheckoutFailed,
    CheckoutStarted,
    CheckoutSuperseded,
    OrderCreated,
    PaymentConfirmed,
    PaymentIntentCreated,
    PaymentIntentRequested,
    PaymentWaived,
)
from src.events.codec import recorded
from src.events.envelope import Recorded, StoredEvent
from src.events.pricing import PricedLine, totals_of
from src.events.upcasters import UnknownFactError


class LiveFact(Struct, frozen=True, kw_only=True):
    """A fact on its way to a buyer."""

    position: int
    version: int
    """Dense within the session, so that a gap is seen."""
    name: str
    recorded_at: datetime
    payload: bytes
    """JSON, one line."""


def understood(stored: StoredEvent) -> Recorded | None:
    """Decode a fact; None for one that only a newer Khata can read."""
    try:
        return recorded(stored)
    except UnknownFactError:
        return None


def live_fact(fact: Recorded) -> LiveFact:
    """Show a fact of a checkout session."""
    return LiveFact(
        position=fact.position,
        version=fact.version,
        name=type(fact.event).__name__,
        recorded_at=fact.recorded_at,
        payload=msgspec.json.encode(public_fact(fact.event)),
    )


def public_fact(event: CheckoutEvent) -> dict[str, Any]:  # noqa: C901  # a table, a row for each fact
    """Return what a buyer may know of a fact."""
    match event:
        case CheckoutStarted():
            return _started(event)
        case PaymentIntentRequested():
            return {"shipping_method": event.shipping.code, "totals": event.totals}
        case PaymentIntentCreated():
            return {"razorpay_order_id": event.razorpay_order_id, "due": event.due}
        case PaymentWaived():
            return {"total": event.total}
        case PaymentConfirmed():
            return {
                "razorpay_order_id": event.razorpay_order_id,
                "razorpay_payment_id": event.razorpay_payment_id,
                "amount": event.amount,
            }
        case OrderCreated():
            return {"order_id": event.order_id, "order_number": event.order_number}
        case HoldExtended() | HoldLapsed() | CheckoutRevived():
            return {"razorpay_payment_id": event.razorpay_payment_id}
        case CheckoutFailed():
            return {"razorpay_payment_id": event.razorpay_payment_id, "reason": event.reason}
        case CheckoutCancelled():
            return {"reason": event.reason}
        case CheckoutExpired():
            return {"expires_at": event.expires_at}
        case CheckoutSuperseded():
            return {"by": event.by}
        case _:
            assert_never(event)


def _started(event: CheckoutStarted) -> dict[str, Any]:
    return {
        "checkout_session_id": event.checkout_session_id,
        "cart_id": event.cart_id,
        "items": [_line(line) for line in event.lines],
        "totals": totals_of(event.lines, event.shipping, event.currency),
        "expires_at": event.expires_at,
    }


def _line(line: PricedLine) -> dict[str, Any]:
    return {
        "sku": line.sku,
        "name": line.name,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "line_total": line.line_total,
    }
