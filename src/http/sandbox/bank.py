"""The life of a payment: attempted, approved or declined, captured, sent back.

    created -> failed | authorized      failed -> authorized, when the bank answers late
    authorized -> captured              or refunded by itself: too late, or the order is paid
    captured -> refunded                (refund_life.py)

Each move returns what happened, for webhooks.py to announce.
"""

from typing import Any

from msgspec.structs import replace

from src.http.sandbox import balance, checks
from src.http.sandbox.account import Account
from src.http.sandbox.currencies import in_paise
from src.http.sandbox.entities import Order, Payment
from src.http.sandbox.methods import DECLINED, REASONS, TIMED_OUT, Method, approval, details
from src.http.sandbox.refund_life import RefundWish, file_refund
from src.http.sandbox.webhooks import Happening, announce

ANSWER_SECONDS_MAX = 10 * 60
CAPTURE_WINDOW_SECONDS = 3 * 24 * 60 * 60
FEE_PERCENT = 2
TAX_PERCENT = 18


def attempt(account: Account, order: Order, method: Method) -> Payment:
    """Somebody chose how to pay; the bank has not answered yet."""
    payment = Payment(
        id=account.ids.new("pay_"), amount=order.amount_due or order.amount,
        currency=order.currency, status="created", order_id=order.id, method=method,
        email="void@razorpay.com", contact="+919000090000", notes=[],
        created_at=account.clock.seconds(),
        **details(method, account.ids),
    )  # fmt: skip
    account.entities.add(payment, parent=order.id)
    status = "attempted" if order.status == "created" else order.status
    account.entities.save(replace(order, attempts=order.attempts + 1, status=status))
    return payment


def decline(account: Account, payment: Payment, reason: str = DECLINED) -> list[Happening]:
    why = REASONS[reason]
    failed = replace(
        payment, status="failed", error_code=why.code, error_description=why.description,
        error_source=why.source, error_step=why.step, error_reason=reason,
    )  # fmt: skip
    account.entities.save(failed)
    return [Happening("payment.failed", (failed,))]


def approve(account: Account, payment: Payment, *, capture: bool) -> list[Happening]:
    """The bank said yes, in time or late; what follows depends on the order and the hour."""
    order = account.entities.get(Order, payment.order_id)
    authorized = replace(
        payment, status="authorized", acquirer_data=approval(payment.method, payment.id),
        error_code=None, error_description=None, error_source=None, error_step=None,
        error_reason=None,
    )  # fmt: skip
    if _is_late(account, payment):
        authorized = replace(authorized, late_authorized=True)
    account.entities.save(authorized)
    happened = [Happening("payment.authorized", (authorized,))]
    if order.status == "paid" or _is_past_capture(account, payment):
        return happened + send_back(account, authorized)
    return happened + (capture_all(account, authorized) if capture else [])


def capture_all(account: Account, payment: Payment) -> list[Happening]:
    """Take the authorized money, with the fee, and call the order paid."""
    order = account.entities.get(Order, payment.order_id)
    worth = in_paise(payment.amount, payment.currency)
    fee, tax = fee_and_tax(worth)
    balance.move(account, worth - fee)
    captured = replace(payment, status="captured", captured=True, fee=fee, tax=tax)
    paid = replace(
        order, status="paid", amount_paid=order.amount_paid + payment.amount,
        amount_due=order.amount_due - payment.amount,
    )  # fmt: skip
    account.entities.save(captured)
    account.entities.save(paid)
    return [
        Happening("payment.captured", (captured,)),
        Happening("order.paid", (captured, paid)),
    ]


def send_back(account: Account, payment: Payment) -> list[Happening]:
    """Refund an authorized payment by itself; it was never captured and does not say so."""
    _, happened = file_refund(account, payment, payment.amount, RefundWish(), "processed")
    return happened


def sweep(account: Account) -> None:
    """Do what time alone does: fail what no bank answered, send back what nobody captured."""
    now = account.clock.now()
    for payment in account.entities.in_the_air("created", now - ANSWER_SECONDS_MAX):
        announce(account, decline(account, payment, TIMED_OUT))
    for payment in account.entities.in_the_air("authorized", now - CAPTURE_WINDOW_SECONDS):
        announce(account, send_back(account, payment))


def fee_and_tax(amount: int) -> tuple[int, int]:
    """Two percent, and 18 % tax on that, each rounded half up: 150000 costs 3540, 540 of it tax."""
    fee = (amount * FEE_PERCENT + 50) // 100
    tax = (fee * TAX_PERCENT + 50) // 100
    return fee + tax, tax


def captures_by_itself(request: dict[str, Any]) -> bool:
    """What the order was created with; without a word, the account captures by itself."""
    settings = checks.as_object(request.get("payment"))
    if settings is not None:
        return settings.get("capture") != "manual"
    return request.get("payment_capture") != 0


def _is_late(account: Account, payment: Payment) -> bool:
    waited = account.clock.seconds() - payment.created_at
    return payment.status == "failed" or waited > ANSWER_SECONDS_MAX


def _is_past_capture(account: Account, payment: Payment) -> bool:
    return account.clock.seconds() - payment.created_at >= CAPTURE_WINDOW_SECONDS
