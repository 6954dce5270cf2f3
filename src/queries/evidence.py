"""A delivery as evidence: its exact bytes, its signature, and whether one still fits the other."""

import hashlib
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from uuid import UUID

from msgspec import Struct

from src.events.codec import recorded
from src.events.envelope import Recorded
from src.events.identifiers import WEBHOOK, key_of, stream
from src.events.ports import Book
from src.events.webhook import WebhookHandled, WebhookParked, WebhookReceived

Open = Callable[[WebhookReceived], Awaitable[bytes | None]]
"""Opens a delivery's box; None once its key was destroyed."""
Verify = Callable[[bytes, str], bool]
"""Whether any of the secrets that are configured now signs exactly these bytes like this."""

NOT_SETTLED = "not settled yet"


class Verified(StrEnum):
    """What a second look at a signature says.

    Only what was correctly signed is ever stored, and the book keeps the hash of
    its bytes. So if they are still those bytes and no secret fits, it is the
    secret that is missing: it was taken out of the configuration.
    """

    YES = "yes"
    NO = "no"
    """The bytes are not those whose hash stands in the book."""
    GONE = "the secret is gone"
    ERASED = "erased"


class Evidence(Struct, frozen=True, kw_only=True):
    """A delivery, what was verified when it came, and what became of it."""

    webhook_id: str
    fact_id: UUID
    """The event id of the fact that it was received: `causation_id` of all that follows from it."""
    sender_event_id: str | None
    """As the sender named it; None when it did not."""
    received_at: datetime
    position: int
    request: UUID
    """The request that it came with."""
    sha256: str
    signature: str
    secret_index: int
    """Which of the secrets that were configured then verified it; 0 was the newest."""
    name: str | None
    """The sender's name of the event, such as `payment.captured`, once it was read."""
    verdict: str
    """`applied`, `nothing new`, `acknowledged`, or why it was put aside."""
    body: bytes | None
    """The exact bytes; None once they were erased, and for whom they are sealed."""
    verified_again: Verified


async def evidence(
    source: Book, open_box: Open, verify: Verify, webhook_ids: Iterable[str]
) -> dict[str, Evidence]:
    """Return deliveries by their id; those that never came are left out."""
    names = {stream(WEBHOOK, each): 0 for each in webhook_ids}
    stored = await source.read_streams(names) if names else ()
    facts = sorted(map(recorded, stored), key=lambda fact: (fact.stream, fact.version))
    return {
        key_of(name): await _evidence(list(of_one), open_box, verify)
        for name, of_one in groupby(facts, key=lambda fact: fact.stream)
    }


async def _evidence(facts: list[Recorded], open_box: Open, verify: Verify) -> Evidence:
    received: WebhookReceived = facts[0].event
    body = await open_box(received)
    name, verdict = _verdict(facts)
    return Evidence(
        webhook_id=key_of(facts[0].stream),
        fact_id=facts[0].event_id,
        sender_event_id=received.event_id,
        received_at=facts[0].recorded_at,
        position=facts[0].position,
        request=facts[0].cause.correlation_id,
        sha256=received.sha256,
        signature=received.signature,
        secret_index=received.secret_index,
        name=name,
        verdict=verdict,
        body=body,
        verified_again=_verified(received, body, verify),
    )


def _verdict(facts: Iterable[Recorded]) -> tuple[str | None, str]:
    """Return what the delivery was called, and the last word on it."""
    said: tuple[str | None, str] = (None, NOT_SETTLED)
    for fact in facts:
        match fact.event:
            case WebhookHandled(name=name, outcome=outcome):
                said = name, outcome
            case WebhookParked(name=name, reason=reason):
                said = name, f"parked: {reason}"
            case _:
                pass
    return said


def _verified(received: WebhookReceived, body: bytes | None, verify: Verify) -> Verified:
    if body is None:
        return Verified.ERASED
    if hashlib.sha256(body).hexdigest() != received.sha256:
        return Verified.NO
    return Verified.YES if verify(body, received.signature) else Verified.GONE
