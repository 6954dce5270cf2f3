"""/_sandbox/refunds and /_sandbox/balance: how the bank treats what goes back."""

from typing import Annotated

from msgspec import Meta, Struct

from src.http.sandbox import balance, refund_life
from src.http.sandbox.account import Account
from src.http.sandbox.balance import Balance
from src.http.sandbox.call import Call
from src.http.sandbox.entities import Payment, Refund
from src.http.sandbox.refund_life import RefundPlan
from src.http.sandbox.webhooks import announce
from src.http.sandbox.wishes import TEXT_CHARACTERS_MAX, Delivery, find, read, refuse


class Failure(Struct, frozen=True, forbid_unknown_fields=True):
    reason: Annotated[str, Meta(max_length=TEXT_CHARACTERS_MAX)] | None = None
    """Razorpay tells nobody why; it comes back in this call's answer and nowhere else."""
    deliver: bool = True


class Refunded(Struct, frozen=True):
    refund: Refund
    payment: Payment
    reason: str | None = None


def plan(account: Account, call: Call) -> RefundPlan:
    wish = read(call, RefundPlan)
    if wish.payment_id is not None:
        find(account.entities, Payment, wish.payment_id, "payment")
    refund_life.plan(account, wish)
    return wish


def process(account: Account, call: Call) -> Refunded:
    wish, refund = read(call, Delivery), _pending(account, call)
    _, happened = refund_life.process(account, refund)
    announce(account, happened, deliver=wish.deliver)
    return _refunded(account, refund)


def fail(account: Account, call: Call) -> Refunded:
    wish, refund = read(call, Failure), _pending(account, call)
    _, happened = refund_life.fail(account, refund)
    announce(account, happened, deliver=wish.deliver)
    return _refunded(account, refund, wish.reason)


def set_balance(account: Account, call: Call) -> Balance:
    wish = read(call, Balance)
    balance.set_balance(account, wish)
    return wish


def _pending(account: Account, call: Call) -> Refund:
    refund = find(account.entities, Refund, call.ids[0], "refund")
    if refund.status != "pending":
        refuse(
            409,
            f"{refund.id} is {refund.status}; only pending can be processed or failed. POST"
            ' /_sandbox/refunds/plan {"outcome": "pending"} makes the next one so.',
        )
    return refund


def _refunded(account: Account, refund: Refund, reason: str | None = None) -> Refunded:
    return Refunded(
        account.entities.get(Refund, refund.id),
        account.entities.get(Payment, refund.payment_id),
        reason,
    )
