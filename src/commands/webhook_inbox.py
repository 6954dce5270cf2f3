"""The inbox: a delivery is on disk before anybody thinks, and is kept until it is settled."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from src.commands.decisions.inbox import kept_as, park, settle, store
from src.commands.gateway import Report
from src.commands.transact import Ledger
from src.commands.wish import Held
from src.events.case import CaseKind
from src.events.envelope import Cause
from src.events.identifiers import PAYMENT, WEBHOOK, event_id, named, public_id, stream
from src.events.ports import KeyRing
from src.events.webhook import SETTLER, WebhookReceived
from src.tracing import current

PROVIDER = "razorpay"
ACTOR = "razorpay"


class Delivery(Struct, frozen=True, kw_only=True):
    """What came in, its signature verified already."""

    event_id: str | None
    body: bytes
    signature: str
    secret_index: int


class News(Struct, frozen=True, kw_only=True):
    """What a delivery says."""

    name: str
    razorpay_order_id: str | None = None
    reports: tuple[Report, ...] = ()
    about_money_without_order: bool = False
    """A payment that belongs to no Razorpay order; such money was never asked for by this book."""


class Unreadable(Exception):
    """A correctly signed delivery that is not what the provider documents."""


class Settled(Struct, frozen=True):
    """A delivery was thought about."""

    held: Held
    razorpay_order_id: str | None
    """What it was about."""
    occurred_at: datetime | None = None
    """When what it tells of happened, as the sender says."""


class Parked(Struct, frozen=True):
    """Why a delivery cannot be used."""

    reason: str
    name: str = "?"
    kind: CaseKind | None = None
    """Somebody has to look, and this is why."""


Read = Callable[[bytes], News]
"""Reads a provider's bytes; raises Unreadable, and nothing else."""


def webhook_id(provider: str, event_id: str | None, sha256: str) -> str:
    """Return a delivery's id: the sender's name for it, or its bytes when it has none."""
    key = event_id if event_id is not None else f"sha256:{sha256}"
    return public_id("wh", named(provider, key))


def _receipt(received: WebhookReceived) -> UUID:
    """Return the command that stores a delivery: that it was stored is the first of its facts."""
    name = webhook_id(received.provider, received.event_id, received.sha256)
    return named("receive", name, received.sha256)


class WebhookInbox:
    """Stores deliveries, and settles stored ones."""

    def __init__(
        self,
        ledger: Ledger,
        keys: KeyRing,
        read: Read,
        new_id: Callable[[], UUID],
        spare_key: Callable[[], str] | None = None,
    ) -> None:
        self._ledger = ledger
        self._keys = keys
        self._read = read
        self._new_id = new_id
        self._spare_key = spare_key

    async def receive(self, delivery: Delivery, correlation_id: UUID) -> tuple[str, Held]:
        """Make a delivery durable; only then may the sender be told so.

        Returns the id under which these very bytes are kept.
        """
        sha256 = hashlib.sha256(delivery.body).hexdigest()
        name = webhook_id(PROVIDER, delivery.event_id, sha256)
        other = webhook_id(PROVIDER, None, sha256)
        received = WebhookReceived(
            provider=PROVIDER,
            event_id=delivery.event_id,
            body=await self._keys.seal(self._key(), delivery.body),
            sha256=sha256,
            signature=delivery.signature,
            secret_index=delivery.secret_index,
        )
        cause = Cause(
            command_id=_receipt(received),
            correlation_id=correlation_id,
            actor=ACTOR,
        )
        held = await self._ledger.transact(
            cause,
            lambda view: store(view, name, received, other),
            begins=[stream(WEBHOOK, name)],
        )
        return await self._ledger.glance(lambda view: kept_as(view, name, sha256, other)), held

    async def handle(self, webhook: str, body: bytes | None = None) -> Settled:
        """Settle a stored delivery, or park it; safe to repeat."""
        plain = body if body is not None else await self.body_of(webhook)
        cause = await self._cause(webhook)
        if plain is None:
            return await self._park(cause, webhook, Parked("Its bytes were erased."))
        try:
            news = self._read(plain)
        except Unreadable as why:
            parked = Parked(str(why), kind=CaseKind.WEBHOOK_UNREADABLE)
            return await self._park(cause, webhook, parked)
        if news.about_money_without_order:
            parked = Parked("The payment belongs to no Razorpay order.", name=news.name)
            return await self._park(cause, webhook, parked)
        return await self._settle(cause, webhook, news)

    async def give_up(self, webhook: str, reason: str) -> Settled:
        """Park a delivery that cannot be settled as a case."""
        cause = await self._cause(webhook)
        return await self._park(cause, webhook, Parked(reason, kind=CaseKind.WEBHOOK_STUCK))

    async def body_of(self, webhook: str) -> bytes | None:
        """Return the exact bytes of a stored delivery, None when they were erased."""
        received = await self._received(webhook)
        return None if received is None else await self.opened(received)

    async def opened(self, received: WebhookReceived) -> bytes | None:
        """Return the exact bytes that were received, None when they were erased."""
        return await self._keys.open(received.body)

    def _key(self) -> str:
        """Name a key for one body: what comes again may find the key of the first destroyed."""
        return public_id("key", self._new_id()) if self._spare_key is None else self._spare_key()

    async def _received(self, webhook: str) -> WebhookReceived | None:
        """Return the fact that a delivery was stored; it never changes, once it is there."""
        known = await self._ledger.glance(lambda view: view.webhook(webhook).received)
        if known is not None:
            return known
        # A glance takes a delivery that another process stored for one that never came.
        return await self._ledger.look(lambda view: view.webhook(webhook).received)

    async def _cause(self, webhook: str) -> Cause:
        """Name the fact that a delivery was stored as what led to all that follows from it."""
        received = await self._received(webhook)
        return Cause(
            command_id=self._new_id(),
            correlation_id=current().trace or named("webhook", webhook),
            causation_id=None if received is None else event_id(_receipt(received), 0),
            actor=SETTLER,
        )

    async def _settle(self, cause: Cause, webhook: str, news: News) -> Settled:
        held = await self._ledger.transact(
            cause,
            lambda view: settle(view, webhook, news.name, news.razorpay_order_id, news.reports),
            needs=[stream(PAYMENT, report.razorpay_order_id) for report in news.reports],
        )
        times = [each.occurred_at for each in news.reports if each.occurred_at is not None]
        return Settled(held, news.razorpay_order_id, max(times, default=None))

    async def _park(self, cause: Cause, webhook: str, parked: Parked) -> Settled:
        held = await self._ledger.transact(
            cause, lambda view: park(view, webhook, parked.name, parked.reason, parked.kind)
        )
        return Settled(held, None)
