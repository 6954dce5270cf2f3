"""Razorpay's disputes, read tolerantly: a bank asks for a customer's money back."""

from typing import Annotated

from msgspec import Meta, Struct

from src.commands.gateway import DisputeReport, Report
from src.events.dispute import DisputeStatus
from src.events.money import Money
from src.http.razorpay.entities import Currency, Minor, PaymentId, moment, words
from src.http.razorpay.envelope import Envelope, Of
from src.http.razorpay.ids import DISPUTE_ID
from src.http.razorpay.payloads import PaymentPayload

_SAID_BY_NAME = {
    f"payment.dispute.{status.value}": status
    for status in DisputeStatus
    if status is not DisputeStatus.OPEN
}
"""What the name of an event says: a dispute that needs action calls itself open all the same."""
DISPUTE_EVENTS = frozenset({"payment.dispute.created", *_SAID_BY_NAME})
"""The events that tell how a dispute stands."""

DisputeId = Annotated[str, Meta(pattern=DISPUTE_ID)]


class DisputeEntity(Struct, frozen=True):
    """A Razorpay dispute as webhooks describe it."""

    id: DisputeId
    amount: Minor
    currency: Currency
    payment_id: PaymentId
    amount_deducted: Minor | None = None
    status: object = None
    reason_code: object = None
    respond_by: object = None
    created_at: object = None


class DisputePayload(PaymentPayload, frozen=True, kw_only=True):
    """The payload of an event about a dispute."""

    dispute: Of[DisputeEntity]

    def reports(self, envelope: Envelope) -> tuple[Report, ...]:
        """Return how the payment stands, and then how the dispute about it does."""
        self.check_payment(self.dispute.entity.payment_id)
        payment = super().reports(envelope)
        if not payment:
            return ()
        order_id = payment[0].razorpay_order_id
        return (*payment, _dispute_report(self.dispute.entity, order_id, envelope))


def _dispute_report(
    dispute: DisputeEntity, razorpay_order_id: str, envelope: Envelope
) -> DisputeReport:
    taken = dispute.amount_deducted
    return DisputeReport(
        razorpay_order_id=razorpay_order_id,
        razorpay_payment_id=dispute.payment_id,
        dispute_id=dispute.id,
        status=_SAID_BY_NAME.get(envelope.event) or _status(dispute.status),
        amount=Money(dispute.amount, dispute.currency),
        reason_code=words(dispute.reason_code),
        respond_by=moment(dispute.respond_by),
        deducted=None if taken is None else Money(taken, dispute.currency),
        occurred_at=moment(envelope.created_at) or moment(dispute.created_at),
    )


def _status(status: object) -> DisputeStatus:
    try:
        return DisputeStatus(words(status) or "")
    except ValueError:
        return DisputeStatus.OPEN  # A state we do not know is at least not the end.
