"""A payment provider in memory; it keeps the same contract as Razorpay behind its SDK."""

from collections.abc import Callable
from datetime import UTC, datetime

from msgspec.structs import replace

from src.commands.gateway import (
    AccountPayment,
    AccountRefund,
    GatewayRefusedError,
    GatewayUnavailableError,
    PaymentReport,
    PaymentStatus,
    ProviderOrder,
    RefundReport,
    RefundStatus,
)
from src.events.capture import CaptureMode
from src.events.money import Money

NOW = datetime(2026, 8, 28, 13, 30, tzinfo=UTC)


class MemoryGateway:
    """Remembers orders by receipt, and can be away before or after doing what was asked."""

    def __init__(self, now: Callable[[], datetime] = lambda: NOW) -> None:
        self.now = now
        self.capture_mode = CaptureMode.AUTOMATIC
        self.orders: list[ProviderOrder] = []
        self.payments: dict[str, list[PaymentReport]] = {}
        self.refunds: list[RefundReport] = []
        self.strangers: list[AccountPayment] = []
        """Payments of the account that nobody asked for through an order here."""
        self.asked: list[str] = []
        """What was called, in order."""
        self.down = 0
        """So many of the next calls do nothing and do not answer."""
        self.dropped = 0
        """So many of the next calls are carried out, and then not answered."""
        self.waiting = 0
        """So many of the next refunds are pending until `finish` ends them."""

    @property
    def key_id(self) -> str:
        """The public half of no key."""
        return "rzp_test_memory"

    async def create_order(self, receipt: str, due: Money) -> ProviderOrder:
        """Create the order with this receipt, or return the one that has it."""
        self._ask("create")
        order = self._with(receipt)
        if order is None:
            order = ProviderOrder(
                razorpay_order_id=f"order_{len(self.orders) + 1:014}",
                receipt=receipt,
                due=due,
                status="created",
            )
            self.orders.append(order)
        if order.due != due:
            raise GatewayRefusedError("this receipt is taken, for another amount")
        self._answer()
        return order

    async def find_order(self, receipt: str) -> ProviderOrder | None:
        """Return the order with this receipt."""
        self._ask("find")
        self._answer()
        return self._with(receipt)

    async def payments_of(self, razorpay_order_id: str) -> list[PaymentReport]:
        """Return every payment that was tried on an order."""
        self._ask("payments")
        self._answer()
        return list(self.payments.get(razorpay_order_id, []))

    async def capture(
        self, razorpay_order_id: str, razorpay_payment_id: str, amount: Money
    ) -> PaymentReport:
        """Take authorized money; a payment that was taken before is no error."""
        self._ask("capture")
        payment = self._payment(razorpay_order_id, razorpay_payment_id)
        if payment.amount != amount:
            raise GatewayRefusedError("the amount must be equal to the amount authorized")
        if not payment.captured:
            if payment.status is not PaymentStatus.AUTHORIZED:
                raise GatewayRefusedError("only authorized payments can be captured")
            payment = self._set(payment, status=PaymentStatus.CAPTURED, captured=True)
        self._answer()
        return payment

    async def refund(
        self, razorpay_order_id: str, razorpay_payment_id: str, amount: Money, refund_id: str
    ) -> RefundReport:
        """Give captured money back, once for each refund id."""
        self._ask("refund")
        payment = self._payment(razorpay_order_id, razorpay_payment_id)
        refund = next((each for each in self.refunds if each.receipt == refund_id), None)
        if refund is None:
            refund = self.give_back(payment, amount, refund_id)
        elif (refund.razorpay_payment_id, refund.amount) != (razorpay_payment_id, amount):
            raise GatewayRefusedError("this refund id is taken, for something else")
        self._answer()
        return refund

    async def refunds_of(
        self, razorpay_order_id: str, razorpay_payment_id: str
    ) -> list[RefundReport]:
        """Return every refund of a payment."""
        self._ask("refunds")
        self._payment(razorpay_order_id, razorpay_payment_id)
        self._answer()
        return self._refunds(razorpay_payment_id)

    async def payments_between(self, since: datetime, until: datetime) -> list[AccountPayment]:
        """Return every payment of the account that was made in this span."""
        self._ask("account payments")
        self._answer()
        ours = [self._listed(each) for tried in self.payments.values() for each in tried]
        found = [*ours, *self.strangers]
        return [each for each in found if each.created_at and since <= each.created_at < until]

    async def refunds_between(self, since: datetime, until: datetime) -> list[AccountRefund]:
        """Return every refund of the account that was made in this span."""
        self._ask("account refunds")
        self._answer()
        found = [
            AccountRefund(
                razorpay_payment_id=each.razorpay_payment_id,
                razorpay_refund_id=each.razorpay_refund_id,
                status=each.status,
                amount=each.amount,
                receipt=each.receipt,
                created_at=each.occurred_at,
            )
            for each in self.refunds
        ]
        return [each for each in found if each.created_at and since <= each.created_at < until]

    def pay(self, order: ProviderOrder, status: PaymentStatus) -> PaymentReport:
        """Let a customer try to pay."""
        tried = self.payments.setdefault(order.razorpay_order_id, [])
        report = PaymentReport(
            razorpay_order_id=order.razorpay_order_id,
            razorpay_payment_id=f"pay_{sum(map(len, self.payments.values())) + 1:014}",
            status=status,
            amount=order.due,
            captured=status is PaymentStatus.CAPTURED,
            occurred_at=self.now(),
        )
        tried.append(report)
        self.orders[self.orders.index(order)] = replace(order, status="attempted")
        return report

    def give_back(
        self, payment: PaymentReport, amount: Money, receipt: str | None = None
    ) -> RefundReport:
        """Refund a payment; without a receipt as somebody does at the provider's own desk."""
        if payment.status is not PaymentStatus.CAPTURED:
            raise GatewayRefusedError("the payment should be captured, and not refunded in full")
        if not 0 < amount.amount <= self._left(payment):
            raise GatewayRefusedError("the amount is greater than what is left")
        refund = RefundReport(
            razorpay_order_id=payment.razorpay_order_id,
            razorpay_payment_id=payment.razorpay_payment_id,
            razorpay_refund_id=f"rfnd_{len(self.refunds) + 1:014}",
            status=self._next_refund(),
            amount=amount,
            receipt=receipt,
            occurred_at=self.now(),
        )
        self.refunds.append(refund)
        self._settle(payment)
        return refund

    def finish(self, refund: RefundReport, status: RefundStatus) -> RefundReport:
        """Let the bank say how a refund ends; money of a failed one can be given back again."""
        at = next(
            at
            for at, each in enumerate(self.refunds)
            if each.razorpay_refund_id == refund.razorpay_refund_id
        )
        self.refunds[at] = replace(self.refunds[at], status=status)
        self._settle(self._payment(refund.razorpay_order_id, refund.razorpay_payment_id))
        return self.refunds[at]

    def stranger_pays(self, amount: Money) -> AccountPayment:
        """Let somebody pay into the account whom nobody here asked to."""
        payment = AccountPayment(
            razorpay_order_id=None,
            razorpay_payment_id=f"pay_S{len(self.strangers) + 1:013}",
            status=PaymentStatus.CAPTURED,
            amount=amount,
            captured=True,
            amount_refunded=0,
            created_at=self.now(),
        )
        self.strangers.append(payment)
        return payment

    def _next_refund(self) -> RefundStatus:
        if not self.waiting:
            return RefundStatus.PROCESSED
        self.waiting -= 1
        return RefundStatus.PENDING

    def _settle(self, payment: PaymentReport) -> None:
        full = self._left(payment) == 0
        self._set(payment, status=PaymentStatus.REFUNDED if full else PaymentStatus.CAPTURED)

    def _left(self, payment: PaymentReport) -> int:
        return payment.amount.amount - self._given(payment)

    def _given(self, payment: PaymentReport) -> int:
        refunds = self._refunds(payment.razorpay_payment_id)
        return sum(r.amount.amount for r in refunds if r.status is not RefundStatus.FAILED)

    def _refunds(self, razorpay_payment_id: str) -> list[RefundReport]:
        return [each for each in self.refunds if each.razorpay_payment_id == razorpay_payment_id]

    def _payment(self, razorpay_order_id: str, razorpay_payment_id: str) -> PaymentReport:
        for payment in self.payments.get(razorpay_order_id, []):
            if payment.razorpay_payment_id == razorpay_payment_id:
                return payment
        raise GatewayRefusedError("the id provided does not exist")

    def _set(self, payment: PaymentReport, **changes: object) -> PaymentReport:
        stands = self._payment(payment.razorpay_order_id, payment.razorpay_payment_id)
        tried = self.payments[payment.razorpay_order_id]
        tried[tried.index(stands)] = changed = replace(stands, **changes)
        return changed

    def _listed(self, payment: PaymentReport) -> AccountPayment:
        return AccountPayment(
            razorpay_order_id=payment.razorpay_order_id,
            razorpay_payment_id=payment.razorpay_payment_id,
            status=payment.status,
            amount=payment.amount,
            captured=payment.captured,
            amount_refunded=self._given(payment),
            created_at=payment.occurred_at,
        )

    def _with(self, receipt: str) -> ProviderOrder | None:
        return next((order for order in self.orders if order.receipt == receipt), None)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.down:
            self.down -= 1
            raise GatewayUnavailableError("no connection")

    def _answer(self) -> None:
        if self.dropped:
            self.dropped -= 1
            raise GatewayUnavailableError("no answer in time")
