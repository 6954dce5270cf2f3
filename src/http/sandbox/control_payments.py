"""/_sandbox/orders and /_sandbox/payments: what customers and their banks do."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from src.http.sandbox import bank
from src.http.sandbox.account import Account
from src.http.sandbox.call import Call
from src.http.sandbox.checks import AMOUNT_MAX
from src.http.sandbox.currencies import EXPONENTS
from src.http.sandbox.entities import Order, Payment
from src.http.sandbox.methods import DECLINED, REASONS, Method
from src.http.sandbox.webhooks import Happening, announce
from src.http.sandbox.wire import sign_payment
from src.http.sandbox.wishes import find, read, refuse

Outcome = Literal["captured", "authorized", "failed", "silent", "failed_then_captured"]
WITH_A_REASON = ("failed", "failed_then_captured")


class Pay(Struct, frozen=True, forbid_unknown_fields=True):
    """What the customer and the bank do next."""

    method: Method = "upi"
    outcome: Outcome = "captured"
    """`silent`: the bank does not answer; after ten minutes the payment counts as failed.
    `failed_then_captured`: a wrong PIN and then the right one, of one payment."""
    reason: str | None = None
    amount: Annotated[int, Meta(ge=1, le=AMOUNT_MAX)] | None = None
    """Another amount than what is due, in minor units."""
    currency: str | None = None
    """Another currency than the order's."""
    even_if_paid: bool = False
    """Capture it on an order that is paid already, which should not happen, instead of the
    refund that should."""
    deliver: bool = True
    """False holds the webhooks back until a flush or a redelivery."""


class Move(Struct, frozen=True, forbid_unknown_fields=True):
    even_if_paid: bool = False
    deliver: bool = True


class Paid(Struct, frozen=True):
    """The payment, and the triple that checkout.js hands to the browser for an order."""

    payment: Payment
    razorpay_order_id: str | None
    razorpay_payment_id: str
    razorpay_signature: str | None


def pay(account: Account, call: Call) -> Paid:
    wish = read(call, Pay)
    order = find(account.entities, Order, call.ids[0], "order")
    _check_reason(wish)
    _check_free(account, order)
    payment = bank.attempt(account, order, wish.method, _sum(wish, order))
    announce(account, _answer(account, payment, wish), deliver=wish.deliver)
    return paid(account, payment.id)


def authorize(account: Account, call: Call) -> Paid:
    """The bank says yes after all: late, or too late."""
    wish, payment = _move(account, call)
    if payment.status not in {"created", "failed"}:
        refuse(409, f"{payment.id} is {payment.status}; only created or failed can be authorized.")
    happened = bank.approve(account, payment, capture=True, even_if_paid=wish.even_if_paid)
    announce(account, happened, deliver=wish.deliver)
    return paid(account, payment.id)


def capture(account: Account, call: Call) -> Paid:
    """Razorpay captures by itself what it had only authorized, or sends it back."""
    wish, payment = _move(account, call)
    if payment.status != "authorized":
        refuse(409, f"{payment.id} is {payment.status}; only authorized can be captured.")
    too_late = bank.is_order_paid(account, payment) and not wish.even_if_paid
    finish = bank.send_back if too_late else bank.capture_all
    announce(account, finish(account, payment), deliver=wish.deliver)
    return paid(account, payment.id)


def _answer(account: Account, payment: Payment, wish: Pay) -> list[Happening]:
    match wish.outcome:
        case "silent":
            return []
        case "failed":
            return bank.decline(account, payment, wish.reason or DECLINED)
        case "authorized":
            return bank.approve(account, payment, capture=False, even_if_paid=wish.even_if_paid)
        case "captured":
            return bank.approve(account, payment, capture=True, even_if_paid=wish.even_if_paid)
        case "failed_then_captured":
            failed = bank.decline(account, payment, wish.reason or DECLINED)
            again = account.entities.get(Payment, payment.id)
            return failed + bank.approve(
                account, again, capture=True, even_if_paid=wish.even_if_paid, retried=True
            )


def _sum(wish: Pay, order: Order) -> bank.Sum | None:
    if wish.amount is None and wish.currency is None:
        return None
    due = order.amount_due or order.amount
    currency = wish.currency or order.currency
    check_currency(currency)
    return bank.Sum(wish.amount or due, currency)


def check_currency(code: str) -> None:
    if code not in EXPONENTS:
        refuse(422, f"No currency {code!r}. Currencies: {', '.join(sorted(EXPONENTS))}.")


def _check_reason(wish: Pay) -> None:
    if wish.reason is None:
        return
    if wish.outcome not in WITH_A_REASON:
        refuse(422, 'Only a failure has a reason: send "outcome": "failed" with it.')
    if wish.reason not in REASONS:
        refuse(422, f"No reason {wish.reason!r}. Reasons: {', '.join(REASONS)}.")


def _check_free(account: Account, order: Order) -> None:
    """While a payment is authorized, Razorpay opens no other attempt on its order."""
    for other in account.entities.of_parent(Payment, order.id):
        if other.status == "authorized":
            refuse(409, f"{other.id} of this order is authorized; capture it first.")


def _move(account: Account, call: Call) -> tuple[Move, Payment]:
    return read(call, Move), find(account.entities, Payment, call.ids[0], "payment")


def paid(account: Account, payment_id: str) -> Paid:
    payment, secret = account.entities.get(Payment, payment_id), account.settings.key_secret
    if payment.order_id is None:
        return Paid(payment, None, payment.id, None)
    signature = sign_payment(payment.order_id, payment.id, secret)
    return Paid(payment, payment.order_id, payment.id, signature)
