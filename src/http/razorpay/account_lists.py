"""What the whole account took and gave back in a span of time, whoever asked for it."""

import math
from datetime import datetime

from src.commands.gateway import AccountPayment, AccountRefund
from src.http.razorpay.entities import (
    Listed,
    Minor,
    PaymentEntity,
    moment,
    payment_report,
)
from src.http.razorpay.line import Line
from src.http.razorpay.pages import PAGE, every_page
from src.http.razorpay.refunds import RefundEntity, account_refund
from src.http.razorpay.sdk import Sdk


class ListedPayment(PaymentEntity, frozen=True):
    """A payment in the account's list, where what went back counts too."""

    amount_refunded: Minor | None = None


class AccountLists:
    """The account's lists, which may be some minutes behind."""

    def __init__(self, line: Line, sdk: Sdk, page: int = PAGE) -> None:
        self._line = line
        self._sdk = sdk
        self._page = page

    async def payments_between(self, since: datetime, until: datetime) -> list[AccountPayment]:
        """Return the payments created from `since` until just before `until`."""
        shape, query = Listed[ListedPayment], _span(since, until)
        found = await every_page(self._line, self._sdk.payment.all, shape, query, self._page)
        return [_account_payment(payment) for payment in found]

    async def refunds_between(self, since: datetime, until: datetime) -> list[AccountRefund]:
        """Return the refunds created from `since` until just before `until`."""
        shape, query = Listed[RefundEntity], _span(since, until)
        found = await every_page(self._line, self._sdk.refund.all, shape, query, self._page)
        return [account_refund(refund) for refund in found]


def _span(since: datetime, until: datetime) -> dict[str, object]:
    """Name the whole seconds of a span; both ends of Razorpay's count."""
    return {"from": math.ceil(since.timestamp()), "to": math.ceil(until.timestamp()) - 1}


def _account_payment(payment: ListedPayment) -> AccountPayment:
    report = payment_report(payment, payment.order_id or "", None)
    return AccountPayment(
        razorpay_order_id=payment.order_id,
        razorpay_payment_id=payment.id,
        status=report.status,
        amount=report.amount,
        captured=report.captured,
        amount_refunded=payment.amount_refunded or 0,
        created_at=moment(payment.created_at),
    )
