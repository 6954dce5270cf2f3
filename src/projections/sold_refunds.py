"""Steps of refunds: what each fact adds to the money that goes back, or takes from it again."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from src.events.connection import Connection
from src.events.envelope import Recorded
from src.events.identifiers import key_of
from src.events.refund import (
    RefundCause,
    RefundDropped,
    RefundEvent,
    RefundFailed,
    RefundFiled,
    RefundProcessed,
    RefundRefused,
    RefundRequested,
)
from src.projections.projection import Handles
from src.projections.refunds import STATUS

HANDLES: Handles = frozenset(STATUS)
DDL = """
create table if not exists sold_refunds_v1 (
    book              int         not null,
    razorpay_order_id text        collate "C" not null,
    refund_id         text        collate "C" not null,
    step              text        collate "C" not null,
    order_id          text        collate "C",
    cause             text        collate "C" not null,
    amount_minor      bigint      not null,
    currency          text        collate "C" not null,
    at                timestamptz not null,
    position          bigint      not null,
    primary key (book, razorpay_order_id, position)
);
create index if not exists sold_refunds_v1_refund
    on sold_refunds_v1 (book, razorpay_order_id, refund_id);
create index if not exists sold_refunds_v1_at on sold_refunds_v1 (book, currency, at)
    include (position, amount_minor) where order_id is not null;
create index if not exists sold_refunds_v1_position on sold_refunds_v1 (book, position)
    where order_id is not null;
create index if not exists sold_refunds_v1_order on sold_refunds_v1 (book, order_id)
    where order_id is not null;
"""
# Refunds of money that is nobody's order are kept too: whether a refund has an order
# is said by its first fact, and later ones are measured against what that one began.


class Step(NamedTuple):
    """A fact that changed how much goes back, in the order of the columns."""

    razorpay_order_id: str
    refund_id: str
    step: str
    order_id: str | None
    cause: str
    amount_minor: int
    """Less than zero where money stays after all."""
    currency: str
    at: datetime
    position: int


class _Going(NamedTuple):
    """How much of a refund goes back by now, and what its first fact said of it."""

    order_id: str | None
    cause: str
    amount_minor: int
    currency: str


Key = tuple[str, str]


async def steps(page: Sequence[Recorded], db: Connection, book: int) -> list[Step]:
    """Return what the facts of a page change, measured against all facts before it."""
    facts = [(_key(each), each) for each in page if isinstance(each.event, RefundEvent)]
    if not facts:
        return []
    going = await _going(db, book, {key for key, _ in facts})
    found: list[Step] = []
    for key, recorded in facts:
        known = going.get(key) or _begun(recorded.event)
        if known is not None:
            amount = _amount(recorded.event)
            change = amount - known.amount_minor
            going[key] = known._replace(amount_minor=amount)
            found += [_step(key, recorded, known, change)] if change else []
    return found


def by_order(found: Sequence[Step]) -> list[tuple[str, int]]:
    """Add up what changed for each order."""
    sums: Counter[str] = Counter()
    for step in found:
        if step.order_id is not None:
            sums[step.order_id] += step.amount_minor
    return list(sums.items())


def _key(recorded: Recorded) -> Key:
    return key_of(recorded.stream), recorded.event.refund_id


async def _going(db: Connection, book: int, keys: set[Key]) -> dict[Key, _Going]:
    orders, refunds = zip(*sorted(keys), strict=True)
    rows = await db.fetch(_GOING, book, list(orders), list(refunds))
    return {(row[0], row[1]): _Going(row[2], row[3], row[4], row[5]) for row in rows}


def _begun(event: RefundEvent) -> _Going | None:
    """Begin with the first fact; none of a refund that had failed before it was heard of."""
    match event:
        case RefundRequested():
            return _Going(event.order_id, event.cause.value, 0, event.amount.currency)
        case RefundFiled() | RefundProcessed():
            return _Going(event.order_id, RefundCause.OUTSIDE.value, 0, event.amount.currency)
        case RefundFailed() | RefundRefused() | RefundDropped():
            return None


def _amount(event: RefundEvent) -> int:
    """Return how much goes back after this fact."""
    match event:
        case RefundRequested() | RefundFiled() | RefundProcessed():
            return event.amount.amount
        case RefundFailed() | RefundRefused() | RefundDropped():
            return 0


def _step(key: Key, recorded: Recorded, known: _Going, change: int) -> Step:
    return Step(
        *key,
        step=STATUS[type(recorded.event)],
        order_id=known.order_id,
        cause=known.cause,
        amount_minor=change,
        currency=known.currency,
        at=recorded.recorded_at,
        position=recorded.position,
    )


_GOING = """
select razorpay_order_id, refund_id, min(order_id), min(cause), sum(amount_minor)::bigint,
    min(currency)
from sold_refunds_v1
join unnest($2::text[], $3::text[]) as asked(razorpay_order_id, refund_id)
    using (razorpay_order_id, refund_id)
where book = $1
group by razorpay_order_id, refund_id
"""
INSERT = """
insert into sold_refunds_v1 (
    book, razorpay_order_id, refund_id, step, order_id, cause, amount_minor, currency, at, position)
select $1, * from unnest(
    $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[],
    $9::timestamptz[], $10::bigint[])
"""
