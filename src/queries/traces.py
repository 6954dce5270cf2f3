"""What is kept of a person besides what their own key seals: open checkouts, and deliveries.

A delivery's body has a key of its own, whose id only the fact of its arrival
knows. Which Razorpay order it is about, and whose that is, the read models know.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from src.events.connection import Row
from src.queries.reading import Reading


class Delivery(Struct, frozen=True, kw_only=True):
    """A stored delivery, and the key that its body is sealed with."""

    webhook_id: str
    key_id: str


class Reasons(Struct, frozen=True, kw_only=True):
    """What a stretch of the book gives reason to erase."""

    persons: tuple[str, ...]
    """Who was erased."""
    razorpay_orders: tuple[str, ...]
    """What deliveries were about, or what turned out to be ours; whose it is, was not asked."""


class Unmatched(Struct, frozen=True, kw_only=True):
    """Old deliveries, one after another, and how far that goes."""

    deliveries: tuple[Delivery, ...]
    """Those that are about no Razorpay order of this book."""
    position: int | None
    """Of the last one looked at, None when there was none."""


async def open_sessions(db: Reading, book: int, persons: Sequence[str]) -> list[str]:
    """Return the open checkout sessions of these persons."""
    rows = await db.fetch(_OPEN_SESSIONS, book, list(persons))
    return [row[0] for row in rows]


async def orders_of(db: Reading, book: int, persons: Sequence[str]) -> int:
    """Count the orders of these persons."""
    found: int = await db.fetchval(_ORDERS, book, list(persons))
    return found


async def deliveries_about(db: Reading, book: int, persons: Sequence[str]) -> list[Delivery]:
    """Return every settled delivery about money of these persons."""
    return _deliveries(await db.fetch(_OF_PERSONS, book, list(persons)))


async def erased_deliveries(db: Reading, book: int, orders: Sequence[str]) -> list[Delivery]:
    """Return the deliveries about those of the Razorpay orders whose buyer was erased."""
    return _deliveries(await db.fetch(_OF_ERASED, book, list(orders)))


async def reasons(db: Reading, book: int, after: int, up_to: int) -> Reasons:
    """Return what the facts between two positions give reason to erase."""
    rows = await db.fetch(_REASONS, book, after, up_to)
    return Reasons(
        persons=tuple(row["about"] for row in rows if row["is_person"]),
        razorpay_orders=tuple(row["about"] for row in rows if not row["is_person"]),
    )


async def unmatched(
    db: Reading, book: int, after: int, before: datetime, deliveries_max: int
) -> Unmatched:
    """Return keys of deliveries above a position that came before a time and were never matched.

    It stops before the first one that nobody has settled yet.
    """
    rows = await db.fetch(_OLD, book, after, before, deliveries_max)
    return Unmatched(
        deliveries=tuple(_deliveries([row for row in rows if not row["is_ours"]])),
        position=rows[-1]["position"] if rows else None,
    )


def _deliveries(rows: Sequence[Row]) -> list[Delivery]:
    return [Delivery(webhook_id=row["webhook_id"], key_id=row["key_id"]) for row in rows]


_OPEN_SESSIONS = """
select distinct checkout_session_id
from models.buyers join models.open_checkouts using (book, checkout_session_id)
where book = $1 and customer_id = any($2::text[])
order by checkout_session_id
"""
_ORDERS = "select count(*) from models.orders where book = $1 and customer_id = any($2::text[])"
# Scalar questions, each one step down an index: a join would tempt the planner to read the book.
_KEY = """
select seen.webhook_id, (
    select received.payload -> 'body' ->> 'key_id' from khata.events as received
    where received.book = seen.book and received.position = seen.position) as key_id
"""
_OF_PERSONS = f"""
{_KEY} from models.buyers as bought join models.webhooks as seen using (book, razorpay_order_id)
where bought.book = $1 and bought.customer_id = any($2::text[])
"""
_OF_ERASED = f"""
{_KEY} from models.buyers as bought join models.webhooks as seen using (book, razorpay_order_id)
where bought.book = $1 and bought.razorpay_order_id = any($2::text[])
  and (
    select told.version from khata.events as told
    where told.book = $1 and told.stream = 'customer-' || bought.customer_id
      and told.type = 'CustomerErased' limit 1) is not null
"""  # noqa: S608  # our own words
_REASONS = """
select distinct type = 'CustomerErased' as is_person,
    case type when 'CustomerErased' then payload ->> 'customer_id'
              else payload ->> 'razorpay_order_id' end as about
from khata.events
where book = $1 and position > $2 and position <= $3
  and type in ('CustomerErased', 'PaymentOrderOpened', 'WebhookHandled', 'WebhookParked')
  and (type = 'CustomerErased' or payload ->> 'razorpay_order_id' is not null)
"""
_OLD = f"""
{_KEY}, seen.position, (
    select ours.razorpay_order_id from models.buyers as ours
    where ours.book = seen.book and ours.razorpay_order_id = seen.razorpay_order_id
    limit 1) is not null as is_ours
from models.webhooks as seen
where seen.book = $1 and seen.position > $2 and seen.received_at < $3
  and seen.position < coalesce(
    (select min(position) from models.webhooks where book = $1 and status = 'received'),
    9223372036854775807)
order by seen.position limit $4
"""  # noqa: S608  # as above
