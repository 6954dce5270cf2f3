"""/_sandbox/foreign: money on this account that no shop of ours asked for.

Payment links, counters and other shops share a merchant's account, and its webhooks
tell of all of them.
"""

from typing import Annotated

from msgspec import Meta, Struct

from src.http.sandbox import bank
from src.http.sandbox.account import Account
from src.http.sandbox.call import Call
from src.http.sandbox.checks import AMOUNT_MAX
from src.http.sandbox.control_payments import Paid, check_currency, paid
from src.http.sandbox.entities import Order, Payment
from src.http.sandbox.methods import Method
from src.http.sandbox.webhooks import announce
from src.http.sandbox.wishes import read


class ForeignPay(Struct, frozen=True, forbid_unknown_fields=True):
    amount: Annotated[int, Meta(ge=1, le=AMOUNT_MAX)] = 49900
    """In minor units."""
    currency: str = "INR"
    without_order: bool = False
    """As through a QR code on a counter; a payment link makes an order of its own."""
    method: Method = "upi"
    deliver: bool = True


def pay(account: Account, call: Call) -> Paid:
    """Somebody pays somewhere else, and it is captured at once."""
    wish = read(call, ForeignPay)
    check_currency(wish.currency)
    payment = _attempt(account, wish)
    announce(account, bank.approve(account, payment, capture=True), deliver=wish.deliver)
    return paid(account, payment.id)


def _attempt(account: Account, wish: ForeignPay) -> Payment:
    if wish.without_order:
        total = bank.Sum(wish.amount, wish.currency)
        return bank.attempt_without_order(account, total, wish.method)
    order = Order(
        id=account.ids.new("order_"), amount=wish.amount, amount_paid=0, amount_due=wish.amount,
        currency=wish.currency, receipt=account.ids.new("link_"), status="created", attempts=0,
        notes=[], created_at=account.clock.seconds(),
    )  # fmt: skip
    account.entities.add(order, receipt=order.receipt)
    return bank.attempt(account, order, wish.method)
