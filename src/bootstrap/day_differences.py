"""What differs between Razorpay's account and the book, of one payment or one refund."""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from src.commands.gateway import AccountPayment, AccountRefund, PaymentStatus, RefundStatus
from src.events.money import Money
from src.queries.money_of_day import BookPayment, BookRefund


class DifferenceKind(StrEnum):
    """What is wrong; the words are what programs read."""

    PAYMENT_MISSING = "payment-not-in-the-book"
    PAYMENT_UNKNOWN = "payment-unknown-at-razorpay"
    PAYMENT_AMOUNT = "payment-amount"
    PAYMENT_STATUS = "payment-status"
    REFUND_MISSING = "refund-not-in-the-book"
    REFUND_UNKNOWN = "refund-unknown-at-razorpay"
    REFUND_AMOUNT = "refund-amount"
    REFUND_STATUS = "refund-status"

    @property
    def is_about_refund(self) -> bool:
        """Whether it is about money that goes back."""
        return self.value.startswith("refund-")


class Standing(Struct, frozen=True, kw_only=True):
    """How a payment or a refund stands on one side."""

    status: str
    amount: Money


class Difference(Struct, frozen=True, kw_only=True):
    """One thing that does not stand alike on both sides."""

    kind: DifferenceKind
    razorpay_order_id: str
    razorpay_payment_id: str
    razorpay_refund_id: str | None = None
    refund_id: str | None = None
    """Our own id of the refund."""
    at_razorpay: Standing | None
    in_book: Standing | None


IN_BOOK = {
    PaymentStatus.AUTHORIZED: "authorized",
    PaymentStatus.CAPTURED: "captured",
    PaymentStatus.REFUNDED: "returned",
    PaymentStatus.FAILED: "failed",
}
"""The book's word for what was not captured; Razorpay's `created` is nothing to it."""
NEVER_MONEY = frozenset({None, "failed"})
"""Attempts that came to nothing: Razorpay need not have told of them."""
NOT_AT_RAZORPAY = frozenset({"refused", "dropped"})
"""Refunds that were never made, and never will be."""
REFUND_IN_BOOK = {
    RefundStatus.PENDING: "pending",
    RefundStatus.PROCESSED: "processed",
    RefundStatus.FAILED: "failed",
}


def status_of(there: AccountPayment) -> str | None:
    """Return the book's word for how a payment stands at Razorpay, None for a mere attempt."""
    return "captured" if there.captured else IN_BOOK.get(there.status)


def payment_difference(
    order: str, payment: str, there: AccountPayment | None, here: BookPayment | None
) -> Difference | None:
    """Compare one payment on an order of ours."""
    kind = _payment_kind(there, here)
    if kind is None:
        return None
    return Difference(
        kind=kind,
        razorpay_order_id=order,
        razorpay_payment_id=payment,
        at_razorpay=None if there is None else _there(there),
        in_book=_here(here),
    )


def _there(payment: AccountPayment) -> Standing:
    return Standing(status=status_of(payment) or payment.status.value, amount=payment.amount)


def _here(known: BookPayment | BookRefund | None) -> Standing | None:
    return None if known is None else Standing(status=known.status, amount=known.amount)


def _payment_kind(there: AccountPayment | None, here: BookPayment | None) -> DifferenceKind | None:
    if there is None:
        return None if here is None else DifferenceKind.PAYMENT_UNKNOWN
    status = status_of(there)
    if here is None:
        return None if status in NEVER_MONEY else DifferenceKind.PAYMENT_MISSING
    if status != here.status:
        return DifferenceKind.PAYMENT_STATUS
    return None if there.amount == here.amount else DifferenceKind.PAYMENT_AMOUNT


def refund_difference(
    order: str, there: AccountRefund | None, here: BookRefund | None
) -> Difference | None:
    """Compare one refund of a captured payment of ours."""
    kind = _refund_kind(there, here)
    known = there or here
    if kind is None or known is None:
        return None
    return Difference(
        kind=kind,
        razorpay_order_id=order,
        razorpay_payment_id=known.razorpay_payment_id,
        razorpay_refund_id=known.razorpay_refund_id,
        refund_id=None if here is None else here.refund_id,
        at_razorpay=None if there is None else _refund_there(there),
        in_book=_here(here),
    )


def _refund_there(refund: AccountRefund) -> Standing:
    return Standing(status=REFUND_IN_BOOK[refund.status], amount=refund.amount)


def _refund_kind(there: AccountRefund | None, here: BookRefund | None) -> DifferenceKind | None:
    if there is None:
        is_none = here is None or here.status in NOT_AT_RAZORPAY
        return None if is_none else DifferenceKind.REFUND_UNKNOWN
    if here is None:
        return DifferenceKind.REFUND_MISSING
    if REFUND_IN_BOOK[there.status] != here.status:
        return DifferenceKind.REFUND_STATUS
    return None if there.amount == here.amount else DifferenceKind.REFUND_AMOUNT


def named(differences: Iterable[Difference]) -> tuple[set[str], set[tuple[str, str]]]:
    """Return the Razorpay orders of payments, and the orders and payments of refunds."""
    payments: set[str] = set()
    refunds: set[tuple[str, str]] = set()
    for each in differences:
        if each.kind.is_about_refund:
            refunds.add((each.razorpay_order_id, each.razorpay_payment_id))
        else:
            payments.add(each.razorpay_order_id)
    return payments, refunds
