"""A customer who asks the bank for the money back, as Razorpay reports it."""

from src.http.sandbox.account import Account
from src.http.sandbox.entities import Dispute, Payment

UNDECIDED = ("open", "under_review")
ANSWER_SECONDS = 7 * 24 * 60 * 60
EVIDENCE_FIELDS = (
    "summary", "shipping_proof", "billing_proof", "cancellation_proof", "customer_communication",
    "proof_of_service", "explanation_letter", "refund_confirmation", "access_activity_log",
    "refund_cancellation_policy", "term_and_conditions", "others", "submitted_at",
)  # fmt: skip


def open_dispute(
    account: Account, payment: Payment, amount: int | None, reason_code: str
) -> Dispute:
    contested = payment.amount if amount is None else amount
    now = account.clock.seconds()
    dispute = Dispute(
        id=account.ids.new("disp_"), payment_id=payment.id, amount=contested,
        currency=payment.currency, amount_deducted=0, reason_code=reason_code,
        respond_by=now + ANSWER_SECONDS, status="open",
        evidence={"amount": contested, **dict.fromkeys(EVIDENCE_FIELDS)},
        phase="chargeback", created_at=now,
    )  # fmt: skip
    account.entities.add(dispute, parent=payment.id)
    return dispute


def is_investigated(account: Account, payment: Payment) -> bool:
    """While a dispute is undecided nothing is refunded; only a suspected fraud should be."""
    return any(
        dispute.status in UNDECIDED and dispute.phase != "fraud"
        for dispute in account.entities.of_parent(Dispute, payment.id)
    )
