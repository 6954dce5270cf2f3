"""A cart as analysts see it, and how it changes with its own facts and those of its sessions."""

from datetime import datetime, timedelta

from msgspec import Struct, field

from src.events.cart import (
    CartCouponApplied,
    CartCouponRemoved,
    CartEvent,
    CartItemRemoved,
    CartItemSet,
    CartLocked,
    CartMerged,
    CartOpened,
    CartOrdered,
    CartTaken,
    CartUnlocked,
)
from src.events.checkout import CheckoutState
from src.projections.session_row import SessionRow

SECOND = timedelta(seconds=1)


class CartRow(Struct, kw_only=True):
    """A cart's row, its fields in the order of the table's columns after the book."""

    cart_id: str
    customer_id: str | None
    currency: str
    quantities: dict[str, int] = field(default_factory=dict)
    """By SKU."""
    coupon_code: str | None = None
    locked_by: str | None = None
    """The session that is open, or that became the order."""
    opened_at: datetime
    opened_position: int
    filled_at: datetime | None = None
    """When something was put in for the first time."""
    filled_position: int | None = None
    taken_at: datetime | None = None
    taken_position: int | None = None
    ordered_at: datetime | None = None
    ordered_position: int | None = None
    order_id: str | None = None
    merged_at: datetime | None = None
    merged_position: int | None = None
    merged_into: str | None = None
    changed_at: datetime
    changed_position: int
    """Of the last fact of the cart itself."""
    started_at: datetime | None = None
    """When one of its sessions came here for the first time; so are the next."""
    started_position: int | None = None
    pending_at: datetime | None = None
    pending_position: int | None = None
    confirmed_at: datetime | None = None
    confirmed_position: int | None = None
    completed_at: datetime | None = None
    completed_position: int | None = None
    started_after: int | None = None
    """Whole seconds since the cart was opened; the next are since the step before."""
    pending_after: int | None = None
    confirmed_after: int | None = None
    completed_after: int | None = None
    outcome: str | None = None
    """How the session stands that something happened to last."""
    outcome_position: int | None = None
    outcome_minor: int | None = None


def opened(event: CartOpened, at: datetime, position: int) -> CartRow:
    """Return the row of a cart that has just been opened."""
    return CartRow(
        cart_id=event.cart_id,
        customer_id=event.customer_id,
        currency=event.currency,
        opened_at=at,
        opened_position=position,
        changed_at=at,
        changed_position=position,
    )


def change(row: CartRow, event: CartEvent, at: datetime, position: int) -> None:
    """Take the next fact of the cart into its row."""
    row.changed_at, row.changed_position = at, position
    match event:
        case CartItemSet():
            _fill(row, event, at, position)
        case CartItemRemoved():
            del row.quantities[event.sku]
        case CartCouponApplied():
            row.coupon_code = event.code
        case CartCouponRemoved():
            row.coupon_code = None
        case CartLocked():
            row.locked_by = event.checkout_session_id
        case CartUnlocked():
            row.locked_by = None
        case _:
            _pass_on(row, event, at, position)


def follow(row: CartRow, session: SessionRow) -> None:
    """Take what the last fact of one of its sessions led to; what was reached stays."""
    at, position = session.changed_at, session.changed_position
    if row.started_at is None:
        row.started_at, row.started_position = at, position
        row.started_after = _seconds(row.opened_at, at)
    if row.pending_at is None and session.pending_at is not None:
        row.pending_at, row.pending_position = at, position
        row.pending_after = _seconds(row.started_at, at)
    if row.confirmed_at is None and session.confirmed_at is not None:
        row.confirmed_at, row.confirmed_position = at, position
        row.confirmed_after = _seconds(row.pending_at, at)
    if row.completed_at is None and session.ordered_at is not None:
        row.completed_at, row.completed_position = at, position
        row.completed_after = _seconds(row.confirmed_at, at)
    row.outcome, row.outcome_position = outcome_of(session), position
    row.outcome_minor = session.subtotal_minor


def _seconds(before: datetime | None, at: datetime) -> int:
    assert before is not None
    return (at - before) // SECOND


def outcome_of(session: SessionRow) -> str:
    """Say in a word how a session stands; a failure with what the payment provider said."""
    match session.state:
        case CheckoutState.ORDER_CREATED:
            return "ordered"
        case CheckoutState.CART_PENDING if session.ended_as == "failed" and session.ended_reason:
            return f"failed:{session.ended_reason}"
        case CheckoutState.CART_PENDING:
            assert session.ended_as is not None
            return session.ended_as
        case _:
            return "open"


def _fill(row: CartRow, event: CartItemSet, at: datetime, position: int) -> None:
    row.quantities[event.sku] = event.quantity
    if row.filled_at is None:
        row.filled_at, row.filled_position = at, position


def _pass_on(
    row: CartRow,
    event: CartOpened | CartOrdered | CartTaken | CartMerged,
    at: datetime,
    position: int,
) -> None:
    """Let the cart be somebody else's, or be over."""
    match event:
        case CartOrdered():
            row.locked_by, row.order_id = event.checkout_session_id, event.order_id
            row.ordered_at, row.ordered_position = at, position
        case CartTaken():
            row.customer_id = event.customer_id
            row.taken_at, row.taken_position = at, position
        case CartMerged():
            row.quantities, row.coupon_code, row.merged_into = {}, None, event.into
            row.merged_at, row.merged_position = at, position
        case CartOpened():
            raise AssertionError("a cart is opened once")
