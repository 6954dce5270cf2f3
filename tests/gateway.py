"""A payment provider in memory; it keeps the same contract as Razorpay behind its SDK."""

from msgspec.structs import replace

from src.commands.gateway import (
    GatewayRefusedError,
    GatewayUnavailableError,
    PaymentReport,
    PaymentStatus,
    ProviderOrder,
)
from src.events.money import Money


class MemoryGateway:
    """Remembers orders by receipt, and can be away before or after doing what was asked."""

    def __init__(self) -> None:
        self.orders: list[ProviderOrder] = []
        self.payments: dict[str, list[PaymentReport]] = {}
        self.asked: list[str] = []
        """What was called, in order."""
        self.down = 0
        """So many of the next calls do nothing and do not answer."""
        self.dropped = 0
        """So many of the next calls are carried out, and then not answered."""

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

    def pay(self, order: ProviderOrder, status: PaymentStatus) -> PaymentReport:
        """Let a customer try to pay."""
        tried = self.payments.setdefault(order.razorpay_order_id, [])
        report = PaymentReport(
            razorpay_order_id=order.razorpay_order_id,
            razorpay_payment_id=f"pay_{len(tried) + 1:014}",
            status=status,
            amount=order.due,
            captured=status is PaymentStatus.CAPTURED,
        )
        tried.append(report)
        self.orders[self.orders.index(order)] = replace(order, status="attempted")
        return report

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
