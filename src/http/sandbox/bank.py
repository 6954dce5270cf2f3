"""The life of a payment: attempted, approved or declined, captured, sent back.

    created -> failed | authorized      failed -> authorized, when the bank answers late
    authorized -> captured              or refunded by itself: too late, or the order is paid
    captured -> refunded                (refund_life.py)

Each move returns what happened, for webhooks.py to announce.
"""

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from src.http.sandbox import balance
from src.http.sandbox.account import Account
from src.http.sandbox.capture_terms import CaptureTerms, terms_of
from src.http.sandbox.currencies import HOME_CURRENCY, in_paise
from src.http.sandbox.entities import Order, Payment
from src.http.sandbox.methods import DECLINED, REASONS, TIMED_OUT, Method, approval, details
from src.http.sandbox.refund_life import RefundWish, file_refund
from src.http.sandbox.webhooks import Happening, announce

ANSWER_SECONDS_MAX = 10 * 60
SHORTEST_WINDOW_SECONDS = 60
FEE_PERCENT = 2
TAX_PERCENT = 18


class Sum(Struct, frozen=True):
    """What is paid, in minor units of its currency."""

    amount: int
    currency: str


def attempt(account: Account, order: Order, method: Method, sum_: Sum | None = None) -> Payment:
    """Somebody chose how to pay; the bank has not answered yet."""
    due = Sum(order.amount_due or order.amount, order.currency)
    payment = _begin(account, order.id, sum_ or due, method)
    status = "attempted" if order.status == "created" else order.status
    account.entities.save(replace(order, attempts=order.attempts + 1, status=status))
    return payment


def attempt_without_order(account: Account, sum_: Sum, method: Method) -> Payment:
    """Money that nobody made an order for, as through a QR code on a counter."""
    return _begin(account, None, sum_, method)


def decline(account: Account, payment: Payment, reason: str = DECLINED) -> list[Happening]:
    why = REASONS[reason]
    failed = replace(
        payment, status="failed", error_code=why.code, error_description=why.description,
        error_source=why.source, error_step=why.step, error_reason=reason,
    )  # fmt: skip
    account.entities.save(failed)
    return [Happening("payment.failed", (failed,))]


def approve(
    account: Account,
    payment: Payment,
    *,
    capture: bool,
    even_if_paid: bool = False,
    retried: bool = False,
) -> list[Happening]:
    """The bank said yes, in time or late; what follows depends on the order and the hour.

    `retried`: the customer tried again in the same breath, which is not late.
    """
    authorized = replace(
        payment, status="authorized", acquirer_data=approval(payment.method, payment.id),
        error_code=None, error_description=None, error_source=None, error_step=None,
        error_reason=None,
    )  # fmt: skip
    if _is_late(account, payment) and not retried:
        authorized = replace(authorized, late_authorized=True)
    account.entities.save(authorized)
    happened = [Happening("payment.authorized", (authorized,))]
    terms, waited = terms_of_payment(account, payment), _waited_minutes(account, payment)
    is_paid = is_order_paid(account, payment) and not even_if_paid
    if is_paid or waited >= terms.manual_minutes:
        return happened + send_back(account, authorized)
    in_time = capture and waited < terms.automatic_minutes
    return happened + (capture_all(account, authorized) if in_time else [])


def capture_all(account: Account, payment: Payment) -> list[Happening]:
    """Take the authorized money, with the fee, and call the order paid, which it becomes once."""
    worth = in_paise(payment.amount, payment.currency)
    fee, tax = fee_and_tax(worth)
    balance.move(account, worth - fee)
    captured = replace(payment, status="captured", captured=True, fee=fee, tax=tax)
    account.entities.save(captured)
    happened = [Happening("payment.captured", (captured,))]
    if payment.order_id is None:
        return happened
    order = account.entities.get(Order, payment.order_id)
    paid = _credited(account, order, payment)
    account.entities.save(paid)
    if paid.status == "paid" != order.status:
        happened.append(Happening("order.paid", (captured, paid)))
    return happened


def send_back(account: Account, payment: Payment) -> list[Happening]:
    """Refund an authorized payment by itself; it was never captured and does not say so."""
    wish = RefundWish(speed=terms_of_payment(account, payment).refund_speed)
    _, happened = file_refund(account, payment, payment.amount, wish, "processed")
    return happened


def sweep(account: Account) -> None:
    """Do what time alone does: fail what no bank answered, send back what nobody captured."""
    now = account.clock.now()
    for payment in account.entities.in_the_air("created", now - ANSWER_SECONDS_MAX):
        announce(account, decline(account, payment, TIMED_OUT))
    for payment in account.entities.in_the_air("authorized", now - SHORTEST_WINDOW_SECONDS):
        manual_minutes = terms_of_payment(account, payment).manual_minutes
        if _waited_minutes(account, payment) >= manual_minutes:
            announce(account, send_back(account, payment))


def is_order_paid(account: Account, payment: Payment) -> bool:
    if payment.order_id is None:
        return False
    return account.entities.get(Order, payment.order_id).status == "paid"


def terms_of_payment(account: Account, payment: Payment) -> CaptureTerms:
    request = account.entities.request_of(payment.order_id) if payment.order_id else {}
    return terms_of(request)


def fee_and_tax(amount: int) -> tuple[int, int]:
    """Two percent, and 18 % tax on that, each rounded half up: 150000 costs 3540, 540 of it tax."""
    fee = (amount * FEE_PERCENT + 50) // 100
    tax = (fee * TAX_PERCENT + 50) // 100
    return fee + tax, tax


def _begin(account: Account, order_id: str | None, sum_: Sum, method: Method) -> Payment:
    payment = Payment(
        id=account.ids.new("pay_"), amount=sum_.amount, currency=sum_.currency, status="created",
        order_id=order_id, method=method, email="void@razorpay.com", contact="+919000090000",
        notes=[], created_at=account.clock.seconds(), **_abroad(sum_),
        **details(method, account.ids),
    )  # fmt: skip
    account.entities.add(payment, parent=order_id)
    return payment


def _abroad(sum_: Sum) -> dict[str, Any]:
    """What a payment in a foreign currency says besides."""
    if sum_.currency == HOME_CURRENCY:
        return {}
    worth = in_paise(sum_.amount, sum_.currency)
    return {"international": True, "base_amount": worth, "base_currency": HOME_CURRENCY}


def _credited(account: Account, order: Order, payment: Payment) -> Order:
    """The order with this payment; in part only if it was made to be paid in parts."""
    due = max(0, order.amount_due - payment.amount)
    in_part = due and account.entities.request_of(order.id).get("partial_payment")
    return replace(
        order,
        status=order.status if in_part else "paid",
        amount_paid=order.amount_paid + payment.amount,
        amount_due=due,
    )


def _is_late(account: Account, payment: Payment) -> bool:
    waited = account.clock.seconds() - payment.created_at
    return payment.status == "failed" or waited > ANSWER_SECONDS_MAX


def _waited_minutes(account: Account, payment: Payment) -> float:
    return (account.clock.seconds() - payment.created_at) / 60
