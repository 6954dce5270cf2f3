"""A customer who asks their bank for the money: a person has to answer, until it is decided."""

from src.commands.decisions.cases import case_of, close_case, open_case
from src.commands.gateway import DisputeReport
from src.commands.view import Fact, View
from src.events.case import CaseKind
from src.events.dispute import (
    ENDS,
    Dispute,
    DisputeMoved,
    DisputeOpened,
    DisputeStatus,
    is_further,
)
from src.events.identifiers import PAYMENT, stream
from src.events.payment import PaymentOrderOpened


def report_dispute(view: View, said: DisputeReport) -> list[Fact]:
    """Write down what the provider says of a dispute, and what follows from it."""
    payment = view.payment(said.razorpay_order_id)
    facts = _news(payment.disputes.get(said.dispute_id), said)
    if payment.opened is None or not facts:
        return facts
    return [*facts, *what_a_dispute_means(view.assuming(facts), payment.opened, said.dispute_id)]


def _news(known: Dispute | None, said: DisputeReport) -> list[Fact]:
    name, status = stream(PAYMENT, said.razorpay_order_id), said.status
    opened = DisputeOpened(
        dispute_id=said.dispute_id,
        razorpay_payment_id=said.razorpay_payment_id,
        amount=said.amount,
        reason_code=said.reason_code,
        respond_by=said.respond_by,
    )
    facts: list[Fact] = [] if known is not None else [(name, opened)]
    before = DisputeStatus.OPEN if known is None else known.status
    if is_further(status, before):
        moved = DisputeMoved(
            dispute_id=said.dispute_id,
            status=status,
            deducted=said.deducted,
            occurred_at=said.occurred_at,
        )
        facts.append((name, moved))
    return facts


def what_a_dispute_means(view: View, opened: PaymentOrderOpened, dispute_id: str) -> list[Fact]:
    """Return what a person has to do: answer the bank, or decide about an order that is lost."""
    dispute = view.payment(opened.razorpay_order_id).disputes[dispute_id]
    if dispute.status not in ENDS:
        return _case(view, opened, dispute_id, CaseKind.DISPUTED, _asked(dispute))
    case_id = case_of(CaseKind.DISPUTED, dispute_id)
    note = f"The dispute ended: {dispute.status}."
    ended = close_case(view, opened.razorpay_order_id, case_id, note)
    if dispute.status is not DisputeStatus.LOST:
        return ended
    lost = "The dispute was lost; the bank gave the money back. Decide what becomes of the order."
    return [*ended, *_case(view, opened, dispute_id, CaseKind.DISPUTE_LOST, lost)]


def _asked(dispute: Dispute) -> str:
    until = f", to be answered by {dispute.respond_by:%d %B %Y}" if dispute.respond_by else ""
    why = f" ({dispute.reason_code})" if dispute.reason_code else ""
    return f"The bank disputes it{why}{until}."


def _case(
    view: View, opened: PaymentOrderOpened, dispute_id: str, kind: CaseKind, reason: str
) -> list[Fact]:
    dispute = view.payment(opened.razorpay_order_id).disputes[dispute_id]
    payment_id, amount = dispute.razorpay_payment_id, dispute.amount
    return open_case(view, opened, kind, dispute_id, payment_id, amount, reason)
