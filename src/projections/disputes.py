"""One row a dispute: what a customer's bank wants back, and how far that has come."""

from collections.abc import Sequence
from typing import Any

from src.events.connection import Connection
from src.events.dispute import DisputeEvent, DisputeMoved, DisputeOpened, DisputeStatus
from src.events.envelope import Recorded
from src.events.identifiers import key_of
from src.projections.projection import Handles, write

NAME, VERSION = "disputes", 1
TABLES = ("disputes_v1",)
HANDLES: Handles = frozenset({DisputeOpened, DisputeMoved})
DDL = """
create table if not exists disputes_v1 (
    book                int         not null,
    dispute_id          text        collate "C" not null,
    razorpay_order_id   text        collate "C" not null,
    razorpay_payment_id text        collate "C" not null,
    reason_code         text        collate "C",
    amount_minor        bigint      not null,
    currency            text        collate "C" not null,
    deducted_minor      bigint,
    status              text        collate "C" not null,
    respond_by          timestamptz,
    opened_at           timestamptz not null,
    changed_at          timestamptz not null,
    position            bigint      not null,
    primary key (book, razorpay_order_id, dispute_id)
);
create index if not exists disputes_v1_by_id on disputes_v1 (book, dispute_id);
create index if not exists disputes_v1_newest on disputes_v1 (book, position);
create or replace view disputes as select * from disputes_v1;
"""


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """Open first, then go to the last word: both may stand on one page."""
    opened: list[tuple[Any, ...]] = []
    moved: dict[tuple[str, str], tuple[Any, ...]] = {}
    for recorded in page:
        event: DisputeEvent = recorded.event
        key = (key_of(recorded.stream), event.dispute_id)
        if isinstance(event, DisputeOpened):
            opened.append((*key, *_opened(recorded, event)))
        else:
            moved[key] = _moved(recorded, event, moved.get(key))
    await write(db, _OPEN, book, opened)
    await write(db, _MOVE, book, [(*key, *row) for key, row in moved.items()])


def _opened(recorded: Recorded, event: DisputeOpened) -> tuple[Any, ...]:
    return (
        event.razorpay_payment_id,
        event.reason_code,
        event.amount.amount,
        event.amount.currency,
        DisputeStatus.OPEN.value,
        event.respond_by,
        recorded.recorded_at,
        recorded.position,
    )


def _moved(
    recorded: Recorded, event: DisputeMoved, before: tuple[Any, ...] | None
) -> tuple[Any, ...]:
    """What was once deducted stays so where later news does not say."""
    deducted = before[1] if before else None
    if event.deducted is not None:
        deducted = event.deducted.amount
    return (event.status.value, deducted, recorded.recorded_at)


_OPEN = """
insert into disputes_v1 (
    book, razorpay_order_id, dispute_id, razorpay_payment_id, reason_code,
    amount_minor, currency, status, respond_by, opened_at, position, changed_at)
select $1, *, new.opened_at from unnest(
    $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[],
    $9::timestamptz[], $10::timestamptz[], $11::bigint[])
    as new(razorpay_order_id, dispute_id, razorpay_payment_id, reason_code,
        amount_minor, currency, status, respond_by, opened_at, position)
"""
_MOVE = """
update disputes_v1 as known set
    status = news.status, changed_at = news.changed_at,
    deducted_minor = coalesce(news.deducted_minor, known.deducted_minor)
from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[])
    as news(razorpay_order_id, dispute_id, status, deducted_minor, changed_at)
where known.book = $1 and known.razorpay_order_id = news.razorpay_order_id
    and known.dispute_id = news.dispute_id
"""
