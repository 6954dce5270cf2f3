"""/v1/payments/:id/refund and /v1/refunds: sending money back, once per wish."""

import re
from typing import Any

import msgspec
from msgspec.structs import replace

from src.http.sandbox import checks
from src.http.sandbox.account import Account
from src.http.sandbox.bank import RefundWish, file_refund, refund_happened
from src.http.sandbox.call import PAGING, Call, page
from src.http.sandbox.entities import Collection, Payment, Refund, collection
from src.http.sandbox.payments import ensure_free, occupy
from src.http.sandbox.refusals import invalid, refused, unknown_id
from src.http.sandbox.webhooks import announce

FIELDS = frozenset({"amount", "speed", "notes", "receipt"})
SPEEDS = ("normal", "optimum")
IDEMPOTENCY_HEADER = b"x-refund-idempotency"
IDEMPOTENCY_KEY = re.compile(rb"[A-Za-z0-9_-]{10,255}")


def create(account: Account, call: Call) -> Refund:
    """Refund a captured payment, all of what is left or a part; a repeated key repeats nothing."""
    key = _idempotency_key(call)
    body = call.object()
    if key is not None and (known := _earlier(account, key, call.ids[0], body)):
        return known
    payment = account.entities.get(Payment, call.ids[0])
    ensure_free(account, payment)
    amount = _checked(account, payment, body)
    occupy(account, payment)
    refund = _give_back(account, payment, amount, body)
    if key is not None:
        account.store.db.execute(
            "insert into refund_keys values (?, ?, ?)",
            (key, _spelled(call.ids[0], body), refund.id),
        )
    return refund


def list_of_payment(account: Account, call: Call) -> Collection:
    payment = account.entities.get(Payment, call.ids[0])
    return _listed(account, call, {"parent = ?": payment.id})


def list_all(account: Account, call: Call) -> Collection:
    return _listed(account, call, {})


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


def _give_back(account: Account, payment: Payment, amount: int, body: dict[str, Any]) -> Refund:
    sum_refunded = payment.amount_refunded + amount
    full = sum_refunded == payment.amount
    left = replace(
        payment, amount_refunded=sum_refunded, refund_status="full" if full else "partial",
        status="refunded" if full else payment.status,
    )  # fmt: skip
    account.entities.save(left)
    notes = checks.notes(body.get("notes"))
    wish = RefundWish(notes, body.get("receipt"), body.get("speed", "normal"))
    refund = file_refund(account, left, amount, wish)
    announce(account, refund_happened(refund, left))
    return refund


def _checked(account: Account, payment: Payment, body: dict[str, Any]) -> int:
    """The amount to give back, in minor units."""
    checks.only_fields(body, FIELDS)
    checks.notes(body.get("notes"))
    if body.get("speed", "normal") not in SPEEDS:
        raise invalid("The selected speed is invalid.", "speed")
    receipt = checks.receipt(body.get("receipt"))
    _check_state(payment)
    amount = _amount(payment, body)
    if receipt is not None and account.entities.by_receipt(Refund, receipt):
        raise invalid("Duplicate receipt found for this refund request.", "receipt")
    return amount


def _check_state(payment: Payment) -> None:
    if payment.refund_status == "full":
        raise invalid("The payment has been fully refunded already.")
    if payment.status != "captured":
        raise invalid("The payment status should be captured for action to be taken.")


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
    return amount


def _idempotency_key(call: Call) -> str | None:
    sent = call.headers.get(IDEMPOTENCY_HEADER)
    if sent is None:
        return None
    if not IDEMPOTENCY_KEY.fullmatch(sent):
        raise refused(
            "The idempotency key must have at least 10 characters, each a letter, a digit, a"
            " hyphen or an underscore."
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


def _listed(account: Account, call: Call, where: dict[str, Any]) -> Collection:
    return collection(account.entities.page(Refund, page(call.query(*PAGING)), where))
