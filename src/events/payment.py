"""The money on one Razorpay order, whatever the news was called and in whatever order it came.

A payment only goes forward: created, failed, authorized, captured. Failed may
still become authorized or captured, because banks answer late. News of a
Razorpay order that this book did not make is kept in the same way: if the
order turns out to be ours after all, the money is already here.

The names and fields of the events are the storage format. Nothing here is
renamed or removed: a changed shape gets a new version, and upcasters.py lifts
the old one.
"""

from datetime import datetime
from enum import IntEnum
from typing import assert_never

from immutables import Map
from msgspec import Struct
from msgspec.structs import replace

from src.events.case import CaseEvent, CaseOpened, CaseResolved
from src.events.money import Money


class PaymentOrderOpened(Struct, frozen=True, kw_only=True):
    """This Razorpay order is ours, and pays for this checkout session."""

    razorpay_order_id: str
    checkout_session_id: str
    cart_id: str
    due: Money


class PaymentAuthorized(Struct, frozen=True, kw_only=True):
    """The bank promised the money."""

    razorpay_payment_id: str
    amount: Money
    method: str | None = None
    occurred_at: datetime | None = None


class PaymentCaptured(Struct, frozen=True, kw_only=True):
    """The money was taken."""

    razorpay_payment_id: str
    amount: Money
    method: str | None = None
    occurred_at: datetime | None = None


class PaymentFailed(Struct, frozen=True, kw_only=True):
    """The bank said no, or nothing."""

    razorpay_payment_id: str
    amount: Money
    method: str | None = None
    reason: str | None = None
    occurred_at: datetime | None = None


PaymentNews = PaymentAuthorized | PaymentCaptured | PaymentFailed
PaymentEvent = PaymentOrderOpened | PaymentNews | CaseEvent


class Progress(IntEnum):
    """How far a payment has come; it never goes back."""

    FAILED = 1
    AUTHORIZED = 2
    CAPTURED = 3


class Attempt(Struct, frozen=True, kw_only=True):
    """What is known of one payment."""

    progress: Progress
    amount: Money
    method: str | None
    reason: str | None = None


class Payment(Struct, frozen=True, kw_only=True):
    """What is known of the money on one Razorpay order."""

    opened: PaymentOrderOpened | None = None
    """None while the Razorpay order is not known to be ours."""
    attempts: Map[str, Attempt] = Map()
    """By Razorpay payment id."""
    cases: Map[str, CaseOpened] = Map()
    """The open ones, by case id."""
    cases_ever: frozenset[str] = frozenset()


UNKNOWN = Payment()


def evolve(payment: Payment, event: PaymentEvent) -> Payment:
    """Facts are not argued with: evolve never rejects, and an impossible fact is a bug."""
    match event:
        case PaymentOrderOpened():
            if payment.opened is not None:
                raise AssertionError(f"{event.razorpay_order_id} is opened once")
            return replace(payment, opened=event)
        case PaymentAuthorized():
            return _attempted(payment, event, Progress.AUTHORIZED)
        case PaymentCaptured():
            return _attempted(payment, event, Progress.CAPTURED)
        case PaymentFailed():
            return _attempted(payment, event, Progress.FAILED)
        case CaseOpened():
            if event.case_id in payment.cases_ever:
                raise AssertionError(f"{event.case_id} is opened once")
            return replace(
                payment,
                cases=payment.cases.set(event.case_id, event),
                cases_ever=payment.cases_ever | {event.case_id},
            )
        case CaseResolved():
            if event.case_id not in payment.cases:
                raise AssertionError(f"{event.case_id} is not open")
            return replace(payment, cases=payment.cases.delete(event.case_id))
        case _:
            assert_never(event)


def _attempted(payment: Payment, news: PaymentNews, progress: Progress) -> Payment:
    known = payment.attempts.get(news.razorpay_payment_id)
    if known is not None and known.progress >= progress:
        raise AssertionError(f"{news.razorpay_payment_id} only goes forward")
    attempt = Attempt(
        progress=progress,
        amount=news.amount,
        method=news.method,
        reason=news.reason if isinstance(news, PaymentFailed) else None,
    )
    return replace(payment, attempts=payment.attempts.set(news.razorpay_payment_id, attempt))
