"""One row a step of a refund, complete in itself: what was known of it, and until which position.

Razorpay's no and a dropped wish say only which refund they mean, so each step
takes over what the one before it said.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from src.events.connection import Connection
from src.events.envelope import Recorded
from src.events.identifiers import key_of
from src.events.refund import (
    RefundCause,
    RefundDropped,
    RefundEvent,
    RefundFailed,
    RefundNews,
    RefundRefused,
    RefundRequested,
)
from src.projections.projection import Handles, write
from src.projections.refunds import STATUS

NAME, VERSION = "refund_steps", 1
TABLES = ("refund_steps_v1",)
HANDLES: Handles = frozenset(STATUS)
DDL = """
create table if not exists refund_steps_v1 (
    book                int         not null,
    razorpay_order_id   text        collate "C" not null,
    refund_id           text        collate "C" not null,
    position            bigint      not null,
    next_position       bigint,
    at                  timestamptz not null,
    requested_at        timestamptz not null,
    status              text        collate "C" not null,
    cause               text        collate "C" not null,
    razorpay_payment_id text        collate "C" not null,
    razorpay_refund_id  text        collate "C",
    order_id            text        collate "C",
    amount_minor        bigint      not null,
    currency            text        collate "C" not null,
    failure             text,
    primary key (book, razorpay_order_id, refund_id, position)
);
create index if not exists refund_steps_v1_position on refund_steps_v1 (book, position);
create index if not exists refund_steps_v1_at on refund_steps_v1 (book, at);
create or replace view refund_steps as select * from refund_steps_v1;
"""

Key = tuple[str, str]
"""A Razorpay order and a refund of it."""


class Step(Struct):
    """A step that may still learn what came after it; its fields stand in the order of `_ADD`."""

    position: int
    next_position: int | None
    at: datetime
    requested_at: datetime
    status: str
    cause: str
    razorpay_payment_id: str
    razorpay_refund_id: str | None
    order_id: str | None
    amount_minor: int
    currency: str
    failure: str | None

    @property
    def values(self) -> tuple[Any, ...]:
        """Everything that the step says."""
        return tuple(getattr(self, name) for name in self.__struct_fields__)


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """Go on from the last step of each refund, which may be on this page or on one before."""
    asked = {(key_of(each.stream), each.event.refund_id) for each in page}
    rows = await db.fetch(_LAST, book, *map(list, zip(*asked, strict=True))) if asked else []
    known = {(row[0], row[1]): Step(*list(row)[2:]) for row in rows}
    latest = dict(known)
    steps: list[tuple[Key, Step]] = []
    for recorded in page:
        key = (key_of(recorded.stream), recorded.event.refund_id)
        before = latest.get(key)
        latest[key] = _step(recorded, before)
        if before is not None:
            before.next_position = recorded.position
        steps.append((key, latest[key]))
    moved = [
        (*key, step.position, step.next_position)
        for key, step in known.items()
        if step.next_position is not None
    ]
    await write(db, _MOVE, book, moved)
    await write(db, _ADD, book, [(*key, *step.values) for key, step in steps])


def _step(recorded: Recorded, before: Step | None) -> Step:
    event: RefundEvent = recorded.event
    begun = _begun(recorded, event) if before is None else before
    step = replace(
        begun,
        position=recorded.position,
        at=recorded.recorded_at,
        status=STATUS[type(event)],
        failure=event.reason if isinstance(event, RefundFailed | RefundRefused) else None,
    )
    if isinstance(event, RefundNews):
        step.razorpay_refund_id = event.razorpay_refund_id
        step.amount_minor, step.currency = event.amount.amount, event.amount.currency
    return step


def _begun(recorded: Recorded, event: RefundEvent) -> Step:
    """Whatever was never requested here was made at Razorpay itself."""
    if isinstance(event, RefundRefused | RefundDropped):
        raise AssertionError(f"{event.refund_id} was never wished for")
    cause, name = RefundCause.OUTSIDE, None
    if isinstance(event, RefundRequested):
        cause = event.cause
    else:
        name = event.razorpay_refund_id
    return Step(
        position=recorded.position,
        next_position=None,
        at=recorded.recorded_at,
        requested_at=recorded.recorded_at,
        status=STATUS[type(event)],
        cause=cause.value,
        razorpay_payment_id=event.razorpay_payment_id,
        razorpay_refund_id=name,
        order_id=event.order_id,
        amount_minor=event.amount.amount,
        currency=event.amount.currency,
        failure=None,
    )


_LAST = """
select razorpay_order_id, refund_id, known.position, known.next_position, known.at,
    known.requested_at, known.status, known.cause, known.razorpay_payment_id,
    known.razorpay_refund_id, known.order_id, known.amount_minor, known.currency, known.failure
from unnest($2::text[], $3::text[]) as asked(razorpay_order_id, refund_id)
join refund_steps_v1 as known using (razorpay_order_id, refund_id)
where known.book = $1 and known.next_position is null
"""
_MOVE = """
update refund_steps_v1 as known set next_position = news.next_position
from unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[])
    as news(razorpay_order_id, refund_id, position, next_position)
where known.book = $1 and known.razorpay_order_id = news.razorpay_order_id
    and known.refund_id = news.refund_id and known.position = news.position
"""
_ADD = """
insert into refund_steps_v1 (
    book, razorpay_order_id, refund_id, position, next_position, at, requested_at, status, cause,
    razorpay_payment_id, razorpay_refund_id, order_id, amount_minor, currency, failure)
select $1, * from unnest(
    $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::timestamptz[],
    $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::bigint[], $14::text[],
    $15::text[])
"""
