"""An invented guest's attempt to buy: the wishes, beside the facts that should follow."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from src.commands.decisions.disputes import report_dispute
from src.commands.decisions.endings import cancel, expire
from src.commands.decisions.intent import RequestIntent, record_intent, request_intent
from src.commands.decisions.refund_news import report_refund
from src.commands.decisions.settlement import report_payment
from src.commands.decisions.start import StartCheckout, start
from src.commands.gateway import (
    DisputeReport,
    PaymentReport,
    PaymentStatus,
    RefundReport,
    RefundStatus,
)
from src.commands.view import Decide
from src.events.capture import CaptureMode
from src.events.dispute import DisputeStatus
from src.events.money import Money
from tests.factories import EXPIRES_AT, NOW, sealed
from tests.purchase_facts import PurchaseFacts

S = TypeVar("S", bound=Struct)


class Purchase(PurchaseFacts, frozen=True, kw_only=True):
    """One attempt to buy."""

    def start(self, **more: object) -> Decide:
        command = StartCheckout(
            checkout_session_id=self.session, cart_id=self.cart_id, now=NOW, expires_at=EXPIRES_AT
        )
        return lambda view: start(view, _with(command, more))

    def request(self, **more: object) -> Decide:
        return lambda view: request_intent(view, self.command(**more))

    def command(self, **more: object) -> RequestIntent:
        command = RequestIntent(
            checkout_session_id=self.session,
            buyer=self.buyer,
            shipping_address=sealed("address"),
            billing_address=None,
            postal_code="560001",
            shipping_method=None,
            expected_total=None,
            wish="wish",
            now=NOW,
        )
        return _with(command, more)

    def record(
        self,
        razorpay_order: str = "",
        due: Money | None = None,
        capture: CaptureMode = CaptureMode.AUTOMATIC,
    ) -> Decide:
        name = razorpay_order or self.razorpay_order
        return lambda view: record_intent(view, self.session, name, due or self.due, capture)

    def cancel(self, now: datetime = NOW) -> Decide:
        return lambda view: cancel(view, self.session, "changed my mind", now)

    def expire(self, now: datetime = EXPIRES_AT) -> Decide:
        return lambda view: expire(view, self.session, now)

    def report(self, status: str, payment_id: str = "", **more: object) -> Decide:
        """What Razorpay says of a payment of this session."""
        said = self.said(status, payment_id, **more)
        return lambda view: report_payment(view, said)

    def said(self, status: str, payment_id: str = "", **more: object) -> PaymentReport:
        report = PaymentReport(
            razorpay_order_id=self.razorpay_order,
            razorpay_payment_id=payment_id or self.payment_id,
            status=PaymentStatus(status),
            amount=self.due,
            captured=status == "captured",
            method="upi",
            reason="bank_declined" if status == "failed" else None,
        )
        return _with(report, more)

    def refund(self, status: str, refund_id: str | None = None, **more: object) -> Decide:
        """What Razorpay says of a refund of this session's payment; without an id not of ours."""
        report = RefundReport(
            razorpay_order_id=self.razorpay_order,
            razorpay_payment_id=self.payment_id,
            razorpay_refund_id=f"rfnd_{self.name}",
            status=RefundStatus(status),
            amount=self.due,
            receipt=refund_id,
            reason="account closed" if status == "failed" else None,
        )
        said = _with(report, more)
        return lambda view: report_refund(view, said)

    def dispute(self, status: str, **more: object) -> Decide:
        """What Razorpay says of a dispute about this session's payment."""
        report = DisputeReport(
            razorpay_order_id=self.razorpay_order,
            razorpay_payment_id=self.payment_id,
            dispute_id=f"disp_{self.name}",
            status=DisputeStatus(status),
            amount=self.due,
            reason_code="goods_not_received",
            respond_by=EXPIRES_AT,
            deducted=self.due if status == "lost" else None,
        )
        said = _with(report, more)
        return lambda view: report_dispute(view, said)


def _with(command: S, more: Mapping[str, object]) -> S:
    return replace(command, **more)
