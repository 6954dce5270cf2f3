"""Checkout sessions for the tests: a short story, told to any book."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from msgspec import Struct

from src.events.catalogue import VERSIONS
from src.events.checkout import (
    CheckoutCancelled,
    CheckoutStarted,
    OrderCreated,
    PaymentConfirmed,
    PaymentIntentCreated,
    PaymentIntentRequested,
)
from src.events.codec import encode
from src.events.envelope import Cause, Entry, Expected, NewEvent, Outcome
from src.events.identifiers import CHECKOUT, Stream, event_id, stream
from src.events.money import Money
from src.events.ports import Book, Sealed
from src.events.pricing import PricedLine, ShippingChoice, totals_of

_numbers = count(1)
BOX = Sealed("person-1", "c2VhbGVk")
POST = ShippingChoice(code="post", name="India Post", price=Money(4_900, "INR"))


def inr(amount: int) -> Money:
    return Money(amount, "INR")


TEA = PricedLine(
    sku="TEA",
    name="Tea",
    quantity=2,
    unit_price=inr(25_000),
    line_total=inr(50_000),
    discount=inr(0),
    weight_grams=250,
)


def started(session: str, expires_at: datetime | None = None) -> CheckoutStarted:
    return CheckoutStarted(
        checkout_session_id=session,
        cart_id=f"cart_of_{session}",
        customer_id="customer-id-inside",
        currency="INR",
        lines=(TEA,),
        coupon=None,
        shipping=None,
        expires_at=expires_at or datetime.now(UTC) + timedelta(minutes=30),
    )


REQUESTED = PaymentIntentRequested(
    customer_id="customer-id-inside",
    guest=True,
    mailbox="keyed-hash-of-mailbox",
    contact=BOX,
    shipping_address=BOX,
    billing_address=BOX,
    shipping=POST,
    totals=totals_of((TEA,), POST, "INR"),
    wish="keyed-hash-of-wish",
)
CREATED = PaymentIntentCreated(razorpay_order_id="order_1", due=inr(54_900))
CONFIRMED = PaymentConfirmed(
    razorpay_order_id="order_1", razorpay_payment_id="pay_1", amount=inr(54_900)
)
ORDERED = OrderCreated(order_id="ord_1", order_number="ABCDE-FGHJK")
CANCELLED = CheckoutCancelled(reason="the customer changed their mind")


def names(*facts: Struct) -> list[str]:
    return [type(fact).__name__ for fact in facts]


async def write(book: Book, session: str, *facts: Struct) -> int:
    """Append facts to a session's stream and return the position of the last."""
    return await write_to(book, stream(CHECKOUT, session), *facts)


async def write_to(book: Book, name: Stream, *facts: Struct) -> int:
    version = len(await book.read_stream(name))
    command = UUID(int=next(_numbers))
    cause = Cause(command_id=command, correlation_id=command, actor="guest:test")
    events = [
        NewEvent(
            stream=name,
            version=version + n,
            type=type(fact).__name__,
            schema_version=VERSIONS[type(fact).__name__],
            event_id=event_id(command, n),
            payload=encode(fact),
        )
        for n, fact in enumerate(facts, start=1)
    ]
    entry = Entry(cause=cause, expected=[Expected(name, version)], events=events)
    verdict = (await book.append([entry])).verdicts[0]
    assert verdict.outcome is Outcome.WRITTEN
    assert verdict.position is not None
    return verdict.position
