"""/v1/payments/:id/refund and /v1/refunds: sending money back, once per wish."""

from typing import Any

from msgspec.structs import replace

from src.http.sandbox import checks
from src.http.sandbox.account import Account
from src.http.sandbox.call import PAGING, Call, page
from src.http.sandbox.entities import Collection, Payment, Refund, collection
from src.http.sandbox.payments import ensure_free, occupy
from src.http.sandbox.refund_checks import checked
from src.http.sandbox.refund_keys import earlier, key_of, remember
from src.http.sandbox.refund_life import RefundWish, file_refund, planned_outcome
from src.http.sandbox.refusals import invalid, unknown_id
from src.http.sandbox.webhooks import announce


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
    key = key_of(call)
    if key is not None and (known := earlier(account, key, payment_id, body)):
        return known
    payment = account.entities.get(Payment, payment_id)
    ensure_free(account, payment)
    amount = checked(account, payment, body)
    occupy(account, payment)
    refund = _give_back(account, payment, amount, body)
    if key is not None:
        remember(account, key, payment_id, body, refund)
    return refund


def _give_back(account: Account, payment: Payment, amount: int, body: dict[str, Any]) -> Refund:
    notes = checks.notes(body.get("notes"))
    wish = RefundWish(notes, body.get("receipt"), body.get("speed", "normal"))
    outcome = planned_outcome(account, payment.id)
    refund, happened = file_refund(account, payment, amount, wish, outcome)
    announce(account, happened)
    return refund
