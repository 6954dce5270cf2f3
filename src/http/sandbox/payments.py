"""/v1/payments: what was paid, and taking it."""

from msgspec import UNSET
from msgspec.structs import replace

from src.http.sandbox import checks
from src.http.sandbox.account import Account
from src.http.sandbox.bank import capture_all
from src.http.sandbox.call import PAGING, Call, page
from src.http.sandbox.entities import Card, Collection, Order, Payment, collection
from src.http.sandbox.orders import EXPAND
from src.http.sandbox.refusals import busy, invalid, refused
from src.http.sandbox.webhooks import announce

EXPANSIONS = frozenset({"card", "emi", "offers", "upi"})


def list_all(account: Account, call: Call) -> Collection:
    query = call.query(*PAGING, EXPAND)
    found = account.entities.page(Payment, page(query), {})
    return collection([_expanded(each, query) for each in found])


def fetch(account: Account, call: Call) -> Payment:
    query = call.query(EXPAND)
    return _expanded(account.entities.get(Payment, call.ids[0]), query)


def edit(account: Account, call: Call) -> Payment:
    payment = account.entities.get(Payment, call.ids[0])
    body = call.object()
    checks.only_fields(body, frozenset({"notes"}))
    edited = replace(payment, notes=checks.notes(body.get("notes")))
    account.entities.save(edited)
    return replace(edited, card=UNSET)


def card(account: Account, call: Call) -> Card:
    """The card of a payment, alone."""
    call.query()
    shown = account.entities.get(Payment, call.ids[0]).card
    if shown is UNSET:
        raise refused("Payment was not done using card")
    return shown


def capture(account: Account, call: Call) -> Payment:
    """Take all of what the bank has set aside; less or more is refused."""
    payment = account.entities.get(Payment, call.ids[0])
    ensure_free(account, payment)
    _check_capture(account, payment, call)
    occupy(account, payment)
    announce(account, capture_all(account, payment))
    return replace(account.entities.get(Payment, payment.id), card=UNSET)


def ensure_free(account: Account, payment: Payment) -> None:
    """One operation of a payment at a time; the next may come once this one is committed."""
    if payment.id in account.occupied_payments:
        raise busy()


def occupy(account: Account, payment: Payment) -> None:
    account.occupied_payments.add(payment.id)
    account.store.after_commit(lambda: account.occupied_payments.discard(payment.id))


def _check_capture(account: Account, payment: Payment, call: Call) -> None:
    body = call.object()
    checks.only_fields(body, frozenset({"amount", "currency"}))
    if "amount" not in body:
        raise invalid("The amount field is required.", "amount")
    amount = checks.integer(body["amount"])
    if payment.captured:
        raise invalid("This payment has already been captured")
    if payment.status != "authorized":
        raise invalid(
            "Only payments which have been authorized and not yet captured can be captured"
        )
    _check_order(account, payment)
    if amount != payment.amount or body.get("currency", payment.currency) != payment.currency:
        raise invalid("Capture amount must be equal to the amount authorized.", "amount")


def _check_order(account: Account, payment: Payment) -> None:
    if payment.order_id is None:
        return
    order = account.entities.get(Order, payment.order_id)
    if order.status == "paid":
        raise invalid("Your payment has been declined as the order is already paid")
    if payment.amount > order.amount_due:
        raise invalid("Payment amount is greater than the amount due for order.", "amount")


def _expanded(payment: Payment, query: dict[str, list[str]]) -> Payment:
    """The card is shown only to those who ask for it."""
    wishes = set(query.get(EXPAND, []))
    if unknown := wishes - EXPANSIONS:
        raise invalid(f"{', '.join(sorted(unknown))} is not a valid expand value", "expand")
    return payment if "card" in wishes else replace(payment, card=UNSET)
