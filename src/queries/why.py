"""Why: from every fact to its command, its actor, its request, and the delivery that caused it.

Events have no index by id or by command, because writing them would pay for
it. None is needed: the facts of one command stand next to each other in the
book, and what settles a delivery says so on the delivery's own stream, as the
last of them. Whether that is the right delivery, the fact itself confirms: its
`causation_id` is the event id of the delivery's first fact. Facts from before
that was written have none, and go by their command alone.
"""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from src.events.actors import is_staff
from src.events.codec import recorded
from src.events.envelope import Recorded
from src.events.identifiers import WEBHOOK, Stream, category_of, key_of
from src.events.payment import PaymentAuthorized, PaymentCaptured, PaymentFailed
from src.events.ports import Book
from src.events.webhook import SETTLER
from src.queries.evidence import Evidence, Open, Verify, evidence
from src.queries.history import Moment, had_come, pages
from src.queries.timeline import story
from src.queries.words import describe

EVENTS_AT_ONCE = 100
"""A delivery may have a megabyte, so that few of them are in memory at once."""
NEIGHBOURS = 64
"""So many positions are read at a time on the way to the end of a command."""
_NEWS = (PaymentAuthorized, PaymentCaptured, PaymentFailed)


class CameBy(StrEnum):
    """On which way news of money came in."""

    WEBHOOK = "webhook"
    CALLBACK = "callback"
    """The buyer's browser came back, and Razorpay was asked in that request."""
    POLL = "poll"
    """One of our workers, the actor, asked Razorpay."""


class Reason(Struct, frozen=True, kw_only=True):
    """A fact, and what led to it; what is sealed stays sealed."""

    position: int
    recorded_at: datetime
    stream: str
    version: int
    event: str
    text: str
    fact: dict[str, Any]
    actor: str
    command_id: UUID
    request: UUID
    """The correlation id: the request, or the delivery, at the beginning of it all."""
    causation_id: UUID | None
    """The event or the command that came just before."""
    came_by: CameBy | None
    """With news of money, and everything that was decided on it at once."""
    webhook_id: str | None
    """The delivery that caused it."""


class Why(Struct, frozen=True, kw_only=True):
    """Facts in their order, and each delivery that caused any of them once."""

    events: list[Reason]
    webhooks: list[Evidence]


class Sources(Struct, frozen=True, kw_only=True):
    """What the reasons are taken from."""

    book: Book
    open_box: Open
    verify: Verify


async def why_of_order(sources: Sources, order_id: str, up_to: Moment | None = None) -> Why | None:
    """Explain an order's whole story, from the first item in the cart on, up to a moment."""
    facts = await story(sources.book, order_id)
    if facts is None:
        return None
    return await explained(sources, [fact for fact in facts if had_come(fact, up_to)])


async def why_of_stream(
    sources: Sources, name: Stream, up_to: Moment | None = None
) -> AsyncGenerator[Why]:
    """Explain a stream's facts up to a moment, some at a time."""
    async for page in pages(sources.book, name, up_to):
        for begin in range(0, len(page), EVENTS_AT_ONCE):
            facts = [recorded(each) for each in page[begin : begin + EVENTS_AT_ONCE]]
            yield await explained(sources, facts)


async def explained(sources: Sources, facts: Sequence[Recorded]) -> Why:
    """Explain facts, in the order given."""
    causes = {fact.cause.command_id: fact for fact in facts}
    named = {
        command: webhook
        for command, fact in causes.items()
        if (webhook := await _webhook_of(sources.book, fact)) is not None
    }
    found = await evidence(sources.book, sources.open_box, sources.verify, set(named.values()))
    news = {fact.cause.command_id for fact in facts if isinstance(fact.event, _NEWS)}
    reasons = [
        _reason(fact, _confirmed(fact, found.get(named.get(fact.cause.command_id, ""))), news)
        for fact in facts
    ]
    used = dict.fromkeys(each.webhook_id for each in reasons if each.webhook_id is not None)
    return Why(events=reasons, webhooks=[found[each] for each in used])


async def _webhook_of(source: Book, fact: Recorded) -> str | None:
    """Return the delivery that a fact's command received or settled, None if it did neither."""
    if category_of(fact.stream) == WEBHOOK:
        return None if is_staff(fact.cause.actor) else key_of(fact.stream)
    if fact.cause.actor != SETTLER:
        return None
    after = fact.position
    while page := await source.read_page(after, NEIGHBOURS):
        for each in page:
            if each.command_id != fact.cause.command_id:
                return None
            if category_of(each.stream) == WEBHOOK:
                return key_of(each.stream)
        after += NEIGHBOURS
    return None


def _confirmed(fact: Recorded, delivery: Evidence | None) -> Evidence | None:
    """A fact that names what caused it names this delivery, or it was another."""
    if delivery is None or fact.cause.actor != SETTLER:
        return delivery
    return delivery if fact.cause.causation_id in {None, delivery.fact_id} else None


def _reason(fact: Recorded, delivery: Evidence | None, news: set[UUID]) -> Reason:
    cause = fact.cause
    return Reason(
        position=fact.position,
        recorded_at=fact.recorded_at,
        stream=fact.stream,
        version=fact.version,
        event=type(fact.event).__name__,
        text=describe(fact.event),
        fact=msgspec.to_builtins(fact.event),
        actor=cause.actor,
        command_id=cause.command_id,
        request=cause.correlation_id,
        causation_id=cause.causation_id,
        came_by=_way(fact, delivery, news),
        webhook_id=None if delivery is None else delivery.webhook_id,
    )


def _way(fact: Recorded, delivery: Evidence | None, news: set[UUID]) -> CameBy | None:
    if delivery is not None or fact.cause.actor == SETTLER:
        return CameBy.WEBHOOK
    if fact.cause.command_id not in news:
        return None
    return CameBy.POLL if fact.cause.actor.startswith("khata:") else CameBy.CALLBACK
