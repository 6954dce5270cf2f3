"""Taking money that a bank has authorized."""

from functools import partial

from src.commands.gateway import GatewayRefusedError, GatewayUnavailableError, PaymentReport
from src.events.money import Money
from src.http.razorpay.answers import ComplaintError
from src.http.razorpay.entities import PaymentEntity, moment, payment_report
from src.http.razorpay.line import Line, refuse_no_ids
from src.http.razorpay.sdk import PaymentsApi


class Captures:
    """Captures payments, and looks at them again when Razorpay says no."""

    def __init__(self, line: Line, payments: PaymentsApi) -> None:
        self._line = line
        self._payments = payments

    async def capture(self, order_id: str, payment_id: str, amount: Money) -> PaymentReport:
        """Take all of an authorized payment; one that was taken before is no error."""
        refuse_no_ids(order_id, payment_id)
        async with self._line.deadline():
            payment = await self._captured(payment_id, amount)
        if (payment.id, payment.order_id) != (payment_id, order_id):
            raise GatewayUnavailableError("Razorpay answered about another payment")
        report = payment_report(payment, order_id, moment(payment.created_at))
        if report.amount != amount:
            raise GatewayRefusedError(f"{payment_id} is of another amount or currency")
        return report

    async def _captured(self, payment_id: str, amount: Money) -> PaymentEntity:
        wish: dict[str, object] = {"currency": amount.currency}
        ask = partial(self._payments.capture, payment_id, amount.amount, wish)
        try:
            return await self._line.ask(ask, PaymentEntity)
        except ComplaintError as no:
            return await self._taken_before(payment_id, no)

    async def _taken_before(self, payment_id: str, no: ComplaintError) -> PaymentEntity:
        """Return the payment if it was captured all the same; otherwise raise the refusal."""
        try:
            payment = await self._line.ask(
                partial(self._payments.fetch, payment_id, {}), PaymentEntity
            )
        except GatewayRefusedError:
            raise no from None
        if not payment_report(payment, "", None).captured:
            raise no
        return payment
