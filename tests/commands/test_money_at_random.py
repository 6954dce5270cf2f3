"""Customers, staff, banks and a Razorpay that means what it says, in any order: money is kept."""

import asyncio
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from msgspec.structs import replace

from src.commands.decisions.cases import resolve_case
from src.commands.decisions.catalogue import adjust_stock, receive_stock
from src.commands.decisions.news import report_all
from src.commands.decisions.orders import cancel_order, fulfil_order
from src.commands.decisions.refunds import refund_case, refund_order
from src.commands.errands import CAPTURE_WINDOW, Errands, Take
from src.commands.gateway import (
    DisputeReport,
    GatewayRefusedError,
    GatewayUnavailableError,
    PaymentReport,
    PaymentStatus,
    ProviderOrder,
    RefundStatus,
    Report,
)
from src.commands.rejections import Rejection
from src.commands.view import Decide
from src.events.capture import CaptureMode
from src.events.dispute import ENDS, DisputeStatus
from src.events.identifiers import PAYMENT, named, stream
from src.events.money import Money
from src.events.payment import Payment
from src.events.refund import RefundProgress
from tests.commands.money_errands import MoodyGateway
from tests.factories import CUP, NOW, TEA, inr, shop
from tests.independent_reading import IndependentReading
from tests.memory import MemoryBook
from tests.processes import Process, WatchedBook, cause
from tests.purchases import Purchase

PROCESSES = 2
CARTS = ("a", "b")
PAGE = 10_000
RECENT = 5
"""So many messages may be on their way at once, and overtake each other."""
ROUNDS = 12
"""Answers may lead to wishes, so often at most."""
NO = GatewayRefusedError("not enough balance", 400)

processes = some.integers(0, PROCESSES - 1)
carts = some.sampled_from(CARTS)
parts = some.sampled_from([1, 2, 3])
modes = some.sampled_from(list(CaptureMode))
moods = some.sampled_from(["answers", "answers", "answers", "is down", "is not heard", "refuses"])
tries = some.sampled_from(
    [PaymentStatus.CAPTURED, PaymentStatus.CAPTURED, PaymentStatus.AUTHORIZED, PaymentStatus.FAILED]
)


class TrueRazorpay(MoodyGateway):
    """One that does not give back what a bank took."""

    def __init__(self) -> None:
        super().__init__(lambda: NOW)
        self.disputes: dict[str, DisputeReport] = {}

    def _left(self, payment: PaymentReport) -> int:
        lost = sum(
            each.deducted.amount
            for each in self.disputes.values()
            if each.deducted and each.razorpay_payment_id == payment.razorpay_payment_id
        )
        return super()._left(payment) - lost

    def left(self, payment: PaymentReport) -> int:
        """Return what can still be given back of captured money."""
        return self._left(payment) if payment.status is PaymentStatus.CAPTURED else 0

    def take_wrong(self, paid: PaymentReport, amount: Money) -> PaymentReport:
        """Let a payment be of another amount than its order."""
        return self._set(paid, amount=amount)

    def late(self, failed: PaymentReport) -> PaymentReport:
        """Let the bank take money after all."""
        return self._set(failed, status=PaymentStatus.CAPTURED, captured=True)


class ShopAtRazorpay(RuleBasedStateMachine):
    """Processes with old states on one book; an auditor reads every append."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.now: datetime = NOW
        self.book = WatchedBook(MemoryBook(lambda: self.now))
        self.processes = [Process(self.book) for _ in range(PROCESSES)]
        self.razorpay = TrueRazorpay()
        self.names = count()
        self.sessions: list[Purchase] = []
        self.unrecorded: list[tuple[Purchase, ProviderOrder, CaptureMode]] = []
        self.letters: list[tuple[Report, ...]] = []
        self.auditor = IndependentReading()
        everyone = [Purchase(cart=cart, wants=((TEA, 1), (CUP, 2))) for cart in CARTS]
        opening = [*shop(units=5), *(fact for each in everyone for fact in each.filled())]
        self.runner.run(self.processes[0].write("opening", *opening))
        self.audit()

    def teardown(self) -> None:
        try:
            self.quiet_down()
        finally:
            self.runner.close()

    def audit(self) -> None:
        self.auditor.read(self.runner.run(self.book.read_page(self.auditor.position, PAGE)))

    def do(self, process: int, decide: Decide) -> bool:
        """Let a process decide; a refusal is fine, anything else is not."""
        ledger, name = self.processes[process].ledger, f"{next(self.names)}"
        try:
            self.runner.run(ledger.transact(cause(name), decide))
        except Rejection:
            return False
        finally:
            self.audit()
        return True

    def new_id(self) -> UUID:
        return named("errand", f"{next(self.names)}")

    def payments(self, *statuses: PaymentStatus) -> list[PaymentReport]:
        tried = [each for found in self.razorpay.payments.values() for each in found]
        return [each for each in tried if each.status in statuses]

    def stands(self, payment_id: str) -> PaymentReport:
        """Return how a payment stands at Razorpay by now."""
        return next(
            each for each in self.payments(*PaymentStatus) if each.razorpay_payment_id == payment_id
        )

    def writes(self, payment_id: str, *more: Report) -> None:
        """Let Razorpay send a message; somebody may read it at some time."""
        self.letters.append((self.stands(payment_id), *more))

    @initialize(
        begin=some.sampled_from(["ordered", "ordered", "late", "late", "wrong", "promised"])
    )
    def begins(self, begin: str) -> None:
        """Begin with money, as most days do not."""
        promised, late = begin == "promised", begin == "late"
        mode = CaptureMode.MANUAL if promised else CaptureMode.AUTOMATIC
        self.asks_for_a_payment("a", 0, mode, heard=True)
        if late:
            self.do(0, self.sessions[0].cancel(self.now))
            self.do(0, lambda view: adjust_stock(view, CUP.sku, -5, "broken", None))
        status = PaymentStatus.AUTHORIZED if promised else PaymentStatus.CAPTURED
        paid = self.razorpay.pay(self.razorpay.orders[0], status)
        if begin == "wrong":
            paid = self.razorpay.take_wrong(paid, inr(70_000))
        self.do(0, lambda view: report_all(view, [paid]))

    @rule(cart=carts, process=processes, mode=modes, heard=some.booleans())
    def asks_for_a_payment(
        self, cart: str, process: int, mode: CaptureMode, *, heard: bool
    ) -> None:
        session = Purchase(name=f"{len(self.sessions)}", cart=cart)
        self.sessions.append(session)
        ends = self.now + timedelta(minutes=30)
        if not self.do(process, session.start(now=self.now, expires_at=ends)):
            return
        self.do(process, session.request(now=self.now))
        due = self.auditor.due_of(session.session)
        if due is None:
            return
        money = Money(due["amount"], due["currency"])
        order = self.runner.run(self.razorpay.create_order(session.session, money))
        self.unrecorded.append((session, order, mode))
        if heard:
            self.is_recorded(process)

    @precondition(lambda self: self.unrecorded)
    @rule(process=processes)
    def is_recorded(self, process: int) -> None:
        session, order, mode = self.unrecorded.pop()
        self.do(process, session.record(order.razorpay_order_id, order.due, mode))

    @precondition(lambda self: self.razorpay.orders)
    @rule(chance=some.data(), status=tries, wrong=some.sampled_from([False] * 5 + [True]))
    def pays(self, chance: some.DataObject, status: PaymentStatus, *, wrong: bool) -> None:
        order = chance.draw(some.sampled_from(self.razorpay.orders[-4:]))
        order = next(each for each in self.razorpay.orders if each.receipt == order.receipt)
        paid = self.razorpay.pay(order, status)
        if wrong:
            paid = self.razorpay.take_wrong(paid, inr(70_000))
        self.writes(paid.razorpay_payment_id)

    @precondition(lambda self: self.payments(PaymentStatus.FAILED, PaymentStatus.AUTHORIZED))
    @rule(chance=some.data(), lets_go=some.booleans())
    def a_bank_is_late(self, chance: some.DataObject, *, lets_go: bool) -> None:
        found = self.payments(PaymentStatus.FAILED, PaymentStatus.AUTHORIZED)
        payment = chance.draw(some.sampled_from(found))
        if lets_go and payment.status is PaymentStatus.AUTHORIZED:
            self.razorpay.let_go(payment)
        else:
            self.razorpay.late(payment)
        self.writes(payment.razorpay_payment_id)

    @precondition(lambda self: self.letters)
    @rule(chance=some.data(), process=processes)
    def a_message_comes(self, chance: some.DataObject, process: int) -> None:
        said = chance.draw(some.sampled_from(self.letters[-RECENT:]))
        self.do(process, lambda view: report_all(view, said))

    @precondition(lambda self: any(map(self.razorpay.left, self.payments(*PaymentStatus))))
    @rule(chance=some.data(), part=parts, waits=some.booleans())
    def somebody_refunds_at_razorpay(
        self, chance: some.DataObject, part: int, *, waits: bool
    ) -> None:
        found = [each for each in self.payments(*PaymentStatus) if self.razorpay.left(each)]
        payment = chance.draw(some.sampled_from(found))
        self.razorpay.waiting = int(waits)
        amount = max(1, self.razorpay.left(payment) // part)
        refund = self.razorpay.give_back(payment, replace(payment.amount, amount=amount))
        self.razorpay.waiting = 0
        self.writes(payment.razorpay_payment_id, refund)

    @precondition(lambda self: self.pending())
    @rule(chance=some.data(), fails=some.booleans())
    def a_bank_ends_a_refund(self, chance: some.DataObject, *, fails: bool) -> None:
        refund = chance.draw(some.sampled_from(self.pending()))
        end = RefundStatus.FAILED if fails else RefundStatus.PROCESSED
        self.writes(refund.razorpay_payment_id, self.razorpay.finish(refund, end))

    def pending(self) -> list[Any]:
        return [each for each in self.razorpay.refunds if each.status is RefundStatus.PENDING]

    @precondition(lambda self: any(map(self.razorpay.left, self.payments(*PaymentStatus))))
    @rule(chance=some.data(), part=parts, status=some.sampled_from(list(DisputeStatus)))
    def a_bank_disputes(self, chance: some.DataObject, part: int, status: DisputeStatus) -> None:
        found = [each for each in self.payments(*PaymentStatus) if self.razorpay.left(each)]
        payment = chance.draw(some.sampled_from(found))
        name = f"disp_{payment.razorpay_payment_id}"
        before = self.razorpay.disputes.get(name)
        if before is not None and before.status in ENDS:
            return
        left = max(1, self.razorpay.left(payment) // part)
        amount = replace(payment.amount, amount=left) if before is None else before.amount
        lost = status is DisputeStatus.LOST and self.razorpay.left(payment) >= amount.amount
        told = DisputeReport(
            razorpay_order_id=payment.razorpay_order_id,
            razorpay_payment_id=payment.razorpay_payment_id,
            dispute_id=name,
            status=DisputeStatus.WON if status is DisputeStatus.LOST and not lost else status,
            amount=amount,
            deducted=amount if lost else None,
        )
        self.razorpay.disputes[name] = told
        self.writes(payment.razorpay_payment_id, told)

    @precondition(lambda self: self.auditor.opened)
    @rule(chance=some.data(), process=processes, mood=moods, waits=some.booleans(), late=parts)
    def an_errand_is_run(
        self,
        chance: some.DataObject,
        process: int,
        mood: str,
        late: int,
        *,
        waits: bool,
    ) -> None:
        order = chance.draw(some.sampled_from(sorted(self.auditor.opened)))
        razorpay = self.razorpay
        razorpay.down, razorpay.dropped = int(mood == "is down"), int(mood == "is not heard")
        razorpay.no, razorpay.waiting = NO if mood == "refuses" else None, int(waits)
        at = self.now if late > 1 else self.now + CAPTURE_WINDOW
        self.run_errands(process, order, at)
        razorpay.down = razorpay.dropped = razorpay.waiting = 0
        razorpay.no = None

    def run_errands(self, process: int, order: str, at: datetime) -> None:
        errands = Errands(self.processes[process].ledger, self.razorpay, self.new_id)

        async def all_of_them() -> None:
            for errand in await errands.left_of(order):
                since = (
                    replace(errand, promised_at=self.now) if isinstance(errand, Take) else errand
                )
                await errands.carry_out(since, at)

        try:
            self.runner.run(all_of_them())
        except GatewayUnavailableError:
            pass  # The wish stands.
        finally:
            self.audit()
        for refund in self.razorpay.refunds[-1:]:
            self.writes(refund.razorpay_payment_id, refund)

    @precondition(lambda self: self.auditor.orders)
    @rule(
        chance=some.data(),
        process=processes,
        what=some.sampled_from(["sent", "cancelled", "part", "all"]),
    )
    def staff_decide(self, chance: some.DataObject, process: int, what: str) -> None:
        order = chance.draw(some.sampled_from(self.auditor.orders))["order_id"]
        name = f"refund_{next(self.names):010}"
        decisions: dict[str, Decide] = {
            "sent": lambda view: fulfil_order(view, order, "parcel"),
            "cancelled": lambda view: cancel_order(view, order, "sold twice"),
            "part": lambda view: refund_order(view, order, inr(20_000), "torn", name),
            "all": lambda view: refund_order(view, order, None, "torn", name),
        }
        self.do(process, decisions[what])

    @precondition(lambda self: self.auditor.cases)
    @rule(chance=some.data(), process=processes, gives_back=some.booleans())
    def a_case_is_settled(self, chance: some.DataObject, process: int, *, gives_back: bool) -> None:
        case = chance.draw(some.sampled_from(self.auditor.cases))
        about, settle = stream(PAYMENT, case["razorpay_order_id"]), resolve_case
        if gives_back:
            settle = refund_case
        self.do(process, lambda view: settle(view, about, case["case_id"], "seen"))

    @precondition(lambda self: self.sessions)
    @rule(chance=some.data(), process=processes, gives_up=some.booleans())
    def ends(self, chance: some.DataObject, process: int, *, gives_up: bool) -> None:
        session = chance.draw(some.sampled_from(self.sessions[-4:]))
        self.do(process, session.cancel(self.now) if gives_up else session.expire(self.now))

    @rule(minutes=some.sampled_from([1, 31]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(process=processes, delta=some.sampled_from([-3, -1, 2]))
    def stock_is_counted(self, process: int, delta: int) -> None:
        if delta > 0:
            self.do(process, lambda view: receive_stock(view, CUP.sku, delta, None))
        else:
            self.do(process, lambda view: adjust_stock(view, CUP.sku, delta, "count", None))

    @rule(process=processes)
    def a_process_restarts(self, process: int) -> None:
        self.processes[process] = Process(self.book)

    def quiet_down(self) -> None:
        """Let everybody hear everything, and do what is left; then the book says what is true."""
        while self.unrecorded:
            self.is_recorded(0)
        self.processes[0] = Process(self.book)
        for _ in range(ROUNDS):
            for payment in self.payments(*PaymentStatus):
                self.hears_all_of(payment)
            for order in sorted(self.auditor.opened):
                self.run_errands(0, order, self.now)
        for payment in self.payments(*PaymentStatus):
            self.check_truth(payment)

    def hears_all_of(self, payment: PaymentReport) -> None:
        name = payment.razorpay_payment_id
        refunds = [each for each in self.razorpay.refunds if each.razorpay_payment_id == name]
        disputes = [e for e in self.razorpay.disputes.values() if e.razorpay_payment_id == name]
        said: list[Report] = [payment, *refunds, *disputes]
        self.do(0, lambda view: report_all(view, said))

    def check_truth(self, payment: PaymentReport) -> None:
        """What the book says went back, went back; and nothing waits to be asked for."""
        process, name = self.processes[0], payment.razorpay_payment_id
        known: Payment = self.runner.run(process.state(stream(PAYMENT, payment.razorpay_order_id)))
        told = [each for each in known.refunds.values() if each.razorpay_payment_id == name]
        assert all(each.progress is not RefundProgress.REQUESTED for each in told)
        booked = sorted(
            (each.razorpay_refund_id or "", each.amount.amount, PROGRESS[each.progress])
            for each in told
            if each.progress in PROGRESS
        )
        refunds = [each for each in self.razorpay.refunds if each.razorpay_payment_id == name]
        assert booked == sorted(
            (each.razorpay_refund_id, each.amount.amount, each.status) for each in refunds
        )


PROGRESS = {
    RefundProgress.FILED: RefundStatus.PENDING,
    RefundProgress.PROCESSED: RefundStatus.PROCESSED,
    RefundProgress.FAILED: RefundStatus.FAILED,
}

TestMoneyAtRandom = ShopAtRazorpay.TestCase
TestMoneyAtRandom.settings = settings(max_examples=250, stateful_step_count=50, deadline=None)
