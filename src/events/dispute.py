"""A customer asked their bank for the money back, and the bank asks the shop.

The bank's word comes in any order and more than once. What counts is how far
the dispute has come, and won, lost and closed are its ends.

The names and fields of the events are the storage format. Nothing here is
renamed or removed: a changed shape gets a new version, and upcasters.py lifts
the old one.
"""

from datetime import datetime
from enum import StrEnum

from immutables import Map
from msgspec import Struct
from msgspec.structs import replace

from src.events.money import Money


class DisputeStatus(StrEnum):
    """How far a dispute has come, in the order in which it can only go forward."""

    OPEN = "open"
    ACTION_REQUIRED = "action_required"
    UNDER_REVIEW = "under_review"
    CLOSED = "closed"
    WON = "won"
    LOST = "lost"


_FORWARD = list(DisputeStatus)
ENDS = frozenset({DisputeStatus.CLOSED, DisputeStatus.WON, DisputeStatus.LOST})


class DisputeOpened(Struct, frozen=True, kw_only=True):
    """A dispute was first heard of."""

    dispute_id: str
    razorpay_payment_id: str
    amount: Money
    reason_code: str | None = None
    respond_by: datetime | None = None


class DisputeMoved(Struct, frozen=True, kw_only=True):
    """A dispute came further."""

    dispute_id: str
    status: DisputeStatus
    deducted: Money | None = None
    """What the bank took from the shop."""
    occurred_at: datetime | None = None


DisputeEvent = DisputeOpened | DisputeMoved


class Dispute(Struct, frozen=True, kw_only=True):
    """What is known of one dispute."""

    razorpay_payment_id: str
    amount: Money
    reason_code: str | None
    respond_by: datetime | None
    status: DisputeStatus = DisputeStatus.OPEN
    deducted: Money | None = None


Disputes = Map[str, Dispute]
"""By Razorpay's dispute id."""


def is_further(status: DisputeStatus, than: DisputeStatus) -> bool:
    """Whether a status is news for a dispute that has come to another."""
    return _FORWARD.index(status) > _FORWARD.index(than)


def evolve(disputes: Disputes, event: DisputeEvent) -> Disputes:
    """Facts are not argued with: evolve never rejects, and an impossible fact is a bug."""
    known = disputes.get(event.dispute_id)
    if isinstance(event, DisputeOpened):
        if known is not None:
            raise AssertionError(f"{event.dispute_id} is opened once")
        opened = Dispute(
            razorpay_payment_id=event.razorpay_payment_id,
            amount=event.amount,
            reason_code=event.reason_code,
            respond_by=event.respond_by,
        )
        return disputes.set(event.dispute_id, opened)
    if known is None or not is_further(event.status, known.status):
        raise AssertionError(f"{event.dispute_id} is opened, and only goes forward")
    moved = replace(known, status=event.status, deducted=event.deducted or known.deducted)
    return disputes.set(event.dispute_id, moved)
