"""The life of a refund, and what each step does to its payment.

    filed -> processed | failed                 pending -> processed | failed
    instant -> normal, when the instant way fails

Each step returns what happened, for webhooks.py to announce.
"""

from hashlib import sha256
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from src.http.sandbox import balance
from src.http.sandbox.account import Account
from src.http.sandbox.currencies import in_paise
from src.http.sandbox.entities import Notes, Payment, Refund
from src.http.sandbox.webhooks import Happening
from src.http.sandbox.wishes import TIMES_MAX

Outcome = Literal["processed", "pending", "failed"]
INSTANT_FAILS_AMOUNT = 2468
"""Asked for at optimum speed, this amount goes back at normal speed, as in Razorpay's test mode."""
_PLAN = "refund_plan"


class RefundWish(Struct, frozen=True):
    """What the merchant said about a refund; nothing, when Razorpay refunds by itself."""

    notes: Notes = []
    receipt: str | None = None
    speed: str = "normal"


class RefundPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """How the next refunds end that the shop asks for; those that nobody asks for go well."""

    outcome: Outcome
    times: Annotated[int, Meta(ge=1, le=TIMES_MAX)] = 1
    payment_id: str | None = None
    """Only the refunds of this payment."""


ALL_GOES_WELL = RefundPlan("processed")


def plan(account: Account, wish: RefundPlan) -> None:
    """A new plan replaces the old one."""
    account.store.remember(_PLAN, wish)


def planned_outcome(account: Account, payment_id: str) -> Outcome:
    """The outcome of the refund that is about to be filed, one use less."""
    wish = account.store.recall(_PLAN, RefundPlan, ALL_GOES_WELL)
    if wish == ALL_GOES_WELL or wish.payment_id not in (None, payment_id):
        return "processed"
    left = replace(wish, times=wish.times - 1) if wish.times > 1 else ALL_GOES_WELL
    plan(account, left)
    return wish.outcome


def file_refund(
    account: Account, payment: Payment, amount: int, wish: RefundWish, outcome: Outcome
) -> tuple[Refund, list[Happening]]:
    """The refund as it ends, and what happened until then.

    A real `refund.created` already says `processed`, so both events show the same refund.
    """
    slowed = wish.speed == "optimum" and amount == INSTANT_FAILS_AMOUNT
    refund = Refund(
        id=account.ids.new("rfnd_"), amount=amount, currency=payment.currency,
        payment_id=payment.id, notes=wish.notes, receipt=wish.receipt, acquirer_data={"arn": None},
        created_at=account.clock.seconds(),
        status="processed" if outcome == "processed" and not slowed else "pending",
        speed_processed="instant" if wish.speed == "optimum" else "normal",
        speed_requested=wish.speed,
    )  # fmt: skip
    account.entities.add(refund, parent=payment.id, receipt=wish.receipt)
    left = _taken_off(account, payment, amount)
    happened = [Happening("refund.created", (refund, left))]
    if slowed:
        status = "processed" if outcome == "processed" else "pending"
        refund = _saved(account, replace(refund, speed_processed="normal", status=status))
        happened.append(Happening("refund.speed_changed", (refund, left)))
    return _ended(account, refund, left, happened, outcome)


def process(account: Account, refund: Refund) -> tuple[Refund, list[Happening]]:
    """The bank has the money, and its reference is known."""
    arn = f"{int.from_bytes(sha256(refund.id.encode()).digest()) % 10**14:014}"
    processed = _saved(account, replace(refund, status="processed", acquirer_data={"arn": arn}))
    payment = account.entities.get(Payment, refund.payment_id)
    return processed, [Happening("refund.processed", (processed, payment))]


def fail(account: Account, refund: Refund) -> tuple[Refund, list[Happening]]:
    """The bank did not take it; the payment is as if nobody had asked."""
    failed = _saved(account, replace(refund, status="failed"))
    payment = account.entities.get(Payment, refund.payment_id)
    left = payment.amount_refunded - refund.amount
    restored = replace(
        payment, amount_refunded=left, refund_status="partial" if left else None, status="captured"
    )
    account.entities.save(restored)
    balance.move(account, in_paise(refund.amount, refund.currency))
    return failed, [Happening("refund.failed", (failed, restored))]


def _ended(
    account: Account, refund: Refund, left: Payment, happened: list[Happening], outcome: Outcome
) -> tuple[Refund, list[Happening]]:
    match outcome:
        case "processed":
            return refund, [*happened, Happening("refund.processed", (refund, left))]
        case "pending":
            return refund, happened
        case "failed":
            failed, more = fail(account, refund)
            return failed, happened + more


def _taken_off(account: Account, payment: Payment, amount: int) -> Payment:
    sum_refunded = payment.amount_refunded + amount
    full = sum_refunded == payment.amount
    left = replace(
        payment, amount_refunded=sum_refunded, refund_status="full" if full else "partial",
        status="refunded" if full else payment.status,
    )  # fmt: skip
    account.entities.save(left)
    if payment.captured:
        balance.move(account, -in_paise(amount, payment.currency))
    return left


def _saved(account: Account, refund: Refund) -> Refund:
    account.entities.save(refund)
    return refund
