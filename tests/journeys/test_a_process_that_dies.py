"""The process dies, or its call fails, at every single call to the outside, from cart to order."""

import json
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from random import Random

import pytest
from msgspec import Struct

from src.commands.decisions.cart import apply_coupon, open_cart, set_item
from src.commands.decisions.endings import expire
from src.commands.decisions.intent import Buyer, RequestIntent
from src.commands.decisions.start import StartCheckout, start
from src.commands.gateway import PaymentReport, PaymentStatus, ProviderOrder
from src.commands.view import Decide, Fact, View
from src.commands.webhook_inbox import Delivery, News
from src.commands.wish import Held
from src.events.capture import CaptureMode
from src.events.coupon import CouponKind, CouponTerms
from src.events.customer import Address, Profile
from src.events.envelope import StoredEvent
from src.events.identifiers import CHECKOUT, COUPON, STOCK, stream
from src.events.money import Money
from src.events.stock import StockAdjusted
from src.events.webhook import WebhookStatus
from tests.factories import CUP, EXPIRES_AT, NOW, TEA, UNITS, coupon
from tests.factories import shop as opening
from tests.independent_reading import IndependentReading
from tests.journeys.lives import End, Fate, Lives, Outside, Shop
from tests.memory import MemoryBook
from tests.processes import Process, cause
from tests.promises import check_promises

pytestmark = pytest.mark.anyio

CART, SESSION = "cart_dying", "cs_dying"
CALLS_MAX = 60
SEEDS = 60
PROFILE = Profile(email="asha@example.in", name="Asha Example", phone="+919800000000")
ADDRESS = Address(
    name="Asha Example",
    phone="+919800000000",
    line1="1 Example Road",
    line2=None,
    city="Bengaluru",
    state="Karnataka",
    postal_code="560001",
    country="IN",
)
TERMS = CouponTerms(
    kind=CouponKind.PERCENT, value=10, limit_total=1, limit_per_customer=1, currency="INR"
)
FREE = CouponTerms(kind=CouponKind.PERCENT, value=100, limit_total=1, currency="INR")


def body_of(report: PaymentReport) -> bytes:
    money = {"amount": report.amount.amount, "currency": report.amount.currency}
    return json.dumps(
        [report.razorpay_order_id, report.razorpay_payment_id, report.status, money]
    ).encode()


def read(raw: bytes) -> News:
    order, payment, status, money = json.loads(raw)
    report = PaymentReport(
        razorpay_order_id=order,
        razorpay_payment_id=payment,
        status=PaymentStatus(status),
        amount=Money(**money),
        captured=status == "captured",
    )
    return News(name=f"payment.{status}", razorpay_order_id=order, reports=(report,))


def put(sku: str, view: View) -> list[Fact]:
    return set_item(view, CART, sku, 2, NOW)


def all_gone(view: View) -> list[Fact]:
    available = view.stock(TEA.sku).available
    gone = StockAdjusted(sku=TEA.sku, delta=-available, reason="all sold")
    return [(stream(STOCK, TEA.sku), gone)] if available else []


class Journey(Struct, frozen=True, kw_only=True):
    """A way from cart to order."""

    name: str
    session_first: bool = True
    """POST /checkout, then POST /orders; else POST /orders with the cart."""
    webhooks: bool = True
    callback: bool = False
    late: bool = False
    """The session expires before the money comes."""
    manual: bool = False
    """The bank only promises the money, and we take it."""
    sold_out: bool = False
    """What was to be bought is gone when the money comes."""
    terms: CouponTerms = TERMS
    shipping: int = 4_900


JOURNEYS = [
    Journey(name="webhooks"),
    Journey(name="callback", webhooks=False, callback=True),
    Journey(name="with the cart, all news", session_first=False, callback=True),
    Journey(name="late", late=True),
    Journey(name="nothing to pay", terms=FREE, shipping=0),
    Journey(name="promised", manual=True, callback=True),
    Journey(name="promised late", manual=True, late=True),
    Journey(name="late and sold out", late=True, sold_out=True),
]


class Run:
    """One journey through one fate."""

    def __init__(self, journey: Journey, fate: Fate) -> None:
        self.journey = journey
        self.book = MemoryBook(lambda: NOW)
        self.outside = Outside(self.book, read)
        if journey.manual:
            self.outside.gateway.capture_mode = CaptureMode.MANUAL
        self.lives = Lives(self.outside, fate)

    async def go(self) -> None:
        facts = [*opening(shipping=self.journey.shipping), coupon("ONE", self.journey.terms)]
        await Process(self.book).write("open", *facts)
        try:
            await self._buy()
            await self._afterwards()
        finally:
            await self.lives.bury()
        await self._check()

    async def _buy(self) -> None:
        await self._write("cart", lambda v: open_cart(v, CART, None, "INR"))
        for product in (TEA, CUP):
            await self._write(f"put {product.sku}", partial(put, product.sku))
        await self._write("coupon", lambda v: apply_coupon(v, CART, "ONE", (), NOW))
        if self.journey.session_first:
            await self._write("start", lambda v: start(v, self._start()))
        await self.lives.until_done(self._intent)
        if self.outside.gateway.orders:
            await self._pay()

    async def _write(self, name: str, decide: Decide) -> Held:
        return await self.lives.until_done(lambda shop: shop.ledger.transact(cause(name), decide))

    def _start(self) -> StartCheckout:
        return StartCheckout(
            checkout_session_id=SESSION, cart_id=CART, now=NOW, expires_at=EXPIRES_AT
        )

    async def _intent(self, shop: Shop) -> object:
        people = shop.people
        command = RequestIntent(
            checkout_session_id=SESSION,
            buyer=Buyer(
                customer_id="cust_dying",
                guest=True,
                mailbox=people.mailbox(PROFILE.email),
                contact=await people.seal("cust_dying", PROFILE),
            ),
            shipping_address=await people.seal("cust_dying", ADDRESS),
            billing_address=None,
            postal_code=ADDRESS.postal_code,
            shipping_method=None,
            expected_total=None,
            wish=people.wish("cust_dying", PROFILE, ADDRESS),
            now=NOW,
        )
        first = None if self.journey.session_first else self._start()
        return await shop.intents.create(cause("intent"), command, first)

    async def _pay(self) -> None:
        """Let the customer pay what the answer named, and everybody say so."""
        order = self.outside.gateway.orders[0]
        if self.journey.late:
            await self._expire()
        if self.journey.sold_out:
            await self._write("sold out", all_gone)
        promised = self.journey.manual
        status = PaymentStatus.AUTHORIZED if promised else PaymentStatus.CAPTURED
        paid = self.outside.gateway.pay(order, status)
        if self.journey.webhooks:
            for number, told in enumerate(("authorized", status, status)):
                await self._deliver(number, replaced(paid, PaymentStatus(told)))
                await self._run_errands(order)
        if self.journey.callback:
            await self.lives.until_done(
                lambda shop: shop.news.ask(cause("callback"), order.razorpay_order_id)
            )

    async def _run_errands(self, order: ProviderOrder) -> None:
        """Ask Razorpay for what the book wants, until it has answered."""

        async def everything(shop: Shop) -> None:
            for errand in await shop.errands.left_of(order.razorpay_order_id):
                await shop.errands.carry_out(errand, NOW)

        await self.lives.until_done(everything)

    async def _expire(self) -> None:
        at = EXPIRES_AT + timedelta(seconds=1)
        await self._write("expire", lambda v: expire(v, SESSION, at))

    async def _deliver(self, number: int, report: PaymentReport) -> None:
        """Deliver until it is acknowledged; settling comes after, as in the API process."""
        delivery = Delivery(
            event_id=f"event{number}", body=body_of(report), signature="s", secret_index=0
        )
        command = cause(f"delivery {number}")
        name, _ = await self.lives.until_done(
            lambda shop: shop.inbox.receive(delivery, command.correlation_id)
        )
        await self._settle_once(name, delivery.body)

    async def _settle_once(self, name: str, body: bytes) -> None:
        """Think about it once; if that fails, the worker finds it left behind."""
        attempts: list[None] = []

        async def once(shop: Shop) -> None:
            if not attempts:
                attempts.append(None)
                await shop.inbox.handle(name, body)

        await self.lives.until_done(once)

    async def _afterwards(self) -> None:
        """Restart, and let the worker do what was left behind."""
        self.lives.restart()
        webhooks = {
            event.stream for event in await self.book.read_page(0, 10_000)
            if event.stream.startswith("webhook-")
        }  # fmt: skip
        for name in sorted(webhooks):
            key = name.partition("-")[2]
            await self.lives.until_done(partial(settled, key))
        for order in self.outside.gateway.orders:
            await self._run_errands(order)
        if not self.journey.late:
            at = EXPIRES_AT + timedelta(hours=1)
            await self._write("expire at last", lambda v: expire(v, SESSION, at))

    async def _check(self) -> None:
        events = await self.book.read_page(0, 10_000)
        reading = IndependentReading()
        reading.read(events)
        if self.journey.sold_out:
            self._check_money_back(events, reading)
            return
        assert len(reading.orders) == 1
        assert len(self.outside.gateway.orders) == (self.journey.terms is not FREE)
        last = Shop(self.outside, Fate({}))
        states = await last.states(sorted({event.stream for event in events}))
        check_promises(states)
        assert type(states[stream(CHECKOUT, SESSION)]).__name__ == "Completed"
        for product in (TEA, CUP):
            stock = reading.stock[product.sku]
            assert (stock["committed"], stock["received"]) == (2, UNITS)
            assert reading.coupon_uses == {"ONE": 1}
        assert states[stream(COUPON, "ONE")]
        assert not reading.holds

    def _check_money_back(self, events: Sequence[StoredEvent], reading: IndependentReading) -> None:
        """All of it, once, and the book knows it."""
        assert (reading.orders, reading.cases, reading.holds) == ([], [], {})
        [given] = self.outside.gateway.refunds
        [wanted] = [
            json.loads(bytes(event.payload)) for event in events if event.type == "RefundRequested"
        ]
        assert given.receipt == wanted["refund_id"]
        assert given.amount.amount == wanted["amount"]["amount"]
        assert [event.type for event in events].count("RefundProcessed") == 1


def replaced(report: PaymentReport, status: PaymentStatus) -> PaymentReport:
    return PaymentReport(
        razorpay_order_id=report.razorpay_order_id,
        razorpay_payment_id=report.razorpay_payment_id,
        status=status,
        amount=report.amount,
        captured=status is PaymentStatus.CAPTURED,
    )


async def settled(webhook: str, shop: Shop) -> None:
    await shop.inbox.handle(webhook)
    state = await shop.ledger.look(lambda view: view.webhook(webhook))
    assert state.status is WebhookStatus.HANDLED


async def calls_of(journey: Journey) -> int:
    """Return how many calls to the outside a journey takes when nothing goes wrong."""
    fate = Fate({})
    await Run(journey, fate).go()
    assert 5 < fate.calls < CALLS_MAX
    return fate.calls


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.name)
@pytest.mark.parametrize("end", list(End))
async def test_wherever_it_happens_there_is_one_order(journey: Journey, end: End) -> None:
    for at in range(1, await calls_of(journey) + 1):
        fate = Fate({at: end})
        run = Run(journey, fate)
        try:
            await run.go()
        except Exception as failure:
            raise AssertionError(f"{journey.name}: {end} at call {at}: {failure!r}") from failure
        assert fate.calls >= at
        assert run.lives.deaths == 1 + (end in {End.DIES_BEFORE, End.DIES_AFTER})


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.name)
async def test_however_often_it_happens_there_is_one_order(journey: Journey) -> None:
    for seed in range(SEEDS):
        chance = Random(seed)
        ends = {
            at: chance.choice(list(End))
            for at in range(1, CALLS_MAX)
            if chance.random() < chance.choice((0.1, 0.3, 0.6))
        }
        try:
            await Run(journey, Fate(ends)).go()
        except Exception as failure:
            raise AssertionError(f"{journey.name}: seed {seed}: {failure!r}") from failure
