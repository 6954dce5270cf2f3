"""What happened to an order or to a payment, in words, the first thing first."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from src.events.cart import CartLocked
from src.events.checkout import PaymentIntentCreated
from src.events.codec import recorded
from src.events.envelope import Recorded
from src.events.identifiers import CART, CHECKOUT, ORDER, PAYMENT, Stream, stream
from src.events.order import OrderPlaced
from src.events.payment import PaymentOrderOpened
from src.events.ports import Book
from src.queries.words import describe


class Moment(Struct, frozen=True, kw_only=True):
    """One thing that happened."""

    position: int
    recorded_at: datetime
    event: str
    text: str


class StaffMoment(Moment, frozen=True, kw_only=True):
    """One thing that happened, and who did it."""

    actor: str
    """As the book names them; of staff, perhaps also why."""


async def timeline(source: Book, order_id: str) -> list[Moment] | None:
    """Tell an order's story, oldest first; None when there is no such order."""
    facts = await story(source, order_id)
    return None if facts is None else [_told(fact) for fact in facts]


async def staff_timeline(source: Book, order_id: str) -> list[StaffMoment] | None:
    """Tell the same with who did it, which is for staff alone."""
    facts = await story(source, order_id)
    return None if facts is None else [staff_moment(fact) for fact in facts]


async def payment_timeline(source: Book, razorpay_order_id: str) -> list[StaffMoment] | None:
    """Tell of all money on one Razorpay order, and of its checkout session if it is ours.

    Every attempt, refund, dispute and case, oldest first; None when nothing was ever heard of it.
    """
    in_payment = await _read(source, [stream(PAYMENT, razorpay_order_id)])
    events = [fact.event for fact in in_payment]
    opened = [event for event in events if isinstance(event, PaymentOrderOpened)]
    sessions = [stream(CHECKOUT, event.checkout_session_id) for event in opened]
    facts = [*in_payment, *await _read(source, sessions)]
    return list(map(staff_moment, sorted(facts, key=_position))) or None


async def story(source: Book, order_id: str) -> list[Recorded] | None:
    """Return the facts of cart, checkouts, payments and order, in their order.

    All sessions of its cart belong to an order, also those that were given up.
    """
    placed = await _read(source, [stream(ORDER, order_id)])
    if not placed:
        return None
    order: OrderPlaced = placed[0].event
    in_cart = await _read(source, [stream(CART, order.cart_id)])
    in_checkouts = await _read(source, _checkouts(in_cart))
    in_payments = await _read(source, _payments(in_checkouts))
    facts = [*placed, *in_cart, *in_checkouts, *in_payments]
    return sorted(facts, key=_position)


def _position(fact: Recorded) -> int:
    return fact.position


async def _read(source: Book, names: Iterable[Stream]) -> list[Recorded]:
    after = dict.fromkeys(names, 0)
    return [recorded(each) for each in await source.read_streams(after)] if after else []


def _checkouts(in_cart: list[Recorded]) -> list[Stream]:
    events = [fact.event for fact in in_cart]
    return [stream(CHECKOUT, e.checkout_session_id) for e in events if isinstance(e, CartLocked)]


def _payments(in_checkouts: list[Recorded]) -> list[Stream]:
    events = [fact.event for fact in in_checkouts]
    return [
        stream(PAYMENT, e.razorpay_order_id) for e in events if isinstance(e, PaymentIntentCreated)
    ]


def _told(fact: Recorded) -> Moment:
    return Moment(
        position=fact.position,
        recorded_at=fact.recorded_at,
        event=type(fact.event).__name__,
        text=describe(fact.event),
    )


def staff_moment(fact: Recorded) -> StaffMoment:
    """Tell of one fact, and who did it."""
    told = _told(fact)
    return StaffMoment(
        position=told.position,
        recorded_at=told.recorded_at,
        event=told.event,
        text=told.text,
        actor=fact.cause.actor,
    )
