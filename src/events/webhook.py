"""The inbox: a delivery from outside, kept to the byte before anybody thinks about it.

The body is sealed with a key of its own. What was verified, and with which
secret, stays readable for ever.

The names and fields of the events are the storage format. Nothing here is
renamed or removed: a changed shape gets a new version, and upcasters.py lifts
the old one.
"""

from enum import StrEnum
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from src.events.case import CaseEvent, CaseOpened, CaseResolved
from src.events.ports import Sealed

SETTLER = "khata:inbox"
"""The actor of everything that follows from a delivery."""


class WebhookReceived(Struct, frozen=True, kw_only=True):
    """A correctly signed delivery is on disk."""

    provider: str
    event_id: str | None
    """As the sender named the delivery; None when it did not."""
    body: Sealed
    sha256: str
    signature: str
    secret_index: int
    """Which of the configured secrets verified it; 0 is the newest."""


class WebhookHandled(Struct, frozen=True, kw_only=True):
    """What it says is in the book."""

    name: str
    """The sender's name of the event, such as `payment.captured`."""
    razorpay_order_id: str | None
    outcome: str
    """`applied`, `nothing new`, or `acknowledged` for a kind of event that changes nothing here."""


class WebhookParked(Struct, frozen=True, kw_only=True):
    """It cannot be used now; it is kept and can be replayed."""

    name: str
    razorpay_order_id: str | None
    reason: str


class WebhookReplayed(Struct, frozen=True, kw_only=True):
    """A person has it thought about once more; what comes of it are facts of their own."""

    replay_id: str


WebhookEvent = WebhookReceived | WebhookHandled | WebhookParked | WebhookReplayed | CaseEvent


class WebhookStatus(StrEnum):
    """How far a delivery has come."""

    NONE = "none"
    RECEIVED = "received"
    HANDLED = "handled"
    PARKED = "parked"


class Webhook(Struct, frozen=True, kw_only=True):
    """A delivery and what became of it."""

    received: WebhookReceived | None = None
    status: WebhookStatus = WebhookStatus.NONE
    parked_because: str | None = None
    open_cases: frozenset[str] = frozenset()
    cases_ever: frozenset[str] = frozenset()
    replays: frozenset[str] = frozenset()


NEVER_SEEN = Webhook()


def evolve(webhook: Webhook, event: WebhookEvent) -> Webhook:
    """Facts are not argued with: evolve never rejects, and an impossible fact is a bug."""
    if (webhook.received is None) is not isinstance(event, WebhookReceived):
        raise AssertionError("a delivery is received once, before anything else")
    match event:
        case WebhookReceived():
            return replace(webhook, received=event, status=WebhookStatus.RECEIVED)
        case WebhookHandled():
            return replace(webhook, status=WebhookStatus.HANDLED, parked_because=None)
        case WebhookParked():
            return replace(webhook, status=WebhookStatus.PARKED, parked_because=event.reason)
        case WebhookReplayed():
            return replace(webhook, replays=webhook.replays | {event.replay_id})
        case CaseOpened():
            return _with_case(webhook, event.case_id)
        case CaseResolved():
            if event.case_id not in webhook.open_cases:
                raise AssertionError(f"{event.case_id} is not open")
            return replace(webhook, open_cases=webhook.open_cases - {event.case_id})
        case _:
            assert_never(event)


def _with_case(webhook: Webhook, case_id: str) -> Webhook:
    if case_id in webhook.cases_ever:
        raise AssertionError(f"{case_id} is opened once")
    return replace(
        webhook,
        open_cases=webhook.open_cases | {case_id},
        cases_ever=webhook.cases_ever | {case_id},
    )
