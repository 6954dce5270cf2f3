"""Processes that die at a chosen call to the outside, before or after it was carried out.

A dead process says nothing more: whoever waits for it waits for ever, and no
further call of its leaves it. What it had told the outside stands.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NoReturn, TypeVar
from uuid import UUID

from src.commands.errands import Errands
from src.commands.gateway import (
    AccountPayment,
    AccountRefund,
    GatewayUnavailableError,
    PaymentReport,
    ProviderOrder,
    RefundReport,
)
from src.commands.payment_intents import PaymentIntents, ProviderUnavailable
from src.commands.people import People
from src.commands.provider_news import ProviderNews
from src.commands.webhook_inbox import Read, WebhookInbox
from src.events.capture import CaptureMode
from src.events.envelope import Appended, Entry
from src.events.identifiers import Stream, named
from src.events.money import Money
from src.events.ports import OutcomeUnknownError, Reread, Sealed
from tests.gateway import MemoryGateway
from tests.memory import MemoryBook, MemoryKeyRing
from tests.memory_leases import MemoryLeases
from tests.processes import Process

T = TypeVar("T")
Away = type[GatewayUnavailableError] | type[OutcomeUnknownError]


class End(StrEnum):
    """How a call to the outside goes wrong."""

    DIES_BEFORE = "dies before"
    DIES_AFTER = "dies after"
    FAILS_BEFORE = "fails before"
    FAILS_AFTER = "fails after"

    @property
    def carried_out(self) -> bool:
        return self in {End.DIES_AFTER, End.FAILS_AFTER}


class Fate:
    """At which call to the outside something happens, counted over all lives."""

    def __init__(self, ends: dict[int, End]) -> None:
        self._ends = ends
        self.calls = 0

    def next(self) -> End | None:
        """Return what happens at the next call."""
        self.calls += 1
        return self._ends.get(self.calls)


class Life:
    """One process, from its start to its death."""

    def __init__(self, fate: Fate) -> None:
        self._fate = fate
        self.dead = asyncio.Event()

    async def call(self, work: Callable[[], Awaitable[T]], away: Away) -> T:
        """Let a call out, unless fate has it that something happens."""
        if self.dead.is_set():
            await _nothing_more()
        end = self._fate.next()
        if end is None:
            return await work()
        if end.carried_out:
            await work()
        if end in {End.FAILS_BEFORE, End.FAILS_AFTER}:
            raise away("nobody knows")
        self.dead.set()
        return await _nothing_more()


async def _nothing_more() -> NoReturn:
    await asyncio.Event().wait()
    raise AssertionError("the dead say nothing")


class MortalBook:
    """The book as one process reaches it."""

    def __init__(self, book: MemoryBook, life: Life) -> None:
        self._book = book
        self._life = life
        self.read_stream = book.read_stream
        self.read_streams = book.read_streams
        self.read_page = book.read_page
        self.head = book.head
        self.has_command = book.has_command

    async def append(self, entries: Sequence[Entry]) -> Appended:
        """Write, or try to."""
        return await self._life.call(lambda: self._book.append(entries), OutcomeUnknownError)

    async def append_holding(
        self, decide: Callable[[Reread], Awaitable[Sequence[Entry]]]
    ) -> Appended:
        """Hold and write, or try to."""
        return await self._life.call(lambda: self._book.append_holding(decide), OutcomeUnknownError)


class MortalKeys:
    """The keys as one process reaches them."""

    def __init__(self, keys: MemoryKeyRing, life: Life) -> None:
        self._keys = keys
        self._life = life
        self.open = keys.open

    async def seal(self, key_id: str, plain: bytes) -> Sealed:
        """Seal, or try to."""
        return await self._life.call(lambda: self._keys.seal(key_id, plain), OutcomeUnknownError)


class MortalGateway:
    """The provider as one process reaches it."""

    def __init__(self, gateway: MemoryGateway, life: Life) -> None:
        self._gateway = gateway
        self._life = life

    @property
    def key_id(self) -> str:
        """The public half of no key."""
        return self._gateway.key_id

    @property
    def capture_mode(self) -> CaptureMode:
        """Who captures."""
        return self._gateway.capture_mode

    async def create_order(self, receipt: str, due: Money) -> ProviderOrder:
        """Create, or try to."""
        return await self._call(lambda: self._gateway.create_order(receipt, due))

    async def find_order(self, receipt: str) -> ProviderOrder | None:
        """Find, or try to."""
        return await self._call(lambda: self._gateway.find_order(receipt))

    async def payments_of(self, razorpay_order_id: str) -> list[PaymentReport]:
        """Ask, or try to."""
        return await self._call(lambda: self._gateway.payments_of(razorpay_order_id))

    async def capture(
        self, razorpay_order_id: str, razorpay_payment_id: str, amount: Money
    ) -> PaymentReport:
        """Capture, or try to."""
        ids = razorpay_order_id, razorpay_payment_id
        return await self._call(lambda: self._gateway.capture(*ids, amount))

    async def refund(
        self, razorpay_order_id: str, razorpay_payment_id: str, amount: Money, refund_id: str
    ) -> RefundReport:
        """Refund, or try to."""
        ids = razorpay_order_id, razorpay_payment_id
        return await self._call(lambda: self._gateway.refund(*ids, amount, refund_id))

    async def refunds_of(
        self, razorpay_order_id: str, razorpay_payment_id: str
    ) -> list[RefundReport]:
        """Ask, or try to."""
        ids = razorpay_order_id, razorpay_payment_id
        return await self._call(lambda: self._gateway.refunds_of(*ids))

    async def payments_between(self, since: datetime, until: datetime) -> list[AccountPayment]:
        """List, or try to."""
        return await self._call(lambda: self._gateway.payments_between(since, until))

    async def refunds_between(self, since: datetime, until: datetime) -> list[AccountRefund]:
        """List, or try to."""
        return await self._call(lambda: self._gateway.refunds_between(since, until))

    async def _call(self, work: Callable[[], Awaitable[T]]) -> T:
        return await self._life.call(work, GatewayUnavailableError)


class ForgetfulGateway(MemoryGateway):
    """Makes another order when it is asked again: an account without unique receipts."""

    async def create_order(self, receipt: str, due: Money) -> ProviderOrder:
        """Create one more order."""
        self.asked.append("create")
        name = f"order_{len(self.orders) + 1:014}"
        order = ProviderOrder(razorpay_order_id=name, receipt=receipt, due=due, status="created")
        self.orders.append(order)
        return order


class Outside:
    """What outlives every process: the book, the keys, the provider, and the leases in Redis."""

    def __init__(self, book: MemoryBook, read: Read) -> None:
        self.book = book
        self.keys = MemoryKeyRing()
        self.gateway = ForgetfulGateway()
        self.leases = MemoryLeases(lambda: "somebody's")
        self.read = read
        self.webhooks = 0


class Shop:
    """One process of the shop."""

    def __init__(self, outside: Outside, fate: Fate) -> None:
        self.life = Life(fate)
        self.book = MortalBook(outside.book, self.life)
        keys = MortalKeys(outside.keys, self.life)
        gateway = MortalGateway(outside.gateway, self.life)
        self._process = Process(self.book)
        self.ledger = self._process.ledger
        self.people = People(keys, b"mailbox", b"wish")
        self.intents = PaymentIntents(self.ledger, gateway, outside.leases)
        self.news = ProviderNews(self.ledger, gateway)
        self.errands = Errands(self.ledger, gateway, lambda: _fresh(outside))
        self.inbox = WebhookInbox(self.ledger, keys, outside.read, lambda: _fresh(outside))

    async def states(self, names: Sequence[Stream]) -> dict[Stream, object]:
        """Return the states of these streams."""
        return {name: await self._process.state(name) for name in names}


def _fresh(outside: Outside) -> UUID:
    outside.webhooks += 1
    return named("fresh", str(outside.webhooks))


class Lives:
    """One process after another, each started when the one before has died."""

    def __init__(self, outside: Outside, fate: Fate) -> None:
        self._outside = outside
        self._fate = fate
        self._begun: list[asyncio.Task[object]] = []
        self.deaths = 0
        self.shop = Shop(outside, fate)

    async def until_done(self, work: Callable[[Shop], Awaitable[T]], tries_max: int = 50) -> T:
        """Ask again, as a client with its key or Razorpay does, until there is an answer."""
        for _ in range(tries_max):
            answer = asyncio.ensure_future(work(self.shop))
            death = asyncio.ensure_future(self.shop.life.dead.wait())
            self._begun += [answer, death]
            await asyncio.wait([answer, death], return_when=asyncio.FIRST_COMPLETED)
            if self.shop.life.dead.is_set():
                self.restart()
                continue
            try:
                return answer.result()
            except (OutcomeUnknownError, GatewayUnavailableError, ProviderUnavailable):
                continue
        raise AssertionError(f"no answer after {tries_max} tries")

    def restart(self) -> None:
        """Begin a new life, which knows nothing."""
        self.deaths += 1
        self.shop = Shop(self._outside, self._fate)

    async def bury(self) -> None:
        """Let go of everything that the dead still wait for."""
        for task in self._begun:
            task.cancel()
        await asyncio.gather(*self._begun, return_exceptions=True)
