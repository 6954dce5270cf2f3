"""One row a refund: what is to go back, why, and how far it has come."""

from collections.abc import Sequence
from typing import Any

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
from src.projections.projection import Handles, write

NAME, VERSION = "refunds", 1
TABLES = ("refunds_v1",)
STATUS: dict[type[RefundEvent], str] = {
    RefundRequested: "requested",
    RefundFiled: "pending",
    RefundProcessed: "processed",
    RefundFailed: "failed",
    RefundRefused: "refused",
    RefundDropped: "dropped",
}
HANDLES: Handles = frozenset(STATUS)
DDL = """
create table if not exists refunds_v1 (
    book                int         not null,
    refund_id           text        collate "C" not null,
    razorpay_order_id   text        collate "C" not null,
    razorpay_payment_id text        collate "C" not null,
    razorpay_refund_id  text        collate "C",
    order_id            text        collate "C",
    cause               text        collate "C" not null,
    reason              text,
    failure             text,
    amount_minor        bigint      not null,
    currency            text        collate "C" not null,
    status              text        collate "C" not null,
    requested_at        timestamptz not null,
    changed_at          timestamptz not null,
    position            bigint      not null,
    primary key (book, razorpay_order_id, refund_id)
);
create index if not exists refunds_v1_by_id on refunds_v1 (book, refund_id);
create index if not exists refunds_v1_order on refunds_v1 (book, order_id)
    where order_id is not null;
create index if not exists refunds_v1_newest on refunds_v1 (book, position);
create index if not exists refunds_v1_unfinished on refunds_v1 (book, position)
    where status in ('requested', 'pending');
create or replace view refunds as select * from refunds_v1;
"""


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """Begin with the first word of each refund, then go to its last: both may stand on one page."""
    first: dict[tuple[str, str], tuple[Any, ...]] = {}
    last: dict[tuple[str, str], tuple[Any, ...]] = {}
    for recorded in page:
        event: RefundEvent = recorded.event
        key = (key_of(recorded.stream), event.refund_id)
        if not isinstance(event, RefundRefused | RefundDropped):
            first.setdefault(key, _begun(recorded, event))
        last[key] = _came_to(recorded, event, last.get(key))
    await write(db, _BEGIN, book, [(*key, *row) for key, row in first.items()])
    await write(db, _MOVE, book, [(*key, *row) for key, row in last.items()])


def _begun(
    recorded: Recorded, event: RefundRequested | RefundFiled | RefundProcessed | RefundFailed
) -> tuple[Any, ...]:
    """Whatever was never requested here was made at Razorpay itself."""
    cause, reason = RefundCause.OUTSIDE, None
    if isinstance(event, RefundRequested):
        cause, reason = event.cause, event.reason
    return (
        event.razorpay_payment_id,
        event.order_id,
        cause.value,
        reason,
        event.amount.amount,
        event.amount.currency,
        STATUS[type(event)],
        recorded.recorded_at,
        recorded.position,
    )


def _came_to(
    recorded: Recorded, event: RefundEvent, before: tuple[Any, ...] | None
) -> tuple[Any, ...]:
    """Name what Razorpay calls it, and how much it is, as soon as Razorpay has said so."""
    name, amount, currency = before[:3] if before else (None, None, None)
    if isinstance(event, RefundFiled | RefundProcessed | RefundFailed):
        name, amount, currency = (
            event.razorpay_refund_id,
            event.amount.amount,
            event.amount.currency,
        )
    failure = event.reason if isinstance(event, RefundFailed | RefundRefused) else None
    return (name, amount, currency, STATUS[type(event)], failure, recorded.recorded_at)


_BEGIN = """
insert into refunds_v1 (
    book, razorpay_order_id, refund_id, razorpay_payment_id, order_id, cause, reason,
    amount_minor, currency, status, requested_at, position, changed_at)
select $1, *, new.requested_at from unnest(
    $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::bigint[], $9::text[], $10::text[], $11::timestamptz[], $12::bigint[])
    as new(razorpay_order_id, refund_id, razorpay_payment_id, order_id, cause, reason,
        amount_minor, currency, status, requested_at, position)
on conflict (book, razorpay_order_id, refund_id) do nothing
"""
_MOVE = """
update refunds_v1 as known set
    razorpay_refund_id = coalesce(news.razorpay_refund_id, known.razorpay_refund_id),
    amount_minor = coalesce(news.amount_minor, known.amount_minor),
    currency = coalesce(news.currency, known.currency),
    status = news.status, failure = news.failure, changed_at = news.changed_at
from unnest(
    $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[],
    $9::timestamptz[])
    as news(razorpay_order_id, refund_id, razorpay_refund_id, amount_minor, currency, status,
        failure, changed_at)
where known.book = $1 and known.razorpay_order_id = news.razorpay_order_id
    and known.refund_id = news.refund_id
"""
