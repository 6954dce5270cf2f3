"""Asking Razorpay how a payment stands, and feeding the answer to the one decision."""

from src.commands.decisions.news import report_all
from src.commands.gateway import PaymentGateway
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

        Raises GatewayError when there is no answer; then nothing has changed.
        """
        reports = await self._gateway.payments_of(razorpay_order_id)
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
