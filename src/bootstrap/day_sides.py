"""One day of money from both sides, brought together thing by thing. It asks nobody anything."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec import Struct, field

from src.bootstrap.day_differences import (
    Difference,
    payment_difference,
    refund_difference,
    status_of,
)
from src.commands.gateway import AccountPayment, AccountRefund, RefundStatus
from src.events.money import Money
from src.queries.money_of_day import BookPayment, BookRefund

GOES_BACK = frozenset({"requested", "pending", "processed"})
"""A refund in the book that takes money along."""


class Sum(Struct, frozen=True, kw_only=True):
    """What came and what went back, in minor units of one currency."""

    payments: int = 0
    captured: int = 0
    refunds: int = 0
    refunded: int = 0


Sums = dict[str, Sum]
"""By currency."""


class Compared(Struct, frozen=True, kw_only=True):
    """What became of comparing."""

    differences: list[Difference]
    at_razorpay: Sums
    in_book: Sums
    foreign: Sums
    """Money on the same account that this book did not ask for."""


class Day(Struct, frozen=True, kw_only=True):
    """From the first moment to just before the last."""

    since: datetime
    until: datetime

    def has(self, moment: datetime | None) -> bool:
        """Whether a moment is of this day; what has none is, since it was listed."""
        return moment is None or self.since <= moment < self.until


class Sides(Struct, kw_only=True):
    """What each side says; payments and refunds are of orders of ours, by Razorpay's ids."""

    day: Day
    foreign: Sums
    order_of: dict[str, str]
    """The Razorpay order of each payment."""
    payments_there: dict[str, AccountPayment]
    refunds_there: dict[str, AccountRefund]
    payments_here: dict[str, BookPayment] = field(default_factory=dict[str, BookPayment])
    expected: set[str] = field(default_factory=set[str])
    """Payments in the book that Razorpay must know, whichever day they are listed on."""
    refunds_here: list[BookRefund] = field(default_factory=list[BookRefund])
    refunds_expected: set[str] = field(default_factory=set[str])
    """Likewise refunds, by our ids."""

    def compared(self) -> Compared:
        """Name each difference, and add up what is of this day."""
        there, here = Sums(), Sums()
        differences = [*self._compare_payments(there, here), *self._compare_refunds(there, here)]
        return Compared(
            differences=differences, at_razorpay=there, in_book=here, foreign=self.foreign
        )

    def _compare_payments(self, there: Sums, here: Sums) -> Iterator[Difference]:
        for payment in sorted(self.payments_there.keys() | self.expected):
            said, known = self.payments_there.get(payment), self.payments_here.get(payment)
            order = self.order_of[payment] if known is None else known.razorpay_order_id
            found = payment_difference(order, payment, said, known)
            if found is not None:
                yield found
            if said is None or self.day.has(said.created_at):
                _add_payment(there, said)
                if known is not None and known.status == "captured":
                    _add(here, Sum(payments=1, captured=known.amount.amount), known.amount)

    def _compare_refunds(self, there: Sums, here: Sums) -> Iterator[Difference]:
        for order, said, known in self._refunds():
            found = refund_difference(order, said, known)
            if found is not None:
                yield found
            if said is None or self.day.has(said.created_at):
                _add_refund(there, said)
                if known is not None and known.status in GOES_BACK:
                    _add(here, Sum(refunds=1, refunded=known.amount.amount), known.amount)

    def _refunds(self) -> Iterator[tuple[str, AccountRefund | None, BookRefund | None]]:
        matched: set[str] = set()
        by_id = {each.razorpay_refund_id: each for each in self.refunds_here}
        by_receipt = {each.refund_id: each for each in self.refunds_here}
        for refund in sorted(self.refunds_there.values(), key=lambda each: each.razorpay_refund_id):
            known = by_id.get(refund.razorpay_refund_id) or by_receipt.get(refund.receipt or "")
            if known is not None:
                matched.add(known.refund_id)
            if known is not None or not self._came_back_untaken(refund.razorpay_payment_id):
                yield self.order_of[refund.razorpay_payment_id], refund, known
        for mine in self.refunds_here:
            if mine.refund_id in self.refunds_expected - matched:
                yield mine.razorpay_order_id, None, mine

    def _came_back_untaken(self, payment: str) -> bool:
        """What was only promised goes back by itself: that is no refund of the shop's."""
        there, here = self.payments_there.get(payment), self.payments_here.get(payment)
        if there is not None:
            return not there.captured
        return here is not None and here.status == "returned"


def sums_of(payments: Iterable[AccountPayment], refunds: Iterable[AccountRefund]) -> Sums:
    """Add up what was captured and given back at Razorpay."""
    sums = Sums()
    for payment in payments:
        _add_payment(sums, payment)
    for refund in refunds:
        _add_refund(sums, refund)
    return sums


def _add_payment(sums: Sums, said: AccountPayment | None) -> None:
    if said is not None and status_of(said) == "captured":
        _add(sums, Sum(payments=1, captured=said.amount.amount), said.amount)


def _add_refund(sums: Sums, said: AccountRefund | None) -> None:
    if said is not None and said.status is not RefundStatus.FAILED:
        _add(sums, Sum(refunds=1, refunded=said.amount.amount), said.amount)


def _add(sums: Sums, more: Sum, of: Money) -> None:
    before = sums.get(of.currency, Sum())
    sums[of.currency] = Sum(
        payments=before.payments + more.payments,
        captured=before.captured + more.captured,
        refunds=before.refunds + more.refunds,
        refunded=before.refunded + more.refunded,
    )
