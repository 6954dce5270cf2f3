"""What was delivered to us, and what became of it."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from src.events.connection import Row
from src.queries.conditions import Conditions
from src.queries.page import LIMIT_DEFAULT, Cursors, Page, page_of, rows_wanted
from src.queries.reading import Reading

LIST = "webhooks"
UNSETTLED_MAX = 500


class Place(Struct, frozen=True, array_like=True):
    """Where in the list a delivery stands."""

    received_at: datetime
    position: int


class WebhookAnswer(Struct, frozen=True, kw_only=True):
    """A delivery, without its body."""

    webhook_id: str
    provider: str
    event_id: str | None
    name: str | None
    razorpay_order_id: str | None
    status: str
    outcome: str | None
    reason: str | None
    received_at: datetime
    handled_at: datetime | None
    sha256: str
    secret_index: int


async def list_webhooks(  # noqa: PLR0913  # each filter has its name
    db: Reading,
    book: int,
    cursors: Cursors,
    *,
    status: str | None = None,
    name: str | None = None,
    razorpay_order_id: str | None = None,
    received_from: datetime | None = None,
    received_to: datetime | None = None,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> Page[WebhookAnswer]:
    """Return deliveries that came at or after `received_from` and before `received_to`."""
    where = Conditions(book)
    where.given("status = ?", status)
    where.given("name = ?", name)
    where.given("razorpay_order_id = ?", razorpay_order_id)
    where.given("received_at >= ?", received_from)
    where.given("received_at < ?", received_to)
    if cursor is not None:
        place = cursors.read(LIST, cursor, Place)
        where.add("(received_at, position) < (?, ?)", place.received_at, place.position)
    rows = await db.fetch(
        f"{_SELECT} where {where} order by received_at desc, position desc"
        f" limit {rows_wanted(limit)}",
        *where.values,
    )
    return page_of(rows, limit, _answer, lambda row: cursors.write(LIST, _place(row)))


async def list_unsettled(
    db: Reading, book: int, *, before: datetime, limit: int = UNSETTLED_MAX
) -> list[str]:
    """Return the ids of deliveries that came before a time and were never settled, oldest first."""
    rows = await db.fetch(_UNSETTLED, book, before, min(limit, UNSETTLED_MAX))
    return [row[0] for row in rows]


async def list_parked_of_ours(
    db: Reading, book: int, *, opened_since: datetime, limit: int = UNSETTLED_MAX
) -> list[str]:
    """Return the ids of parked deliveries whose Razorpay order turned out to be ours since then.

    Only such an order can have news that was put aside: what comes later is known to be ours.
    """
    rows = await db.fetch(_PARKED_OF_OURS, book, opened_since, min(limit, UNSETTLED_MAX))
    return [row[0] for row in rows]


def _place(row: Row) -> Place:
    return Place(row["received_at"], row["position"])


def _answer(row: Any) -> WebhookAnswer:  # noqa: ANN401  # a row of the statement below
    return WebhookAnswer(**{field: row[field] for field in WebhookAnswer.__struct_fields__})


_SELECT = """
select webhook_id, provider, event_id, name, razorpay_order_id, status, outcome, reason,
    received_at, handled_at, sha256, secret_index, position
from models.webhooks
"""

_UNSETTLED = """
select webhook_id from models.webhooks
where book = $1 and status = 'received' and received_at < $2
order by received_at, position limit $3
"""
_PARKED_OF_OURS = """
select webhook_id from models.payment_orders as ours
join models.webhooks as aside using (book, razorpay_order_id)
where book = $1 and ours.opened_at >= $2 and aside.status = 'parked'
order by aside.received_at, aside.position limit $3
"""
