"""What was delivered to us, and what became of it."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from src.queries.conditions import Conditions
from src.queries.page import LIMIT_DEFAULT, Cursors, Page, page_of, rows_wanted
from src.queries.reading import Reading

LIST = "webhooks"
UNSETTLED_MAX = 500


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
    razorpay_order_id: str | None = None,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> Page[WebhookAnswer]:
    """Return deliveries, newest first."""
    where = Conditions(book)
    where.given("status = ?", status)
    where.given("razorpay_order_id = ?", razorpay_order_id)
    if cursor is not None:
        where.add("position < ?", cursors.read(LIST, cursor, int))
    rows = await db.fetch(
        f"{_SELECT} where {where} order by position desc limit {rows_wanted(limit)}",
        *where.values,
    )
    return page_of(rows, limit, _answer, lambda row: cursors.write(LIST, row["position"]))


async def find_webhook(db: Reading, book: int, webhook_id: str) -> WebhookAnswer | None:
    """Return one delivery."""
    row = await db.fetchrow(f"{_SELECT} where book = $1 and webhook_id = $2", book, webhook_id)
    return None if row is None else _answer(row)


async def list_unsettled(
    db: Reading, book: int, *, before: datetime, limit: int = UNSETTLED_MAX
) -> list[str]:
    """Return the ids of deliveries that came before a time and were never settled, oldest first."""
    rows = await db.fetch(_UNSETTLED, book, before, min(limit, UNSETTLED_MAX))
    return [row[0] for row in rows]


def _answer(row: Any) -> WebhookAnswer:  # noqa: ANN401  # a row of the statement below
    return WebhookAnswer(**{field: row[field] for field in WebhookAnswer.__struct_fields__})


_SELECT = """
select webhook_id, provider, event_id, name, razorpay_order_id, status, outcome, reason,
    received_at, handled_at, sha256, secret_index, position
from read.webhooks
"""

_UNSETTLED = """
select webhook_id from read.webhooks
where book = $1 and status = 'received' and received_at < $2 order by position limit $3
"""
