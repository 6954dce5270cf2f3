"""Giving captured money back, once for each refund of ours."""

import re
from functools import partial

from msgspec.structs import replace

from src.commands.gateway import GatewayRefusedError, GatewayUnavailableError, RefundReport
from src.events.money import Money
from src.http.razorpay.answers import ComplaintError
from src.http.razorpay.entities import Listed
from src.http.razorpay.line import Line, refuse_no_ids
from src.http.razorpay.pages import PAGE, every_page
from src.http.razorpay.refunds import OUR_ID, RefundEntity, refund_report
from src.http.razorpay.sdk import PaymentsApi

IDEMPOTENCY_HEADER = "X-Refund-Idempotency"
REFUND_ID = re.compile(r"[A-Za-z0-9_-]{10,40}")
"""What the header takes (at least 10 characters) and the receipt still holds (at most 40)."""


class MoneyBack:
    """Refunds payments, and looks at what was refunded when Razorpay says no."""

    def __init__(self, line: Line, payments: PaymentsApi, page: int = PAGE) -> None:
        self._line = line
        self._payments = payments
        self._page = page

    async def refund(
        self, order_id: str, payment_id: str, amount: Money, refund_id: str
    ) -> RefundReport:
        """Give this amount back under this id of ours; asking again finds the same refund."""
        refuse_no_ids(order_id, payment_id)
        if not REFUND_ID.fullmatch(refund_id) or amount.amount <= 0:
            raise GatewayRefusedError("a refund needs an id of 10 to 40 letters and an amount")
        async with self._line.deadline():
            refund = await self._given_back(payment_id, amount, refund_id)
        if refund.payment_id != payment_id:
            raise GatewayUnavailableError("Razorpay answered about another payment")
        if refund.money != amount:
            raise GatewayRefusedError(f"{refund.id} already has this id, for another amount")
        return replace(refund_report(refund, order_id), receipt=refund_id)

    async def refunds_of(self, order_id: str, payment_id: str) -> list[RefundReport]:
        """Return every refund of a payment, by whomever."""
        refuse_no_ids(order_id, payment_id)
        async with self._line.deadline():
            refunds = await self._refunds(payment_id)
        return [refund_report(refund, order_id) for refund in refunds]

    async def _given_back(self, payment_id: str, amount: Money, refund_id: str) -> RefundEntity:
        wish: dict[str, object] = {
            "amount": amount.amount,
            "speed": "normal",
            "receipt": refund_id,
            "notes": {OUR_ID: refund_id},
        }
        headers = {IDEMPOTENCY_HEADER: refund_id}
        ask = partial(self._payments.refund, payment_id, wish, headers=headers)
        try:
            return await self._line.ask(ask, RefundEntity)
        except ComplaintError as no:
            return await self._given_before(payment_id, refund_id, no)

    async def _given_before(
        self, payment_id: str, refund_id: str, no: ComplaintError
    ) -> RefundEntity:
        """Return the refund that has our id already; otherwise raise the refusal.

        Whatever the words of the no are: an earlier request whose answer was lost
        shows as a duplicate, as a conflict, or as nothing left to give back.
        """
        try:
            refunds = await self._refunds(payment_id)
        except GatewayRefusedError:
            raise no from None
        for refund in refunds:
            if refund.our_id == refund_id:
                return refund
        raise no

    async def _refunds(self, payment_id: str) -> list[RefundEntity]:
        ask = partial(self._payments.fetch_multiple_refund, payment_id)
        refunds = await every_page(self._line, ask, Listed[RefundEntity], {}, self._page)
        if any(refund.payment_id != payment_id for refund in refunds):
            raise GatewayUnavailableError("Razorpay answered about another payment")
        return refunds
