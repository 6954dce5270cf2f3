"""/_sandbox/…/dispute and /_sandbox/disputes: customers complain, and banks decide."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from src.http.sandbox.account import Account
from src.http.sandbox.call import Call
from src.http.sandbox.checks import AMOUNT_MAX
from src.http.sandbox.dispute_life import MOVES, make, open_dispute, possible_moves
from src.http.sandbox.entities import Dispute, Payment
from src.http.sandbox.webhooks import announce
from src.http.sandbox.wishes import (
    TEXT_CHARACTERS_MAX,
    Delivery,
    find,
    read,
    refuse,
)


class Complaint(Struct, frozen=True, forbid_unknown_fields=True):
    amount: Annotated[int, Meta(ge=1, le=AMOUNT_MAX)] | None = None
    """In minor units; the whole payment without it."""
    reason_code: Annotated[str, Meta(min_length=1, max_length=TEXT_CHARACTERS_MAX)] = (
        "goods_or_services_not_received_or_partially_received"
    )
    phase: Literal["fraud", "retrieval", "chargeback", "pre_arbitration", "arbitration"] = (
        "chargeback"
    )
    """Only in the phase `fraud` the payment can be refunded meanwhile."""
    deliver: bool = True


class Disputed(Struct, frozen=True):
    payment: Payment
    dispute: Dispute


def begin(account: Account, call: Call) -> Disputed:
    """The customer asks the bank for the money back."""
    wish = read(call, Complaint)
    payment = find(account.entities, Payment, call.ids[0], "payment")
    if not payment.captured:
        refuse(409, f"{payment.id} is {payment.status}; only a captured one can be disputed.")
    amount = payment.amount if wish.amount is None else wish.amount
    if amount > payment.amount:
        refuse(422, f"{payment.id} is of {payment.amount}; a dispute is of no more.")
    dispute, happened = open_dispute(account, payment, amount, wish.reason_code, wish.phase)
    announce(account, happened, deliver=wish.deliver)
    return Disputed(payment, dispute)


def move(account: Account, call: Call, name: str) -> Disputed:
    """The bank looks, asks for more, or decides."""
    wish = read(call, Delivery)
    dispute = find(account.entities, Dispute, call.ids[0], "dispute")
    possible = possible_moves(dispute)
    if name not in possible:
        rest = ", ".join(possible) or "nothing more"
        refuse(409, f"{dispute.id} is {dispute.status}. Possible from there: {rest}.")
    moved, happened = make(account, dispute, MOVES[name])
    announce(account, happened, deliver=wish.deliver)
    return Disputed(account.entities.get(Payment, moved.payment_id), moved)
