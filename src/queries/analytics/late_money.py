"""Late money: what was captured after its session had ended, and how each of it ended.

Every one is exactly one of these, looked for in this order: an order; a refund,
when all of it went back or is going back; an open case; a resolved case. Inside
an append, between the capture and what follows from it, it is nothing yet.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from src.events.connection import Row
from src.queries.analytics.scope import Scope
from src.queries.reading import Reading

VIEWS = ("payment_steps", "refund_steps", "case_steps")
ITEMS_MAX = 100
"""The newest are named one by one; all are counted."""
SECONDS_PLACES = 3
LATEST = 2**63 - 1
"""A position that no fact has: all of them count."""


class LateEnd(StrEnum):
    """What became of late money."""

    ORDER = "order"
    REFUNDED = "refunded"
    OPEN_CASE = "open_case"
    RESOLVED_CASE = "resolved_case"
    NOTHING_YET = "nothing_yet"


class Ended(Struct, frozen=True, kw_only=True):
    """Late money that ended in one way."""

    end: LateEnd
    payments: int
    amount: int
    """In minor units."""
    median_seconds: float | None
    """From capture to end, to the millisecond, of what has come to it; null for none.

    A refund ends when Razorpay said that it was made, a case when it was resolved.
    """


class LatePayment(Struct, frozen=True, kw_only=True):
    """One late payment."""

    razorpay_order_id: str
    razorpay_payment_id: str
    checkout_session_id: str
    session_ending: str
    """How the session had ended: failed, cancelled, expired or superseded."""
    method: str | None
    amount: int
    captured_at: datetime
    end: LateEnd
    ended_at: datetime | None
    """Null while a refund is on its way, or a case is open."""
    order_id: str | None
    position: int


class LateSum(Struct, frozen=True, kw_only=True):
    """All late money."""

    payments: int
    amount: int


class LateMoney(Struct, frozen=True, kw_only=True, rename={"first_day": "from", "last_day": "to"}):
    """Late money that was captured in a range of days: its ends add up to `total`."""

    currency: str
    time_zone: str
    first_day: date
    last_day: date
    ends: list[Ended]
    items: list[LatePayment]
    """The newest first, at most 100."""
    total: LateSum


async def late_money(db: Reading, scope: Scope) -> LateMoney:
    """Return how late money ended; its sums and its items are of one moment."""
    up_to = LATEST if scope.as_of is None else scope.as_of
    within = (scope.book, scope.currency, scope.since, scope.until)
    rows = await db.fetch(_LATE, *within, up_to, ITEMS_MAX, list(VIEWS))
    sums = {LateEnd(row["end"]): row for row in rows if row["position"] is None}
    ends = [_ended(end, sums) for end in LateEnd]
    return LateMoney(
        currency=scope.currency,
        time_zone=scope.zone,
        first_day=scope.first_day,
        last_day=scope.last_day,
        ends=ends,
        items=_items(rows),
        total=LateSum(
            payments=sum(each.payments for each in ends), amount=sum(each.amount for each in ends)
        ),
    )


def _ended(end: LateEnd, sums: Mapping[LateEnd, Row]) -> Ended:
    row = sums.get(end)
    if row is None:
        return Ended(end=end, payments=0, amount=0, median_seconds=None)
    micros = row["median_micros"]
    return Ended(
        end=end,
        payments=row["payments"],
        amount=row["amount"],
        median_seconds=None if micros is None else round(micros / 1_000_000, SECONDS_PLACES),
    )


def _items(rows: Sequence[Row]) -> list[LatePayment]:
    named = [row for row in rows if row["position"] is not None]
    newest = sorted(named, key=lambda row: -row["position"])
    return [
        LatePayment(
            razorpay_order_id=row["razorpay_order_id"],
            razorpay_payment_id=row["razorpay_payment_id"],
            checkout_session_id=row["checkout_session_id"],
            session_ending=row["session_ending"],
            method=row["method"],
            amount=row["amount"],
            captured_at=row["captured_at"],
            end=LateEnd(row["end"]),
            ended_at=row["ended_at"],
            order_id=row["order_id"],
            position=row["position"],
        )
        for row in newest
    ]


# Each view has a read model of its own. All count only as far as the slowest has come: where one
# is built again, money must not seem to be lost because its refund has not been seen.
_LATE = """
with seen as materialized (
    select least($5::bigint, (
        select min(position) from read.about where book = $1 and relation = any($7::text[])
    )) as position
), late as materialized (
    select razorpay_order_id, razorpay_payment_id, checkout_session_id, session_ending, method,
        amount_minor, at as captured_at, position,
        case when order_position <= (select position from seen) then order_id end as order_id,
        case when order_position <= (select position from seen) then ordered_at end as ordered_at
    from read.payment_steps
    where book = $1 and currency = $2 and status = 'captured' and session_ending is not null
        and at >= $3 and at < $4 and ours_position <= (select position from seen)
), gone as (
    select late.position, sum(refund.amount_minor) as amount_minor,
        case when every(refund.status = 'processed') then max(refund.at) end as gone_at
    from late join read.refund_steps as refund using (razorpay_order_id, razorpay_payment_id)
    where refund.book = $1 and refund.position <= (select position from seen)
        and (refund.next_position is null or refund.next_position > (select position from seen))
        and refund.status in ('requested', 'pending', 'processed')
    group by late.position
), asked as (
    select late.position, bool_or(asked.status = 'open') as is_open, max(asked.at) as resolved_at
    from late join read.case_steps as asked using (razorpay_order_id, razorpay_payment_id)
    where asked.book = $1 and asked.position <= (select position from seen)
        and (asked.next_position is null or asked.next_position > (select position from seen))
    group by late.position
), named as (
    select late.*, gone.gone_at, asked.resolved_at,
        case when late.order_id is not null then 'order'
            when gone.amount_minor >= late.amount_minor then 'refunded'
            when asked.is_open then 'open_case'
            when not asked.is_open then 'resolved_case'
            else 'nothing_yet' end as "end"
    from late left join gone using (position) left join asked using (position)
), ended as materialized (
    select named.*, case "end" when 'order' then ordered_at when 'refunded' then gone_at
        when 'resolved_case' then resolved_at end as ended_at
    from named
), newest as (
    select * from ended order by position desc limit $6
)
select "end", count(*) as payments, sum(amount_minor)::bigint as amount,
    percentile_cont(0.5) within group (
        order by round(extract(epoch from ended_at - captured_at) * 1000000)::float8
    ) as median_micros,
    null::text as razorpay_order_id, null::text as razorpay_payment_id,
    null::text as checkout_session_id, null::text as session_ending, null::text as method,
    null::timestamptz as captured_at, null::timestamptz as ended_at, null::text as order_id,
    null::bigint as position
from ended group by "end"
union all
select "end", 1, amount_minor, null, razorpay_order_id, razorpay_payment_id, checkout_session_id,
    session_ending, method, captured_at, ended_at, order_id, position
from newest
"""
