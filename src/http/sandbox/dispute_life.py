"""The life of a dispute: a customer asks the bank for the money back, and the bank decides.

    open -> under_review -> won | lost          open -> lost, when the merchant accepts
    under_review -> open, when the bank wants to know more
    open | under_review -> closed

Each move returns what happened, for webhooks.py to announce.
"""

from msgspec import Struct
from msgspec.structs import replace

from src.http.sandbox import balance
from src.http.sandbox.account import Account
from src.http.sandbox.currencies import in_paise
from src.http.sandbox.entities import Dispute, Payment
from src.http.sandbox.webhooks import Happening

UNDECIDED = ("open", "under_review")
ANSWER_SECONDS = 7 * 24 * 60 * 60
EVIDENCE_FIELDS = (
    "summary", "shipping_proof", "billing_proof", "cancellation_proof", "customer_communication",
    "proof_of_service", "explanation_letter", "refund_confirmation", "access_activity_log",
    "refund_cancellation_policy", "term_and_conditions", "others", "submitted_at",
)  # fmt: skip


class Move(Struct, frozen=True):
    """From which statuses a dispute can go where."""

    possible_from: tuple[str, ...]
    to: str
    event: str


MOVES = {
    "under_review": Move(("open",), "under_review", "payment.dispute.under_review"),
    "action_required": Move(("under_review",), "open", "payment.dispute.action_required"),
    "win": Move(("under_review",), "won", "payment.dispute.won"),
    "lose": Move(UNDECIDED, "lost", "payment.dispute.lost"),
    "close": Move(UNDECIDED, "closed", "payment.dispute.closed"),
}


def open_dispute(
    account: Account, payment: Payment, amount: int, reason_code: str, phase: str
) -> tuple[Dispute, list[Happening]]:
    now = account.clock.seconds()
    dispute = Dispute(
        id=account.ids.new("disp_"), payment_id=payment.id, amount=amount,
        currency=payment.currency, amount_deducted=0, reason_code=reason_code,
        respond_by=now + ANSWER_SECONDS, status="open", phase=phase, created_at=now,
        evidence={"amount": amount, **dict.fromkeys(EVIDENCE_FIELDS)},
    )  # fmt: skip
    account.entities.add(dispute, parent=payment.id)
    return dispute, [Happening("payment.dispute.created", (payment, dispute))]


def possible_moves(dispute: Dispute) -> list[str]:
    return [name for name, move in MOVES.items() if dispute.status in move.possible_from]


def make(account: Account, dispute: Dispute, move: Move) -> tuple[Dispute, list[Happening]]:
    """Move a dispute whose status allows it; who loses pays."""
    moved = _with_dates(account, replace(dispute, status=move.to), move)
    if moved.status == "lost":
        moved = replace(moved, amount_deducted=dispute.amount)
        balance.move(account, -in_paise(dispute.amount, dispute.currency))
    account.entities.save(moved)
    payment = account.entities.get(Payment, dispute.payment_id)
    return moved, [Happening(move.event, (payment, moved))]


def is_investigated(account: Account, payment: Payment) -> bool:
    """While a dispute is undecided nothing is refunded; only a suspected fraud should be."""
    return any(
        dispute.status in UNDECIDED and dispute.phase != "fraud"
        for dispute in account.entities.of_parent(Dispute, payment.id)
    )


def _with_dates(account: Account, dispute: Dispute, move: Move) -> Dispute:
    """A bank that reviews has the evidence; one that wants more gives time to send it."""
    now = account.clock.seconds()
    match move.event:
        case "payment.dispute.under_review":
            return replace(dispute, evidence={**dispute.evidence, "submitted_at": now})
        case "payment.dispute.action_required":
            evidence = {**dispute.evidence, "submitted_at": None}
            return replace(dispute, evidence=evidence, respond_by=now + ANSWER_SECONDS)
        case _:
            return dispute
