"""The bank's side of a sample: plays Razorpay in this process, and remembers nothing.

Its ids follow from ours, so whoever asks again gets the same answer.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime

from src.cli.sample_history.chance import provider_id
from src.commands.gateway import (
    AccountPayment,
    AccountRefund,
    PaymentReport,
    PaymentStatus,
    ProviderOrder,
    RefundReport,
    RefundStatus,
)
from src.events.capture import CaptureMode
from src.events.money import Money


class SampleAcquirer:
    """A payment provider that always answers, and says yes."""

    capture_mode = CaptureMode.AUTOMATIC

    def __init__(self, seed: int, key_id: str) -> None:
        self._seed = seed
        self.key_id = key_id

    def id_of(self, prefix: str, *names: object) -> str:
        """Return the id of a thing at Razorpay, like `pay_…`."""
        return provider_id(prefix, self._seed, *names)

    async def create_order(self, receipt: str, due: Money) -> ProviderOrder:
        """Create the order of one checkout session."""
        order = self.id_of("order_", receipt)
        return ProviderOrder(razorpay_order_id=order, receipt=receipt, due=due, status="created")

    async def find_order(self, receipt: str) -> ProviderOrder | None:  # noqa: ARG002 - the port's question; nothing was ever interrupted
        """Nobody asks twice."""
        return None

    async def payments_of(self, razorpay_order_id: str) -> list[PaymentReport]:  # noqa: ARG002 - as above
        """Everything is told by webhooks."""
        return []

    async def capture(
        self, razorpay_order_id: str, razorpay_payment_id: str, amount: Money
    ) -> PaymentReport:
        """Take what a bank has promised."""
        return PaymentReport(
            razorpay_order_id=razorpay_order_id,
            razorpay_payment_id=razorpay_payment_id,
            status=PaymentStatus.CAPTURED,
            amount=amount,
            captured=True,
        )

    async def refund(
        self, razorpay_order_id: str, razorpay_payment_id: str, amount: Money, refund_id: str
    ) -> RefundReport:
        """Begin to give money back; a webhook tells later what became of it."""
        return RefundReport(
            razorpay_order_id=razorpay_order_id,
            razorpay_payment_id=razorpay_payment_id,
            razorpay_refund_id=self.id_of("rfnd_", refund_id),
            status=RefundStatus.PENDING,
            amount=amount,
            receipt=refund_id,
        )

    async def refunds_of(
        self,
        razorpay_order_id: str,  # noqa: ARG002 - as above
        razorpay_payment_id: str,  # noqa: ARG002 - as above
    ) -> list[RefundReport]:
        """Everything is told by webhooks."""
        return []

    async def payments_between(self, since: datetime, until: datetime) -> list[AccountPayment]:  # noqa: ARG002 - as above
        """Nobody reconciles a sample."""
        return []

    async def refunds_between(self, since: datetime, until: datetime) -> list[AccountRefund]:  # noqa: ARG002 - as above
        """Nobody reconciles a sample."""
        return []


class NoLease:
    """A lease on a cart that nobody else could want."""

    @asynccontextmanager
    async def hold(self, cart_id: str) -> AsyncGenerator[bool, None]:  # noqa: ARG002 - the port's question
        """Say that it is ours."""
        yield True
