"""The money on one Razorpay order, whatever the news was called and in whatever order it came.

A payment only goes forward: created, failed, authorized, captured. Failed may
still become authorized or captured, because banks answer late; and what was
only authorized may be returned by Razorpay, untaken. News of a Razorpay order
that this book did not make is kept in the same way: if the order turns out to
be ours after all, the money is already here.

The names and fields of the events are the storage format. Nothing here is
renamed or removed: a changed shape gets a new version, and upcasters.py lifts
the old one.
"""

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import assert_never

from immutables import Map
from msgspec import Struct
from msgspec.structs import replace

from src.events import dispute as disputes
from src.events import refund as refunds
from src.events.capture import CaptureMode
from src.events.case import CaseEvent, CaseOpened, CaseResolved
from src.events.dispute import Dispute, DisputeEvent
from src.events.money import Money
from src.events.refund import Refund, RefundEvent


class PaymentOrderOpened(Struct, frozen=True, kw_only=True):
    """This Razorpay order is ours, and pays for this checkout session."""

    razorpay_order_id: str
    checkout_session_id: str
    cart_id: str
    due: Money
    capture: CaptureMode
    """Who takes the money once a bank has promised it: Razorpay by itself, or we."""


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


class PaymentReturned(Struct, frozen=True, kw_only=True):
    """Razorpay gave back what was promised and never taken."""

    razorpay_payment_id: str
    amount: Money
    method: str | None = None
    occurred_at: datetime | None = None


class CaptureRequested(Struct, frozen=True, kw_only=True):
    """We want to take what the bank promised; Razorpay is to be asked for it."""

    razorpay_payment_id: str
    amount: Money


class CaptureDeclined(Struct, frozen=True, kw_only=True):
    """We leave the money where it is; Razorpay returns it by itself."""

    razorpay_payment_id: str
    reason: str


class CaptureRefused(Struct, frozen=True, kw_only=True):
    """Razorpay said no: the money was not taken."""

    razorpay_payment_id: str
    reason: str


PaymentNews = PaymentAuthorized | PaymentCaptured | PaymentFailed | PaymentReturned
CaptureEvent = CaptureRequested | CaptureDeclined | CaptureRefused
PaymentEvent = (
    PaymentOrderOpened | PaymentNews | CaptureEvent | RefundEvent | DisputeEvent | CaseEvent
)


class Progress(IntEnum):
    """How far a payment has come; it never goes back."""

    FAILED = 1
    AUTHORIZED = 2
    RETURNED = 3
    CAPTURED = 4


class Taking(StrEnum):
    """What is to become of authorized money that only we can take."""

    NONE = "none"
    WANTED = "wanted"
    DECLINED = "declined"
    REFUSED = "refused"


class Attempt(Struct, frozen=True, kw_only=True):
    """What is known of one payment."""

    progress: Progress
    amount: Money
    method: str | None
    reason: str | None = None
    taking: Taking = Taking.NONE


class Payment(Struct, frozen=True, kw_only=True):
    """What is known of the money on one Razorpay order."""

    opened: PaymentOrderOpened | None = None
    """None while the Razorpay order is not known to be ours."""
    attempts: Map[str, Attempt] = Map()
    """By Razorpay payment id."""
    refunds: Map[str, Refund] = Map()
    """By our refund id."""
    disputes: Map[str, Dispute] = Map()
    """By Razorpay dispute id."""
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
        case PaymentAuthorized() | PaymentCaptured() | PaymentFailed() | PaymentReturned():
            return _attempted(payment, event)
        case CaptureRequested() | CaptureDeclined() | CaptureRefused():
            return _taking(payment, event)
        case CaseOpened() | CaseResolved():
            return _case(payment, event)
        case disputes.DisputeOpened() | disputes.DisputeMoved():
            return replace(payment, disputes=disputes.evolve(payment.disputes, event))
        case _:
            return replace(payment, refunds=refunds.evolve(payment.refunds, event))


def progress_of(news: PaymentNews) -> Progress:
    """Return how far a payment has come by this news."""
    match news:
        case PaymentFailed():
            return Progress.FAILED
        case PaymentAuthorized():
            return Progress.AUTHORIZED
        case PaymentReturned():
            return Progress.RETURNED
        case PaymentCaptured():
            return Progress.CAPTURED
        case _:
            assert_never(news)


def _attempted(payment: Payment, news: PaymentNews) -> Payment:
    known, progress = payment.attempts.get(news.razorpay_payment_id), progress_of(news)
    if known is not None and known.progress >= progress:
        raise AssertionError(f"{news.razorpay_payment_id} only goes forward")
    attempt = Attempt(
        progress=progress,
        amount=news.amount,
        method=news.method,
        reason=news.reason if isinstance(news, PaymentFailed) else None,
        taking=Taking.NONE if known is None else known.taking,
    )
    return replace(payment, attempts=payment.attempts.set(news.razorpay_payment_id, attempt))


TAKING: dict[type[CaptureEvent], Taking] = {
    CaptureRequested: Taking.WANTED,
    CaptureDeclined: Taking.DECLINED,
    CaptureRefused: Taking.REFUSED,
}

MAY_BE_TAKING: dict[type[CaptureEvent], tuple[Taking, ...]] = {
    CaptureRequested: (Taking.NONE,),
    CaptureDeclined: (Taking.NONE, Taking.WANTED),
    CaptureRefused: (Taking.WANTED,),
}


def _taking(payment: Payment, event: CaptureEvent) -> Payment:
    attempt = payment.attempts[event.razorpay_payment_id]
    if attempt.taking not in MAY_BE_TAKING[type(event)]:
        raise AssertionError(f"{event.razorpay_payment_id} is {attempt.taking} already")
    moved = replace(attempt, taking=TAKING[type(event)])
    return replace(payment, attempts=payment.attempts.set(event.razorpay_payment_id, moved))


def _case(payment: Payment, event: CaseEvent) -> Payment:
    if isinstance(event, CaseResolved):
        if event.case_id not in payment.cases:
            raise AssertionError(f"{event.case_id} is not open")
        return replace(payment, cases=payment.cases.delete(event.case_id))
    if event.case_id in payment.cases_ever:
        raise AssertionError(f"{event.case_id} is opened once")
    return replace(
        payment,
        cases=payment.cases.set(event.case_id, event),
        cases_ever=payment.cases_ever | {event.case_id},
    )
