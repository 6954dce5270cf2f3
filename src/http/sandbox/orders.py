"""/v1/orders: what is to be paid."""

from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from src.http.sandbox import capture_terms, checks
from src.http.sandbox.account import Account
from src.http.sandbox.call import PAGING, Call, page
from src.http.sandbox.entities import Collection, Order, Payment, collection
from src.http.sandbox.refusals import Refusal, invalid

FIELDS = frozenset({
    "amount", "currency", "receipt", "notes", "partial_payment", "first_payment_min_amount",
    "payment", "payment_capture", "unique_receipt",
})  # fmt: skip
EXPANSIONS = frozenset({"payments", "payments.card", "transfers", "virtual_account"})
EXPAND = "expand[]"
HAS_AUTHORIZED_PAYMENT = (
    "exists (select 1 from entities as p where p.parent = entities.id and p.kind = 'payment'"
    " and p.status in ('authorized', 'captured', 'refunded')) = ?"
)


def create(account: Account, call: Call) -> Order:
    """A new order; with `unique_receipt`, the one that this receipt already has."""
    body = call.object()
    order = _checked(account, body)
    if checks.flag("unique_receipt", body.get("unique_receipt", False)) and order.receipt:
        for existing in account.entities.by_receipt(Order, order.receipt):
            return _asked_again(account, existing, body)
    account.entities.add(order, receipt=order.receipt, request=body)
    return order


def list_all(account: Account, call: Call) -> Collection:
    query = call.query(*PAGING, "authorized", "receipt", EXPAND)
    where: dict[str, Any] = {}
    if "receipt" in query:
        where["receipt = ?"] = query["receipt"][-1]
    if "authorized" in query:
        where[HAS_AUTHORIZED_PAYMENT] = _zero_or_one(query["authorized"][-1])
    orders = account.entities.page(Order, page(query), where)
    return collection([_expanded(account, order, query) for order in orders])


def fetch(account: Account, call: Call) -> Order:
    query = call.query(EXPAND)
    return _expanded(account, account.entities.get(Order, call.ids[0]), query)


def edit(account: Account, call: Call) -> Order:
    """Only the notes of an order ever change by request."""
    order = account.entities.get(Order, call.ids[0])
    body = call.object()
    checks.only_fields(body, frozenset({"notes"}))
    edited = replace(order, notes=checks.notes(body.get("notes")))
    account.entities.save(edited)
    return edited


def payments(account: Account, call: Call) -> Collection:
    """Oldest first, unlike every other list: as published, failed before captured."""
    query = call.query(EXPAND)
    order = account.entities.get(Order, call.ids[0])
    return _payments_of(account, order, with_card="card" in query.get(EXPAND, []))


def _checked(account: Account, body: dict[str, Any]) -> Order:
    checks.only_fields(body, FIELDS)
    if "amount" not in body:
        raise invalid("amount: is required.", "amount")
    amount, code = checks.integer(body["amount"]), checks.currency(body.get("currency"))
    _check_amount(amount, code)
    capture_terms.check(body)
    checks.flag("partial_payment", body.get("partial_payment", False))
    return Order(
        id=account.ids.new("order_"), amount=amount, amount_paid=0, amount_due=amount,
        currency=code, receipt=checks.receipt(body.get("receipt")), status="created", attempts=0,
        notes=checks.notes(body.get("notes")), created_at=account.clock.seconds(),
    )  # fmt: skip


def _check_amount(amount: int, code: str) -> None:
    if amount < checks.minimum(code):
        raise invalid(
            "Order amount less than minimum amount allowed",
            "amount",
            step="order_creation",
            reason="amount_less_than_minimum_amount",
        )
    checks.last_digit(amount, code)


def _asked_again(account: Account, existing: Order, body: dict[str, Any]) -> Order:
    same = account.entities.request_of(existing.id) == body
    if same and account.settings.repeated_receipt == "same_order":
        return existing
    raise receipt_taken(existing.id)


def receipt_taken(order_id: str) -> Refusal:
    return invalid("Order receipt should be unique.", "receipt", metadata={"order_id": order_id})


def _expanded(account: Account, order: Order, query: dict[str, list[str]]) -> Order:
    wishes = set(query.get(EXPAND, []))
    if unknown := wishes - EXPANSIONS:
        raise invalid(f"{', '.join(sorted(unknown))} is not a valid expand value", "expand")
    if not wishes & {"payments", "payments.card"}:
        return order
    return replace(
        order, payments=_payments_of(account, order, with_card="payments.card" in wishes)
    )


def _payments_of(account: Account, order: Order, *, with_card: bool) -> Collection:
    found = account.entities.of_parent(Payment, order.id)
    return collection(found if with_card else [replace(each, card=UNSET) for each in found])


def _zero_or_one(text: str) -> int:
    if text not in ("0", "1"):
        raise invalid("The authorized must be 0 or 1.", "authorized")
    return int(text)
