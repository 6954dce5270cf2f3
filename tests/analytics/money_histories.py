"""A shop's money at random, made by the shop's own rules: on time, late, wrong, twice, and back."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from src.commands.decisions.captures import give_up_capture
from src.commands.decisions.cases import resolve_case
from src.commands.decisions.catalogue import adjust_stock, receive_stock
from src.commands.decisions.orders import cancel_order
from src.commands.decisions.refund_news import refund_refused
from src.commands.decisions.refunds import refund_case, refund_order
from src.commands.rejections import Rejection
from src.commands.view import Decide
from src.events.capture import CaptureMode
from src.events.checkout import IntentRequested
from src.events.envelope import StoredEvent
from src.events.identifiers import PAYMENT, order_of, stream
from src.events.money import Money
from src.events.payment import Payment
from tests.factories import CUP, PIN, TEA, inr, shop
from tests.memory import MemoryBook
from tests.processes import Process, cause
from tests.purchases import Purchase

BEGIN = datetime(2026, 10, 24, 20, 59, tzinfo=UTC)
"""Before clocks change in Europe."""
PASSES = (0, 0, 1, 7, 31, 61, 345, 1_441)
"""Minutes between what happens."""
METHODS = ("upi", "upi", "card", "netbanking", None)
REASONS = ("bank_declined", "payment_timed_out", None)
STATUSES = ("captured", "captured", "captured", "authorized", "failed", "refunded")
DISPUTES = ("open", "under_review", "won", "lost")
RECENT = 5


class MoneyHistory:
    """One shop whose facts happen when the history says so."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.now = BEGIN
        self.book = MemoryBook(lambda: self.now)
        self.sessions: list[Purchase] = []
        self.ends_of_appends = [0]
        self._process = Process(self.book)
        self._names = count()

    async def live(self, steps: int) -> None:
        """Let so much happen."""
        await self._process.write("opening", *shop(units=9))
        deeds: list[Callable[[], Any]] = [
            *[self._checks_out, self._ends] * 4,
            *[self._is_paid] * 7,
            *[self._goes_back] * 3,
            *[self._is_recorded, self._settles, self._is_refused, self._is_counted] * 2,
            *[self._is_disputed, self._is_given_back, self._is_let_go],
        ]
        for _ in range(steps):
            self.now += timedelta(minutes=self.chance.choice(PASSES), microseconds=1_234)
            if self.sessions or not self.chance.randrange(2):
                await (self.chance.choice(deeds) if self.sessions else self._checks_out)()

    async def events(self) -> Sequence[StoredEvent]:
        """Return everything that happened."""
        return await self.book.read_page(0, await self.book.head())

    async def _do(self, decide: Decide) -> None:
        """Let the shop decide; a refusal leaves nothing."""
        try:
            await self._process.ledger.transact(cause(f"{next(self._names)}"), decide)
        except Rejection:
            return
        head = await self.book.head()
        if head != self.ends_of_appends[-1]:
            self.ends_of_appends.append(head)

    def _one(self) -> Purchase:
        return self.chance.choice(self.sessions[-RECENT:])

    async def _given_back(self) -> Purchase:
        """Return one that money goes back of, if there is any."""
        found = [each for each in self.sessions if (await self._payment(each)).refunds]
        return self.chance.choice(found or self.sessions)

    async def _payment(self, one: Purchase) -> Payment:
        known: Payment = await self._process.state(stream(PAYMENT, one.razorpay_order))
        return known

    async def _checks_out(self) -> None:
        """Begin to buy, often from a cart that somebody tried to buy before."""
        again = bool(self.sessions) and self.chance.random() < 0.4
        name = f"{len(self.sessions)}"
        wants = ((TEA, 1), (self.chance.choice([CUP, PIN]), 2))
        cart = self._one().cart if again else name
        one = Purchase(name=name, cart=cart, wants=wants)
        self.sessions.append(one)
        if not again:
            await self._process.write(f"cart {name}", *one.filled())
        await self._do(one.start(now=self.now, expires_at=self.now + timedelta(minutes=30)))
        await self._do(one.request(now=self.now))
        if self.chance.random() < 0.8:
            await self._record(one)

    async def _is_recorded(self) -> None:
        """It becomes known late whose Razorpay order it is."""
        await self._record(self._one())

    async def _record(self, one: Purchase) -> None:
        checkout = await self._process.state(one.checkout)
        intent = getattr(checkout, "intent", None)
        if intent is None:
            return
        mode = CaptureMode.AUTOMATIC
        if isinstance(checkout, IntentRequested) and self.chance.random() < 0.2:
            mode = CaptureMode.MANUAL
        await self._do(one.record(due=intent.totals.total, capture=mode))

    async def _is_paid(self) -> None:
        one, status = self._one(), self.chance.choice(STATUSES)
        payment = await self._payment(one)
        due = payment.opened.due if payment.opened else one.due
        amount = self.chance.choice([due] * 6 + [due + inr(1), Money(due.amount, "USD")])
        said = one.report(
            status,
            f"pay_{one.name}_{self.chance.randrange(2)}",
            amount=amount,
            method=self.chance.choice(METHODS),
            reason=self.chance.choice(REASONS) if status == "failed" else None,
        )
        await self._do(said)

    async def _ends(self) -> None:
        one = self._one()
        await self._do(one.cancel(self.now) if self.chance.randrange(2) else one.expire(self.now))

    async def _goes_back(self) -> None:
        """Razorpay tells of a refund of ours, or of somebody's made there."""
        one = await self._given_back()
        payment = await self._payment(one)
        if not payment.attempts:
            return
        status = self.chance.choice(["pending", "processed", "processed", "failed"])
        if payment.refunds and self.chance.randrange(4):
            refund_id, known = self.chance.choice(sorted(payment.refunds.items()))
            told = one.refund(
                status,
                refund_id,
                amount=known.amount,
                razorpay_payment_id=known.razorpay_payment_id,
                razorpay_refund_id=known.razorpay_refund_id or f"rfnd_{refund_id}",
            )
        else:
            payment_id, attempt = self.chance.choice(sorted(payment.attempts.items()))
            part = max(1, attempt.amount.amount // self.chance.choice([1, 1, 2]))
            told = one.refund(
                status,
                amount=Money(part, attempt.amount.currency),
                razorpay_payment_id=payment_id,
                razorpay_refund_id=f"rfnd_{next(self._names)}",
            )
        await self._do(told)

    async def _is_refused(self) -> None:
        one = await self._given_back()
        payment = await self._payment(one)
        order, refund_id = one.razorpay_order, min(payment.refunds, default="")
        await self._do(lambda view: refund_refused(view, order, refund_id, "no balance"))

    async def _is_disputed(self) -> None:
        one = self._one()
        payment = await self._payment(one)
        for payment_id in sorted(payment.attempts)[:1]:
            status = self.chance.choice(DISPUTES)
            await self._do(one.dispute(status, razorpay_payment_id=payment_id))

    async def _is_given_back(self) -> None:
        order_id, _ = order_of(self._one().session)
        name = f"refund_{next(self._names)}"
        decide: Decide = lambda view: cancel_order(view, order_id, "sold twice")  # noqa: E731  # one of two
        if self.chance.randrange(2):
            decide = lambda view: refund_order(view, order_id, inr(9_000), "torn", name)  # noqa: E731  # as above
        await self._do(decide)

    async def _is_let_go(self) -> None:
        """What only we could take is left where it is."""
        one = self._one()
        order = one.razorpay_order
        name = f"pay_{one.name}_{self.chance.randrange(2)}"
        await self._do(lambda view: give_up_capture(view, order, name, "no", refused=True))

    async def _settles(self) -> None:
        """A person closes a case, with or without giving money back."""
        settle = self.chance.choice([resolve_case, refund_case])
        found = [
            (stream(PAYMENT, one.razorpay_order), case_id)
            for one in self.sessions[-RECENT:]
            for case_id in sorted((await self._payment(one)).cases)
        ]
        if found:
            about, case_id = self.chance.choice(found)
            await self._do(lambda view: settle(view, about, case_id, "seen"))

    async def _is_counted(self) -> None:
        if self.chance.randrange(3):
            await self._do(lambda view: adjust_stock(view, TEA.sku, -3, "broken", None))
        else:
            await self._do(lambda view: receive_stock(view, TEA.sku, 5, None))
