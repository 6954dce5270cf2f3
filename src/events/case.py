"""Something that a person has to look at: money or a message that no rule may settle alone.

A case is opened on the stream of what it is about, a payment or a webhook.

The names and fields of the events are the storage format. Nothing here is
renamed or removed: a changed shape gets a new version, and upcasters.py lifts
the old one.
"""

from enum import StrEnum

from msgspec import Struct

from src.events.money import Money


class CaseKind(StrEnum):
    """Why a person is needed."""

    STOCK_GONE = "late-money-stock-gone"
    COUPON_GONE = "late-money-coupon-gone"
    CART_ORDERED = "late-money-cart-ordered"
    PAID_TWICE = "paid-twice"
    WRONG_AMOUNT = "wrong-amount"
    REFUND_FAILED = "refund-failed"
    REFUND_REFUSED = "refund-refused"
    REFUNDED_OUTSIDE = "refunded-outside"
    DISPUTED = "disputed"
    DISPUTE_LOST = "dispute-lost"
    WEBHOOK_ID_REUSED = "webhook-id-reused"
    WEBHOOK_UNREADABLE = "webhook-unreadable"
    WEBHOOK_STUCK = "webhook-stuck"


class CaseOpened(Struct, frozen=True, kw_only=True):
    """A person is needed."""

    case_id: str
    kind: CaseKind
    reason: str
    razorpay_order_id: str | None = None
    razorpay_payment_id: str | None = None
    amount: Money | None = None
    checkout_session_id: str | None = None


class CaseResolved(Struct, frozen=True, kw_only=True):
    """A person settled it, and says how."""

    case_id: str
    note: str


CaseEvent = CaseOpened | CaseResolved
