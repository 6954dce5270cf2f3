"""A shop whose money is at a provider in memory, and whose processes begin anew when they like."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from src.commands.decisions.news import report_all
from src.commands.errands import Errand, Errands, errands_of
from src.commands.gateway import (
    GatewayRefusedError,
    PaymentReport,
    PaymentStatus,
    ProviderOrder,
    RefundReport,
    Report,
)
from src.commands.view import Decide
from src.events.capture import CaptureMode
from src.events.checkout import Checkout
from src.events.identifiers import PAYMENT, named, stream
from src.events.money import Money
from src.events.payment import Payment
from src.events.ports import Book
from tests.factories import NOW
from tests.gateway import MemoryGateway
from tests.memory import MemoryBook
from tests.processes import Process, WatchedBook, cause
from tests.purchases import Purchase


class MoodyGateway(MemoryGateway):
    """One that may refuse to move money."""

    no: GatewayRefusedError | None = None

    async def capture(
        self, razorpay_order_id: str, razorpay_payment_id: str, amount: Money
    ) -> PaymentReport:
        """Take authorized money, or refuse."""
        if self.no is not None:
            self._ask("capture")
            raise self.no
        return await super().capture(razorpay_order_id, razorpay_payment_id, amount)

    async def refund(
        self, razorpay_order_id: str, razorpay_payment_id: str, amount: Money, refund_id: str
    ) -> RefundReport:
        """Give captured money back, or refuse."""
        if self.no is not None:
            self._ask("refund")
            raise self.no
        return await super().refund(razorpay_order_id, razorpay_payment_id, amount, refund_id)

    def let_go(self, promised: PaymentReport) -> PaymentReport:
        """Return to the customer what nobody took."""
        return self._set(promised, status=PaymentStatus.REFUNDED)


class Desk:
    """A book and a provider; `process` is whoever runs errands at present."""

    def __init__(self, capture: CaptureMode = CaptureMode.AUTOMATIC) -> None:
        self.book = WatchedBook(MemoryBook(lambda: NOW))
        self.gateway = MoodyGateway(lambda: NOW)
        self.gateway.capture_mode = capture
        self.ids = 0
        self.process = Process(self.book)
        self.errands = self._errands()

    def begin_anew(self) -> None:
        """Let another process, which knows nothing, take over."""
        self.process = Process(self.book)
        self.errands = self._errands()

    def another(self, book: Book | None = None) -> Errands:
        """Return the errands of one more process."""
        self.ids += 1_000_000
        return Errands(Process(book or self.book).ledger, self.gateway, self._new_id)

    async def do(self, *decisions: Decide) -> None:
        for decide in decisions:
            self.ids += 1
            await self.process.ledger.transact(cause(f"step {self.ids}"), decide)

    async def ordered(self, one: Purchase) -> ProviderOrder:
        """Bring an attempt to PAYMENT_PENDING, with an order at the provider."""
        order = ProviderOrder(
            razorpay_order_id=one.razorpay_order, receipt=one.session, due=one.due, status="created"
        )
        self.gateway.orders.append(order)
        await self.do(one.start(), one.request(), one.record(capture=self.gateway.capture_mode))
        return order

    def paid(self, one: Purchase, status: PaymentStatus, payment_id: str = "") -> PaymentReport:
        """Let a customer pay at the provider, under a name that the test knows."""
        order = next(each for each in self.gateway.orders if each.receipt == one.session)
        report = self.gateway.pay(order, status)
        report = replace(report, razorpay_payment_id=payment_id or one.payment_id)
        self.gateway.payments[one.razorpay_order][-1] = report
        return report

    async def told(self, *reports: Report) -> None:
        """Let the book hear of it."""
        await self.do(lambda view: report_all(view, reports))

    async def left(self, one: Purchase) -> list[Errand]:
        return errands_of(await self.payment(one), one.razorpay_order)

    async def run(self, one: Purchase, at: datetime = NOW) -> None:
        """Carry out everything that is left, each once."""
        for errand in await self.errands.left_of(one.razorpay_order):
            await self.errands.carry_out(errand, at)

    async def payment(self, one: Purchase) -> Payment:
        payment: Payment = await self.process.state(stream(PAYMENT, one.razorpay_order))
        return payment

    async def checkout(self, one: Purchase) -> Checkout:
        checkout: Checkout = await self.process.state(one.checkout)
        return checkout

    async def kinds(self, since: int = 0) -> Sequence[str]:
        return [row.type for row in await self.book.read_page(since, 1_000)]

    def _errands(self) -> Errands:
        return Errands(self.process.ledger, self.gateway, self._new_id)

    def _new_id(self) -> UUID:
        self.ids += 1
        return named("errand", str(self.ids))
