"""Whether a refund can be, and of how much; if not, in Razorpay's words."""

from typing import Any

from src.http.sandbox import checks
from src.http.sandbox.account import Account
from src.http.sandbox.balance import covers
from src.http.sandbox.currencies import in_paise
from src.http.sandbox.dispute_life import is_investigated
from src.http.sandbox.entities import Payment, Refund
from src.http.sandbox.refusals import invalid, too_old_to_refund

FIELDS = frozenset({"amount", "speed", "notes", "receipt"})
REFUNDABLE_SECONDS = 183 * 24 * 60 * 60
"""Six months, as banks count them: whichever they are, 183 days are over."""


def checked(account: Account, payment: Payment, body: dict[str, Any]) -> int:
    """The amount to give back, in minor units."""
    checks.only_fields(body, FIELDS)
    checks.notes(body.get("notes"))
    speed = body.get("speed", "normal")
    if speed not in checks.SPEEDS:
        raise invalid("The selected speed is invalid.", "speed")
    receipt = checks.receipt(body.get("receipt"))
    _check_state(account, payment)
    amount = _amount(payment, body)
    if receipt is not None and account.entities.by_receipt(Refund, receipt):
        raise invalid("Duplicate receipt found for this refund request.", "receipt")
    _check_bank(account, payment, amount, speed)
    return amount


def _check_state(account: Account, payment: Payment) -> None:
    if payment.refund_status == "full":
        raise invalid("The payment has been fully refunded already.")
    if payment.status != "captured":
        raise invalid("The payment status should be captured for action to be taken.")
    if is_investigated(account, payment):
        raise invalid("The refund on this payment is blocked due to ongoing dispute investigation.")


def _check_bank(account: Account, payment: Payment, amount: int, speed: str) -> None:
    """After half a year only the instant way is left; and nobody gives what he does not have."""
    age_seconds = account.clock.seconds() - payment.created_at
    if speed == "normal" and age_seconds > REFUNDABLE_SECONDS:
        raise too_old_to_refund()
    if not covers(account, in_paise(amount, payment.currency)):
        raise invalid(
            "Your account does not have enough balance to carry out the refund operation."
        )


def _amount(payment: Payment, body: dict[str, Any]) -> int:
    left = payment.amount - payment.amount_refunded
    if body.get("amount") is None:
        return left
    amount = checks.integer(body["amount"])
    if amount == 0:
        raise invalid("Amount cannot be blank.", "amount")
    if amount < checks.minimum(payment.currency):
        raise invalid(f"The amount must be at least {payment.currency} 1.00", "amount")
    if amount > left:
        raise invalid("The refund amount provided is greater than amount captured.", "amount")
    checks.last_digit(amount, payment.currency)
    return amount
