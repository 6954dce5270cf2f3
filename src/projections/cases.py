"""One row a case: what a person has to look at, and how it was settled."""

from collections.abc import Sequence
from typing import Any

from src.events.case import CaseOpened, CaseResolved
from src.events.connection import Connection
from src.events.envelope import Recorded
from src.projections.projection import Handles, write

NAME, VERSION = "cases", 1
TABLES = ("cases_v1",)
HANDLES: Handles = frozenset({CaseOpened, CaseResolved})
OPEN, RESOLVED = "open", "resolved"
DDL = """
create table if not exists cases_v1 (
    book                int         not null,
    case_id             text        collate "C" not null,
    stream              text        collate "C" not null,
    kind                text        collate "C" not null,
    reason              text        not null,
    razorpay_order_id   text        collate "C",
    razorpay_payment_id text        collate "C",
    amount_minor        bigint,
    currency            text        collate "C",
    checkout_session_id text        collate "C",
    opened_at           timestamptz not null,
    status              text        collate "C" not null,
    resolved_at         timestamptz,
    note                text,
    position            bigint      not null,
    primary key (book, case_id)
);
create index if not exists cases_v1_newest on cases_v1 (book, position);
create index if not exists cases_v1_open on cases_v1 (book, position) where status = 'open';
create or replace view cases as select * from cases_v1;
"""


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """Open first, then resolve: both may stand on one page."""
    opened = [_opened(each) for each in page if isinstance(each.event, CaseOpened)]
    resolved = [_resolved(each) for each in page if isinstance(each.event, CaseResolved)]
    await write(db, _OPEN, book, opened)
    await write(db, _RESOLVE, book, resolved)


def _opened(recorded: Recorded) -> tuple[Any, ...]:
    case: CaseOpened = recorded.event
    return (
        case.case_id,
        recorded.stream,
        case.kind.value,
        case.reason,
        case.razorpay_order_id,
        case.razorpay_payment_id,
        None if case.amount is None else case.amount.amount,
        None if case.amount is None else case.amount.currency,
        case.checkout_session_id,
        recorded.recorded_at,
        OPEN,
        recorded.position,
    )


def _resolved(recorded: Recorded) -> tuple[Any, ...]:
    case: CaseResolved = recorded.event
    return (case.case_id, RESOLVED, recorded.recorded_at, case.note)


_OPEN = """
insert into cases_v1 (
    book, case_id, stream, kind, reason, razorpay_order_id, razorpay_payment_id,
    amount_minor, currency, checkout_session_id, opened_at, status, position)
select $1, * from unnest(
    $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::bigint[], $9::text[], $10::text[], $11::timestamptz[], $12::text[], $13::bigint[])
"""
_RESOLVE = """
update cases_v1 as known
set status = news.status, resolved_at = news.resolved_at, note = news.note
from unnest($2::text[], $3::text[], $4::timestamptz[], $5::text[])
    as news(case_id, status, resolved_at, note)
where known.book = $1 and known.case_id = news.case_id
"""
