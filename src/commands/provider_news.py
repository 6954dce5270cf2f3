"""Asking Razorpay how a payment stands, and feeding the answer to the one decision."""

from src.commands.decisions.news import report_all
from src.commands.gateway import PaymentGateway, PaymentReport, PaymentStatus, Report
from src.commands.steps import step
from src.commands.transact import Ledger
from src.commands.wish import Held
from src.events.envelope import Cause


class ProviderNews:
    """Brings news that nobody delivered."""

    def __init__(self, ledger: Ledger, gateway: PaymentGateway) -> None:
        self._ledger = ledger
        self._gateway = gateway

    async def ask(self, cause: Cause, razorpay_order_id: str) -> Held:
        """Fetch every payment of a Razorpay order and settle what is new.

        Where money went back again the refunds are fetched too: an order that
        was paid with it must not look paid. Raises GatewayError when there is
        no answer; then nothing has changed.
        """
        reports: list[Report] = []
        for payment in await self._gateway.payments_of(razorpay_order_id):
            reports.append(payment)
            if _went_back(payment):
                paid = payment.razorpay_payment_id
                reports += await self._gateway.refunds_of(razorpay_order_id, paid)
        return await self._ledger.transact(
            step(cause, "settle the answer"), lambda view: report_all(view, reports)
        )

    async def ask_refunds(
        self, cause: Cause, razorpay_order_id: str, razorpay_payment_id: str
    ) -> Held:
        """Fetch every refund of a payment and settle what is new, as `ask` does."""
        reports = await self._gateway.refunds_of(razorpay_order_id, razorpay_payment_id)
        return await self._ledger.transact(
            step(cause, "settle the answer"), lambda view: report_all(view, reports)
        )


def _went_back(payment: PaymentReport) -> bool:
    """Say whether taken money was given back; what was only promised was never the shop's."""
    return payment.captured and payment.status is PaymentStatus.REFUNDED
