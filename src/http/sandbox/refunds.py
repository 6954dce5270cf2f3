"""/v1/payments/:id/refund and /v1/refunds: sending money back, once per wish."""

import re
from typing import Any

import msgspec
from msgspec.structs import replace

from src.http.sandbox import checks
from src.http.sandbox.account import Account
from src.http.sandbox.balance import covers
from src.http.sandbox.call import PAGING, Call, page
from src.http.sandbox.currencies import in_paise
from src.http.sandbox.dispute_life import is_investigated
from src.http.sandbox.entities import Collection, Payment, Refund, collection
from src.http.sandbox.payments import ensure_free, occupy
from src.http.sandbox.refund_life import RefundWish, file_refund, planned_outcome
from src.http.sandbox.refusals import invalid, refused, too_old_to_refund, unknown_id
from src.http.sandbox.webhooks import announce

FIELDS = frozenset({"amount", "speed", "notes", "receipt"})
SPEEDS = ("normal", "optimum")
IDEMPOTENCY_HEADER = b"x-refund-idempotency"
IDEMPOTENCY_KEY = re.compile(rb"[A-Za-z0-9_-]{1,255}")
IDEMPOTENCY_KEY_CHARACTERS_MIN = 10
REFUNDABLE_SECONDS = 183 * 24 * 60 * 60
"""Six months, as banks count them: whichever they are, 183 days are over."""


def create(account: Account, call: Call) -> Refund:
    """Refund a captured payment, all of what is left or a part; a repeated key repeats nothing."""
    return _create(account, call, call.ids[0], call.object())


def create_by_body(account: Account, call: Call) -> Refund:
    """The same, with the payment named in the body."""
    body = call.object()
    payment_id = body.pop("payment_id", None)
    if not isinstance(payment_id, str):
        raise invalid("The payment id field is required.", "payment_id")
    return _create(account, call, payment_id, body)


def list_of_payment(account: Account, call: Call) -> Collection:
    payment = account.entities.get(Payment, call.ids[0])
    wanted = page(call.query(*PAGING))
    parts = account.entities.page(Refund, wanted, {"parent = ?": payment.id}, lags=False)
    return collection(parts)


def list_all(account: Account, call: Call) -> Collection:
    return collection(account.entities.page(Refund, page(call.query(*PAGING)), {}))


def fetch(account: Account, call: Call) -> Refund:
    call.query()
    return account.entities.get(Refund, call.ids[0])


def fetch_of_payment(account: Account, call: Call) -> Refund:
    payment_id, refund_id = call.ids
    payment = account.entities.get(Payment, payment_id)
    refund = account.entities.get(Refund, refund_id)
    if refund.payment_id != payment.id:
        raise unknown_id()
    return refund


def edit(account: Account, call: Call) -> Refund:
    refund = account.entities.get(Refund, call.ids[0])
    body = call.object()
    checks.only_fields(body, frozenset({"notes"}))
    edited = replace(refund, notes=checks.notes(body.get("notes")))
    account.entities.save(edited)
    return edited


def _create(account: Account, call: Call, payment_id: str, body: dict[str, Any]) -> Refund:
    key = _idempotency_key(call)
    if key is not None and (known := _earlier(account, key, payment_id, body)):
        return known
    payment = account.entities.get(Payment, payment_id)
    ensure_free(account, payment)
    amount = _checked(account, payment, body)
    occupy(account, payment)
    refund = _give_back(account, payment, amount, body)
    if key is not None:
        account.store.db.execute(
            "insert into refund_keys values (?, ?, ?)",
            (key, _spelled(payment_id, body), refund.id),
        )
    return refund


def _give_back(account: Account, payment: Payment, amount: int, body: dict[str, Any]) -> Refund:
    notes = checks.notes(body.get("notes"))
    wish = RefundWish(notes, body.get("receipt"), body.get("speed", "normal"))
    outcome = planned_outcome(account, payment.id)
    refund, happened = file_refund(account, payment, amount, wish, outcome)
    announce(account, happened)
    return refund


def _checked(account: Account, payment: Payment, body: dict[str, Any]) -> int:
    """The amount to give back, in minor units."""
    checks.only_fields(body, FIELDS)
    checks.notes(body.get("notes"))
    speed = body.get("speed", "normal")
    if speed not in SPEEDS:
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


def _idempotency_key(call: Call) -> str | None:
    sent = call.headers.get(IDEMPOTENCY_HEADER)
    if sent is None:
        return None
    if len(sent) < IDEMPOTENCY_KEY_CHARACTERS_MIN:
        raise refused("The idempotency key must be at least 10 characters long.")
    if not IDEMPOTENCY_KEY.fullmatch(sent):
        raise refused(
            "The idempotency key must only contain alphanumeric characters, underscores, and"
            " hyphens"
        )
    return sent.decode()


def _earlier(account: Account, key: str, payment_id: str, body: dict[str, Any]) -> Refund | None:
    row = account.store.db.execute(
        "select request, refund_id from refund_keys where key = ?", (key,)
    ).fetchone()
    if row is None:
        return None
    if payment_id in account.occupied_payments:
        raise refused(
            "Another request with the same idempotency key is still in progress.", status=409
        )
    if row[0] != _spelled(payment_id, body):
        raise refused(
            "Different request with the same idempotency key has already been processed.",
            status=409,
        )
    return account.entities.get(Refund, row[1])


def _spelled(payment_id: str, body: dict[str, Any]) -> bytes:
    """One spelling per request, however its keys were ordered."""
    return msgspec.json.encode([payment_id, body], order="deterministic")
