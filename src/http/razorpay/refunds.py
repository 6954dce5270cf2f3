"""Razorpay's own refunds, read tolerantly, and what they mean to us."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from src.commands.gateway import AccountRefund, RefundReport, RefundStatus, Report
from src.events.money import Money
from src.http.razorpay.entities import Currency, Minor, PaymentId, moment, words
from src.http.razorpay.envelope import Envelope, Of
from src.http.razorpay.ids import REFUND_ID
from src.http.razorpay.payloads import PaymentPayload

_SAID_BY_NAME = {
    "refund.processed": RefundStatus.PROCESSED,
    "refund.failed": RefundStatus.FAILED,
}
"""What the name of an event says, whatever the refund in it says."""
REFUND_EVENTS = frozenset({"refund.created", "refund.speed_changed", *_SAID_BY_NAME})
"""The events that tell how a refund stands; the first is often `processed` already."""

RefundId = Annotated[str, Meta(pattern=REFUND_ID)]
OUR_ID = "refund_id"
"""The note that carries our id of a refund."""


class RefundEntity(Struct, frozen=True):
    """A Razorpay refund as the REST API and webhooks describe it."""

    id: RefundId
    amount: Minor
    currency: Currency
    payment_id: PaymentId
    status: object = None
    receipt: object = None
    notes: object = None
    created_at: object = None

    @property
    def our_id(self) -> str | None:
        """Our id of it: the receipt, or where Razorpay leaves that out the note we gave it."""
        try:
            notes = msgspec.convert(self.notes, dict[str, object])
        except msgspec.ValidationError:
            notes = {}  # No notes may be a list.
        return words(self.receipt) or words(notes.get(OUR_ID))

    @property
    def money(self) -> Money:
        """What goes back."""
        return Money(self.amount, self.currency)


class RefundPayload(PaymentPayload, frozen=True, kw_only=True):
    """The payload of an event about a refund."""

    refund: Of[RefundEntity]

    def reports(self, envelope: Envelope) -> tuple[Report, ...]:
        """Return how the payment stands, and then how its refund does."""
        refund = self.refund.entity
        self.check_payment(refund.payment_id)
        payment = super().reports(envelope)
        if not payment:
            return ()
        report = refund_report(refund, payment[0].razorpay_order_id, moment(envelope.created_at))
        status = _SAID_BY_NAME.get(envelope.event, report.status)
        return (*payment, replace(report, status=status))


def refund_report(
    refund: RefundEntity, razorpay_order_id: str, occurred_at: datetime | None = None
) -> RefundReport:
    """Return the refund in our words."""
    return RefundReport(
        razorpay_order_id=razorpay_order_id,
        razorpay_payment_id=refund.payment_id,
        razorpay_refund_id=refund.id,
        status=_status(refund.status),
        amount=refund.money,
        receipt=refund.our_id,
        occurred_at=occurred_at or moment(refund.created_at),
    )


def account_refund(refund: RefundEntity) -> AccountRefund:
    """Return the refund in our words, when nobody knows yet whose it is."""
    return AccountRefund(
        razorpay_payment_id=refund.payment_id,
        razorpay_refund_id=refund.id,
        status=_status(refund.status),
        amount=refund.money,
        receipt=refund.our_id,
        created_at=moment(refund.created_at),
    )


def _status(status: object) -> RefundStatus:
    try:
        return RefundStatus(words(status) or "")
    except ValueError:
        # A state we do not know proves neither that the money is back nor that it never will be.
        return RefundStatus.PENDING
