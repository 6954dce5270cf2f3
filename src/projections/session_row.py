"""A checkout session as analysts see it, and how it changes with each of its facts."""

from datetime import datetime, timedelta

from msgspec import Struct

from src.events.capture import CheckoutRevived, HoldExtended, HoldLapsed
from src.events.checkout import (
    CheckoutCancelled,
    CheckoutEnding,
    CheckoutEvent,
    CheckoutExpired,
    CheckoutFailed,
    CheckoutStarted,
    CheckoutState,
    CheckoutSuperseded,
    OrderCreated,
    PaymentConfirmed,
    PaymentIntentCreated,
    PaymentIntentRequested,
    PaymentWaived,
)

STEPS: dict[type[CheckoutEvent], str] = {
    CheckoutStarted: "started",
    PaymentIntentRequested: "payment_requested",
    PaymentIntentCreated: "payment_opened",
    PaymentWaived: "payment_waived",
    PaymentConfirmed: "payment_confirmed",
    OrderCreated: "order_created",
    HoldExtended: "hold_extended",
    HoldLapsed: "hold_lapsed",
    CheckoutRevived: "revived",
    CheckoutFailed: "failed",
    CheckoutCancelled: "cancelled",
    CheckoutExpired: "expired",
    CheckoutSuperseded: "superseded",
}
"""What analysts call each fact of a session."""
NO_TIME = timedelta(0)


class SessionRow(Struct, kw_only=True):
    """A session's row, its fields in the order of the table's columns after the book.

    What was reached stays: a session that ended and went on still says how it
    had ended, and a second wait for the money does not move the first.
    """

    checkout_session_id: str
    cart_id: str
    customer_id: str | None
    guest: bool
    currency: str
    subtotal_minor: int
    total_minor: int | None = None
    coupon_code: str | None
    lines: int
    units: int
    state: str
    started_at: datetime
    started_position: int
    pending_at: datetime | None = None
    pending_position: int | None = None
    confirmed_at: datetime | None = None
    confirmed_position: int | None = None
    ordered_at: datetime | None = None
    ordered_position: int | None = None
    order_id: str | None = None
    ended_at: datetime | None = None
    ended_position: int | None = None
    ended_as: str | None = None
    ended_reason: str | None = None
    revivals: int = 0
    started_for: timedelta = NO_TIME
    """In CHECKOUT_STARTED, up to the last fact."""
    pending_for: timedelta = NO_TIME
    """In PAYMENT_PENDING, all the times together, up to the last fact."""
    changed_at: datetime
    changed_position: int


def begun(event: CheckoutStarted, at: datetime, position: int) -> SessionRow:
    """Return the row of a session that has just begun."""
    return SessionRow(
        checkout_session_id=event.checkout_session_id,
        cart_id=event.cart_id,
        customer_id=event.customer_id,
        guest=event.customer_id is None,
        currency=event.currency,
        subtotal_minor=sum(line.line_total.amount for line in event.lines),
        coupon_code=None if event.coupon is None else event.coupon.code,
        lines=len(event.lines),
        units=sum(line.quantity for line in event.lines),
        state=CheckoutState.CHECKOUT_STARTED.value,
        started_at=at,
        started_position=position,
        changed_at=at,
        changed_position=position,
    )


def change(row: SessionRow, event: CheckoutEvent, at: datetime, position: int) -> None:
    """Take the next fact of the session into its row."""
    _add_time(row, at)
    row.changed_at, row.changed_position = at, position
    match event:
        case PaymentIntentRequested():
            row.customer_id, row.guest = event.customer_id, event.guest
            row.total_minor = event.totals.total.amount
        case PaymentIntentCreated() | HoldExtended() | HoldLapsed():
            _await_payment(row, at, position)
        case CheckoutRevived():
            _await_payment(row, at, position)
            row.revivals += 1
        case PaymentConfirmed() | PaymentWaived():
            _await_payment(row, at, position)
            row.state = CheckoutState.PAYMENT_CONFIRMED.value
            row.confirmed_at, row.confirmed_position = at, position
        case OrderCreated():
            row.state = CheckoutState.ORDER_CREATED.value
            row.ordered_at, row.ordered_position = at, position
            row.order_id = event.order_id
        case CheckoutStarted():
            raise AssertionError("a session begins once")
        case ending:
            _end(row, ending, at, position)


def reason_of(event: CheckoutEvent) -> str | None:
    """Return why a step was taken, where the fact says so."""
    match event:
        case CheckoutFailed() | CheckoutCancelled() | HoldLapsed():
            return event.reason
        case CheckoutSuperseded():
            return event.by
        case _:
            return None


def _add_time(row: SessionRow, at: datetime) -> None:
    if row.state == CheckoutState.CHECKOUT_STARTED:
        row.started_for += at - row.changed_at
    elif row.state == CheckoutState.PAYMENT_PENDING:
        row.pending_for += at - row.changed_at


def _await_payment(row: SessionRow, at: datetime, position: int) -> None:
    """Money that comes before Razorpay's order was noted was waited for all the same."""
    row.state = CheckoutState.PAYMENT_PENDING.value
    if row.pending_at is None:
        row.pending_at, row.pending_position = at, position


def _end(row: SessionRow, ending: CheckoutEnding, at: datetime, position: int) -> None:
    row.state = CheckoutState.CART_PENDING.value
    row.ended_at, row.ended_position = at, position
    row.ended_as = STEPS[type(ending)]
    row.ended_reason = None if isinstance(ending, CheckoutExpired) else reason_of(ending)
