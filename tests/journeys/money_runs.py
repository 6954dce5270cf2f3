"""A story of money through the fates of its processes, until all that is due was done."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from msgspec import Struct

from src.commands.decisions.endings import expire
from src.commands.gateway import (
    PaymentReport,
    PaymentStatus,
    RefundStatus,
    Report,
)
from src.commands.view import Decide
from src.commands.webhook_inbox import Delivery, News
from src.events.capture import CaptureMode
from src.events.case import CaseKind
from src.events.identifiers import CHECKOUT, PAYMENT, stream
from src.events.payment import Payment
from src.events.refund import UNANSWERED
from src.events.webhook import WebhookStatus
from tests.factories import EXPIRES_AT, NOW, shop
from tests.independent_reading import IndependentReading
from tests.journeys.lives import Fate, Lives, Outside, Shop
from tests.memory import MemoryBook
from tests.processes import Process, cause
from tests.promises import check_promises
from tests.purchases import Purchase

ONE = Purchase()
OTHER = Purchase(name="other", cart="other", email="ravi@example.in")
CHECKED_OUT = stream(CHECKOUT, ONE.session)
LATER = EXPIRES_AT + timedelta(minutes=1)
ROUNDS = 3
"""What is due may lead to something that is due."""
PAGE = 10_000


class Story(Struct, frozen=True, kw_only=True):
    """What happens, and what must have come of it in the end, in peace as otherwise."""

    tell: Callable[["Run"], Awaitable[None]]
    given_back: tuple[int, ...] = ()
    """What Razorpay gave back, each refund."""
    cases: tuple[CaseKind, ...] = ()
    """What waits for a person at last."""
    ends: str = "Completed"
    """What became of the session."""
    manual: bool = False


class Run:
    """One story through one fate."""

    def __init__(self, story: Story, fate: Fate) -> None:
        self.story = story
        self.book = MemoryBook(lambda: NOW)
        self.letters: dict[bytes, News] = {}
        """What a body says."""
        self.outside = Outside(self.book, self.letters.__getitem__)
        self.gateway = self.outside.gateway
        if story.manual:
            self.gateway.capture_mode = CaptureMode.MANUAL
        self.lives = Lives(self.outside, fate)

    async def go(self) -> Mapping[str, object]:
        """Tell the story, let the worker do what is due, and return how the shop ends."""
        opening = [*shop(), *ONE.filled(), *OTHER.filled(), *ONE.begun()]
        await Process(self.book).write("open", *opening)
        try:
            await self.story.tell(self)
            self.lives.restart()
            for _ in range(ROUNDS):
                await self.everything_due(LATER)
        finally:
            await self.lives.bury()
        return await self.checked()

    async def wish(self, name: str, decide: Decide) -> None:
        """Somebody wants something, and asks until there is an answer."""
        await self.lives.until_done(lambda shop: shop.ledger.transact(cause(name), decide))

    async def intended(self) -> None:
        """The customer asks for the payment, until there is an answer."""
        await self.lives.until_done(self.intent)

    async def intent(self, shop: Shop) -> None:
        await shop.intents.create(cause("intent"), ONE.command())

    async def paid(self, status: PaymentStatus = PaymentStatus.CAPTURED) -> PaymentReport:
        """The customer pays, and Razorpay tells us so twice."""
        report = self.gateway.pay(self.gateway.orders[0], status)
        await self.told(f"payment {status}", report)
        await self.told(f"payment {status}, once more", report)
        return report

    async def told(self, event_id: str, *reports: Report) -> None:
        """Razorpay delivers until it is acknowledged; settling comes after, once, or never."""
        body = event_id.encode()
        order = reports[0].razorpay_order_id
        self.letters[body] = News(name="news", razorpay_order_id=order, reports=reports)
        delivery = Delivery(event_id=event_id, body=body, signature="s", secret_index=0)
        correlation = cause(event_id).correlation_id
        name, _ = await self.lives.until_done(
            lambda shop: shop.inbox.receive(delivery, correlation)
        )
        await self.once(lambda shop: shop.inbox.handle(name, body))

    async def once(self, work: Callable[[Shop], Awaitable[object]]) -> None:
        """Somebody begins something, and does not come back to it when it fails."""
        tries: list[None] = []

        async def first(shop: Shop) -> None:
            if not tries:
                tries.append(None)
                await work(shop)

        await self.lives.until_done(first)

    async def everything_due(self, at: datetime) -> None:
        """Do what the worker does in its rounds, with what it finds in the book."""
        await self.lives.until_done(recovered)
        for key in await self.keys("webhook"):
            await self.lives.until_done(partial(settled, key))
        await self.wish(f"expire at {at}", lambda view: expire(view, ONE.session, at))
        for key in await self.keys(PAYMENT):
            await self.lives.until_done(partial(asked, key, at))

    async def keys(self, category: str) -> Sequence[str]:
        """Return what the book has of a kind."""
        names = {event.stream.partition("-") for event in await self.book.read_page(0, PAGE)}
        return sorted(key for found, _, key in names if found == category)

    async def checked(self) -> Mapping[str, object]:
        """Find every promise kept and the story at its end; return what counts of the states."""
        events = await self.book.read_page(0, PAGE)
        reading = IndependentReading()
        reading.read(events)
        assert not reading.holds
        states = await Shop(self.outside, Fate({})).states(sorted({e.stream for e in events}))
        check_promises(states)
        assert type(states[CHECKED_OUT]).__name__ == self.story.ends
        money = [state for state in states.values() if isinstance(state, Payment)]
        cases = sorted(case.kind for payment in money for case in payment.cases.values())
        assert tuple(cases) == self.story.cases
        given = [r for r in self.gateway.refunds if r.status is not RefundStatus.FAILED]
        assert tuple(each.amount.amount for each in given) == self.story.given_back
        wanted = {name for payment in money for name in payment.refunds}
        asked_for = [each.receipt for each in self.gateway.refunds if each.receipt]
        assert len(set(asked_for)) == len(asked_for), "each once"
        assert wanted >= set(asked_for)
        return {name: state for name, state in states.items() if name.partition("-")[0] in COUNTS}


COUNTS = {"payment", "stock", "order", "coupon", "cart"}
"""Categories whose states do not depend on who did what; sealed boxes and keys do."""


async def settled(webhook: str, shop: Shop) -> None:
    await shop.inbox.handle(webhook)
    state = await shop.ledger.look(lambda view: view.webhook(webhook))
    assert state.status is WebhookStatus.HANDLED


async def recovered(shop: Shop) -> None:
    """Look for the Razorpay order whose answer was lost."""
    await shop.intents.recover(cause("recover"), ONE.session)


async def asked(razorpay_order: str, at: datetime, shop: Shop) -> None:
    """Carry out what is wished for, and ask about what nobody told the end of."""
    for errand in await shop.errands.left_of(razorpay_order):
        await shop.errands.carry_out(errand, at)
    await shop.news.ask(cause(f"ask {razorpay_order}"), razorpay_order)
    payment = await shop.ledger.look(lambda view: view.payment(razorpay_order))
    for refund_id, refund in sorted(payment.refunds.items()):
        if refund.progress in UNANSWERED:
            paid_with = refund.razorpay_payment_id
            await shop.news.ask_refunds(cause(f"ask {refund_id}"), razorpay_order, paid_with)
