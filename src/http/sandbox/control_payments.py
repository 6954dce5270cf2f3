"""/_sandbox/orders and /_sandbox/payments: what customers and their banks do."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from src.http.sandbox import bank
from src.http.sandbox.account import Account
from src.http.sandbox.call import Call
from src.http.sandbox.disputes import open_dispute
from src.http.sandbox.entities import Dispute, Order, Payment
from src.http.sandbox.methods import DECLINED, REASONS, Method
from src.http.sandbox.webhooks import Happening, announce
from src.http.sandbox.wire import sign_payment
from src.http.sandbox.wishes import AMOUNT_MAX, Delivery, find, read, refuse


class Pay(Struct, frozen=True, forbid_unknown_fields=True):
    """What the customer and the bank do next."""

    method: Method = "upi"
    outcome: Literal["captured", "authorized", "failed", "silent"] = "captured"
    """`silent`: the bank does not answer; after ten minutes the payment counts as failed."""
    reason: str | None = None
    deliver: bool = True
    """False holds the webhooks back until a flush or a redelivery."""


class Contest(Struct, frozen=True, forbid_unknown_fields=True):
    amount: Annotated[int, Meta(ge=1, le=AMOUNT_MAX)] | None = None
    reason_code: str = "goods_or_services_not_received_or_partially_received"
    deliver: bool = True


class Paid(Struct, frozen=True):
    """The payment, and the triple that checkout.js hands to the browser."""

    payment: Payment
    razorpay_order_id: str
    razorpay_payment_id: str
    razorpay_signature: str


class Disputed(Struct, frozen=True):
    payment: Payment
    dispute: Dispute


def pay(account: Account, call: Call) -> Paid:
    wish = read(call, Pay)
    order = find(account.entities, Order, call.ids[0], "order")
    _check_reason(wish)
    _check_free(account, order)
    payment = bank.attempt(account, order, wish.method)
    announce(account, _answer(account, order, payment, wish), deliver=wish.deliver)
    return _paid(account, payment.id)


def authorize(account: Account, call: Call) -> Paid:
    """The bank says yes after all: late, or too late."""
    wish, payment = _move(account, call)
    if payment.status not in {"created", "failed"}:
        refuse(409, f"{payment.id} is {payment.status}; only created or failed can be authorized.")
    capture = bank.captures_by_itself(account.entities.request_of(payment.order_id))
    happened = bank.approve(account, payment, capture=capture)
    announce(account, happened, deliver=wish.deliver)
    return _paid(account, payment.id)


def capture(account: Account, call: Call) -> Paid:
    """Razorpay captures by itself what it had only authorized, or sends it back."""
    wish, payment = _move(account, call)
    if payment.status != "authorized":
        refuse(409, f"{payment.id} is {payment.status}; only authorized can be captured.")
    is_paid = account.entities.get(Order, payment.order_id).status == "paid"
    finish = bank.send_back if is_paid else bank.capture_all
    announce(account, finish(account, payment), deliver=wish.deliver)
    return _paid(account, payment.id)


def dispute(account: Account, call: Call) -> Disputed:
    """The customer asks the bank for the money back."""
    wish = read(call, Contest)
    payment = find(account.entities, Payment, call.ids[0], "payment")
    if not payment.captured:
        refuse(409, f"{payment.id} is {payment.status}; only a captured one can be disputed.")
    contested = open_dispute(account, payment, wish.amount, wish.reason_code)
    happened = [Happening("payment.dispute.created", (payment, contested))]
    announce(account, happened, deliver=wish.deliver)
    return Disputed(payment, contested)


def _answer(account: Account, order: Order, payment: Payment, wish: Pay) -> list[Happening]:
    match wish.outcome:
        case "silent":
            return []
        case "failed":
            return bank.decline(account, payment, wish.reason or DECLINED)
        case "authorized":
            return bank.approve(account, payment, capture=False)
        case "captured":
            automatic = bank.captures_by_itself(account.entities.request_of(order.id))
            return bank.approve(account, payment, capture=automatic)


def _check_reason(wish: Pay) -> None:
    if wish.reason is None:
        return
    if wish.outcome != "failed":
        refuse(422, 'Only a failure has a reason: send "outcome": "failed" with it.')
    if wish.reason not in REASONS:
        refuse(422, f"No reason {wish.reason!r}. Reasons: {', '.join(REASONS)}.")


def _check_free(account: Account, order: Order) -> None:
    """While a payment is authorized, Razorpay opens no other attempt on its order."""
    for other in account.entities.of_parent(Payment, order.id):
        if other.status == "authorized":
            refuse(409, f"{other.id} of this order is authorized; capture it first.")


def _move(account: Account, call: Call) -> tuple[Delivery, Payment]:
    return read(call, Delivery), find(account.entities, Payment, call.ids[0], "payment")


def _paid(account: Account, payment_id: str) -> Paid:
    payment = account.entities.get(Payment, payment_id)
    signature = sign_payment(payment.order_id, payment.id, account.settings.key_secret)
    return Paid(payment, payment.order_id, payment.id, signature)
