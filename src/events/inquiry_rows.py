"""The schedule of inquiries, in PostgreSQL: many workers share it, and each row goes to one.

Whoever takes a row takes it for a lease. A worker that dies, or hears nothing
from Razorpay, leaves it as it is: it is due again when the lease ends.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from src.events.connection import Connection, Row, connecting
from src.events.inquiry import BETWEEN, Inquiry, InquiryKind, Outcome
from src.events.lines import Line, read_until_answered

LEASE = timedelta(minutes=1)
"""So long nobody else asks about what was taken; then it is asked about again."""

T = TypeVar("T")


class InquiryRows:
    """`edge.inquiries` of one book."""

    def __init__(self, dsn: str, book: int = 1) -> None:
        self._line = Line(connecting(dsn, "khata inquiries"))
        self._book = book

    async def old_enough(self, after: int, up_to: int, before: datetime) -> int | None:
        """Return the last position between these whose fact was recorded before a time."""
        found: int | None = await self._run(
            lambda db: db.fetchval(_OLD_ENOUGH, self._book, after, up_to, before)
        )
        return found

    async def enrol(self, after: int, up_to: int, since: datetime, first: timedelta) -> int:
        """Take in what began between two positions and has no end; return how much was new.

        What began before `since` is left out, unless it is a refund.
        """
        done = await self._run(
            lambda db: db.execute(_ENROL, self._book, after, up_to, since, first)
        )
        return int(done.rpartition(" ")[2])

    async def take(self, at: datetime, rows_max: int) -> list[Inquiry]:
        """Take what is due, the longest due first."""
        rows = await self._run(
            lambda db: db.fetch(_TAKE, self._book, at, at + LEASE, rows_max),
        )
        return [_inquiry(row) for row in rows]

    async def note(self, inquiry: Inquiry, outcome: Outcome) -> None:
        """Count what came of asking; the row stays as it is."""
        about = (self._book, inquiry.kind.value, outcome.value)
        await self._run(lambda db: db.execute(_NOTE, *about))

    async def put_back(self, inquiry: Inquiry, next_at: datetime) -> None:
        """Say when to ask again."""
        about = (self._book, inquiry.kind.value, inquiry.key)
        await self._run(lambda db: db.execute(_PUT_BACK, *about, inquiry.asked + 1, next_at))

    async def remove(self, inquiry: Inquiry) -> None:
        """Say that there is nothing more to ask."""
        about = (self._book, inquiry.kind.value, inquiry.key)
        await self._run(lambda db: db.execute(_REMOVE, *about))

    async def close(self) -> None:
        """Close the connection."""
        await self._line.close()

    async def _run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        return await read_until_answered(lambda: self._line.run(work))


def _inquiry(row: Row) -> Inquiry:
    return Inquiry(
        kind=InquiryKind(row["kind"]),
        key=row["key"],
        began_at=row["began_at"],
        asked=row["asked"],
    )


# The first fact decides whether there is anything to look for: mostly there is not.
_OLD_ENOUGH = """
select max(position) from khata.events
where book = $1 and position > $2 and position <= $3 and recorded_at < $4
    and (select recorded_at from khata.events where book = $1 and position = $2 + 1) < $4
"""
# Scalar questions, each one step down an index: a join would tempt the planner to read the book.
_ENROL = f"""
with fact as materialized (
    select stream, version, type, recorded_at, payload ->> 'refund_id' as refund_id
    from khata.events
    where book = $1 and position > $2 and position <= $3
        and (type in ('PaymentIntentRequested', 'PaymentOrderOpened') and recorded_at >= $4
            or type in ('RefundRequested', 'RefundFiled'))
), found as (
    select 'intent' as kind, substr(stream, length('checkout-') + 1) as key, recorded_at
    from fact where type = 'PaymentIntentRequested' and (
        select told.version from khata.events as told
        where told.book = $1 and told.stream = fact.stream
            and told.type in ('PaymentIntentCreated', 'PaymentWaived') limit 1) is null
    union all
    select 'payment', substr(stream, length('payment-') + 1), recorded_at
    from fact where type = 'PaymentOrderOpened' and (
        select told.version from khata.events as told
        where told.book = $1 and told.stream = fact.stream
            and told.type = 'PaymentCaptured' limit 1) is null
    union all
    select 'refund', substr(stream, length('payment-') + 1) || '{BETWEEN}' || refund_id, recorded_at
    from fact where type in ('RefundRequested', 'RefundFiled') and (
        select told.version from khata.events as told
        where told.book = $1 and told.stream = fact.stream and told.version > fact.version
            and told.type in ('RefundProcessed', 'RefundFailed', 'RefundRefused', 'RefundDropped')
            and told.payload ->> 'refund_id' = fact.refund_id limit 1) is null
)
insert into edge.inquiries (book, kind, key, began_at, next_at)
select $1, kind, key, min(recorded_at), min(recorded_at) + $5::interval
from found group by kind, key
on conflict (book, kind, key) do nothing
"""  # noqa: S608  # our own words
_TAKE = """
with due as materialized (
    select kind, key from edge.inquiries
    where book = $1 and next_at <= $2 order by next_at, kind, key limit $4
    for update skip locked
)
update edge.inquiries as taken set next_at = $3
from due where taken.book = $1 and taken.kind = due.kind and taken.key = due.key
returning taken.kind, taken.key, taken.began_at, taken.asked
"""
_PUT_BACK = """
update edge.inquiries set asked = $4, next_at = $5 where book = $1 and kind = $2 and key = $3
"""
_REMOVE = "delete from edge.inquiries where book = $1 and kind = $2 and key = $3"
_NOTE = """
insert into edge.inquiry_outcomes as known (book, kind, outcome, inquiries) values ($1, $2, $3, 1)
on conflict (book, kind, outcome) do update set inquiries = known.inquiries + 1
"""
