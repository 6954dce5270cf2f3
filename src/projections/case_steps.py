"""One row a step of a case, opened or resolved: what it was about, and until which position.

What persons wrote stays out: a note may name somebody.
"""

from collections.abc import Sequence
from typing import Any

from src.events.case import CaseOpened, CaseResolved
from src.events.connection import Connection
from src.events.envelope import Recorded
from src.projections.projection import Handles, write

NAME, VERSION = "case_steps", 1
TABLES = ("case_steps_v1",)
HANDLES: Handles = frozenset({CaseOpened, CaseResolved})
DDL = """
create table if not exists case_steps_v1 (
    book                int         not null,
    stream              text        collate "C" not null,
    case_id             text        collate "C" not null,
    position            bigint      not null,
    next_position       bigint,
    at                  timestamptz not null,
    opened_at           timestamptz not null,
    status              text        collate "C" not null,
    kind                text        collate "C" not null,
    amount_minor        bigint,
    currency            text        collate "C",
    razorpay_order_id   text        collate "C",
    razorpay_payment_id text        collate "C",
    checkout_session_id text        collate "C",
    primary key (book, stream, case_id, position)
);
create index if not exists case_steps_v1_position on case_steps_v1 (book, position);
create index if not exists case_steps_v1_at on case_steps_v1 (book, at);
create index if not exists case_steps_v1_money
    on case_steps_v1 (book, razorpay_order_id, razorpay_payment_id)
    where razorpay_order_id is not null;
create or replace view case_steps as select * from case_steps_v1;
"""


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """Open first, then resolve: both may stand on one page."""
    opened = [_opened(each) for each in page if isinstance(each.event, CaseOpened)]
    resolved = [_resolved(each) for each in page if isinstance(each.event, CaseResolved)]
    await write(db, _OPEN, book, opened)
    await write(db, _END, book, [row[:3] for row in resolved])
    await write(db, _RESOLVE, book, resolved)


def _opened(recorded: Recorded) -> tuple[Any, ...]:
    case: CaseOpened = recorded.event
    return (
        recorded.stream,
        case.case_id,
        recorded.position,
        recorded.recorded_at,
        case.kind.value,
        None if case.amount is None else case.amount.amount,
        None if case.amount is None else case.amount.currency,
        case.razorpay_order_id,
        case.razorpay_payment_id,
        case.checkout_session_id,
    )


def _resolved(recorded: Recorded) -> tuple[Any, ...]:
    case: CaseResolved = recorded.event
    return (recorded.stream, case.case_id, recorded.position, recorded.recorded_at)


_OPEN = """
insert into case_steps_v1 (
    book, stream, case_id, position, at, opened_at, status, kind, amount_minor, currency,
    razorpay_order_id, razorpay_payment_id, checkout_session_id)
select $1, stream, case_id, position, at, at, 'open', kind, amount_minor, currency,
    razorpay_order_id, razorpay_payment_id, checkout_session_id
from unnest(
    $2::text[], $3::text[], $4::bigint[], $5::timestamptz[], $6::text[], $7::bigint[],
    $8::text[], $9::text[], $10::text[], $11::text[])
    as new(stream, case_id, position, at, kind, amount_minor, currency, razorpay_order_id,
        razorpay_payment_id, checkout_session_id)
"""
_END = """
update case_steps_v1 as known set next_position = news.position
from unnest($2::text[], $3::text[], $4::bigint[]) as news(stream, case_id, position)
where known.book = $1 and known.stream = news.stream and known.case_id = news.case_id
"""
_RESOLVE = """
insert into case_steps_v1 (
    book, stream, case_id, position, at, opened_at, status, kind, amount_minor, currency,
    razorpay_order_id, razorpay_payment_id, checkout_session_id)
select $1, known.stream, known.case_id, news.position, news.at, known.opened_at, 'resolved',
    known.kind, known.amount_minor, known.currency, known.razorpay_order_id,
    known.razorpay_payment_id, known.checkout_session_id
from unnest($2::text[], $3::text[], $4::bigint[], $5::timestamptz[])
    as news(stream, case_id, position, at)
join case_steps_v1 as known using (stream, case_id)
where known.book = $1
"""
