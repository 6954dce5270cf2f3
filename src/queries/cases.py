"""What waits for a person, and for how long already."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from msgspec import Struct

from src.events.money import Money
from src.queries.conditions import Conditions
from src.queries.page import LIMIT_DEFAULT, Cursors, Page, page_of, rows_wanted
from src.queries.reading import Reading

LIST, OLDEST = "cases", "cases oldest first"


class CaseAnswer(Struct, frozen=True, kw_only=True):
    """A case; `age_seconds` grows until it is resolved."""

    case_id: str
    stream: str
    kind: str
    reason: str
    razorpay_order_id: str | None
    razorpay_payment_id: str | None
    amount: Money | None
    checkout_session_id: str | None
    opened_at: datetime
    age_seconds: int
    status: str
    resolved_at: datetime | None
    note: str | None


async def list_cases(  # noqa: PLR0913  # each filter has its name
    db: Reading,
    book: int,
    cursors: Cursors,
    *,
    now: datetime,
    status: str | None = None,
    kind: str | None = None,
    oldest_first: bool = False,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> Page[CaseAnswer]:
    """Return cases, newest first unless said."""
    name, after, order = (OLDEST, ">", "asc") if oldest_first else (LIST, "<", "desc")
    where = Conditions(book)
    where.given("status = ?", status)
    where.given("kind = ?", kind)
    if cursor is not None:
        where.add(f"position {after} ?", cursors.read(name, cursor, int))
    rows = await db.fetch(
        f"{_SELECT} where {where} order by position {order} limit {rows_wanted(limit)}",
        *where.values,
    )
    return page_of(
        rows, limit, lambda row: _answer(row, now), lambda row: cursors.write(name, row[-1])
    )


async def cases_about(
    db: Reading, book: int, razorpay_order_ids: Collection[str], *, now: datetime
) -> list[CaseAnswer]:
    """Return every case about money on these Razorpay orders, the oldest first."""
    rows = await db.fetch(_ABOUT, book, sorted(razorpay_order_ids))
    return [_answer(row, now) for row in rows]


async def find_case(db: Reading, book: int, case_id: str, *, now: datetime) -> CaseAnswer | None:
    """Return one case."""
    row = await db.fetchrow(f"{_SELECT} where book = $1 and case_id = $2", book, case_id)
    return None if row is None else _answer(row, now)


def _answer(row: Any, now: datetime) -> CaseAnswer:  # noqa: ANN401  # a row of the statement below
    until = row["resolved_at"] or now
    amount = row["amount_minor"]
    return CaseAnswer(
        case_id=row["case_id"],
        stream=row["stream"],
        kind=row["kind"],
        reason=row["reason"],
        razorpay_order_id=row["razorpay_order_id"],
        razorpay_payment_id=row["razorpay_payment_id"],
        amount=None if amount is None else Money(amount, row["currency"]),
        checkout_session_id=row["checkout_session_id"],
        opened_at=row["opened_at"],
        age_seconds=max(0, int((until - row["opened_at"]).total_seconds())),
        status=row["status"],
        resolved_at=row["resolved_at"],
        note=row["note"],
    )


_SELECT = """
select case_id, stream, kind, reason, razorpay_order_id, razorpay_payment_id, amount_minor,
    currency, checkout_session_id, opened_at, status, resolved_at, note, position
from models.cases
"""
_ABOUT = f"{_SELECT} where book = $1 and razorpay_order_id = any($2::text[]) order by position"
