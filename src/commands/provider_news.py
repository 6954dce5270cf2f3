"""Asking Razorpay how a payment stands, and feeding the answer to the one decision."""

from src.commands.decisions.settlement import report_payment
from src.commands.gateway import PaymentGateway, PaymentReport, PaymentStatus
from src.commands.steps import step
from src.commands.transact import Ledger
from src.commands.view import Fact, View
from src.commands.wish import Held
from src.events.envelope import Cause

_FORWARD = list(PaymentStatus)


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
            step(cause, "settle the answer"), lambda view: _settle(view, reports)
        )


def _settle(view: View, reports: list[PaymentReport]) -> list[Fact]:
    """Take the most advanced payment first: a failed attempt must not end what is paid."""
    facts: list[Fact] = []
    for report in sorted(reports, key=lambda report: -_FORWARD.index(report.status)):
        facts += report_payment(view.assuming(facts), report)
    return facts
