"""One row a payment, and one a Razorpay order that is ours; the view `payments` shows both.

News of a payment may come before it is known whose Razorpay order it is, so
neither table waits for the other: the view finds the session when somebody asks,
and a payment becomes `ours` the moment its Razorpay order does.
"""

from collections.abc import Sequence
from typing import Any

from src.events.connection import Connection
from src.events.envelope import Recorded
from src.events.identifiers import key_of
from src.events.payment import (
    TAKING,
    CaptureDeclined,
    CaptureRefused,
    CaptureRequested,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentFailed,
    PaymentNews,
    PaymentOrderOpened,
    PaymentReturned,
)
from src.projections.projection import Handles, write

NAME, VERSION = "payments", 2
TABLES = ("payments_v2", "payment_orders_v2")
STATUS: dict[type[PaymentNews], str] = {
    PaymentAuthorized: "authorized",
    PaymentCaptured: "captured",
    PaymentFailed: "failed",
    PaymentReturned: "returned",
}
HANDLES: Handles = frozenset({PaymentOrderOpened, *STATUS, *TAKING})
DDL = """
create table if not exists payment_orders_v2 (
    book                int         not null,
    razorpay_order_id   text        collate "C" not null,
    checkout_session_id text        collate "C" not null,
    cart_id             text        collate "C" not null,
    due_minor           bigint      not null,
    currency            text        collate "C" not null,
    opened_at           timestamptz not null,
    capture             text        collate "C" not null,
    primary key (book, razorpay_order_id)
);
create index if not exists payment_orders_v2_opened on payment_orders_v2 (book, opened_at);
create table if not exists payments_v2 (
    book              int         not null,
    razorpay_order_id text        collate "C" not null,
    payment_id        text        collate "C" not null,
    status            text        collate "C" not null,
    amount_minor      bigint      not null,
    currency          text        collate "C" not null,
    method            text        collate "C",
    reason            text,
    first_seen        timestamptz not null,
    changed_at        timestamptz not null,
    taking            text        collate "C" not null default 'none',
    ours              boolean     not null,
    primary key (book, razorpay_order_id, payment_id)
);
create index if not exists payments_v2_newest
    on payments_v2 (book, ours, first_seen, razorpay_order_id, payment_id);
create index if not exists payments_v2_status
    on payments_v2 (book, ours, status, first_seen, razorpay_order_id, payment_id);
create index if not exists payments_v2_wanted on payments_v2 (book, changed_at)
    where status = 'authorized' and taking = 'wanted';
create index if not exists payments_v2_by_id on payments_v2 (book, payment_id);
create or replace view payment_orders as select * from payment_orders_v2;
create or replace view payments as
select seen.book, seen.razorpay_order_id, seen.payment_id, seen.status, seen.amount_minor,
    seen.currency, seen.method, seen.reason, seen.first_seen, seen.changed_at,
    ours.checkout_session_id, seen.taking, seen.ours
from payments_v2 as seen
left join payment_orders_v2 as ours using (book, razorpay_order_id);
"""
# New columns come last: so a view of a former version is replaced where it stands.


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """Keep the last news of each payment, when it was first heard of, and what we want of it."""
    opened: list[tuple[Any, ...]] = []
    latest: dict[tuple[str, str], tuple[Any, ...]] = {}
    taking: dict[tuple[str, str], str] = {}
    for recorded in page:
        match recorded.event:
            case PaymentOrderOpened():
                opened.append(_opened(recorded))
            case CaptureRequested() | CaptureDeclined() | CaptureRefused() as event:
                key = (key_of(recorded.stream), event.razorpay_payment_id)
                taking[key] = TAKING[type(event)].value
            case news:
                key = (key_of(recorded.stream), news.razorpay_payment_id)
                latest[key] = _news(recorded, latest.get(key))
    await write(db, _OPEN, book, opened)
    await write(db, _OWN, book, [(row[0],) for row in opened])
    await write(db, _PUT, book, [(*key, *row) for key, row in latest.items()])
    await write(db, _TAKE, book, [(*key, wanted) for key, wanted in taking.items()])


def _opened(recorded: Recorded) -> tuple[Any, ...]:
    event: PaymentOrderOpened = recorded.event
    due = event.due
    about = (event.razorpay_order_id, event.checkout_session_id, event.cart_id)
    return (*about, due.amount, due.currency, recorded.recorded_at, event.capture.value)


def _news(recorded: Recorded, before: tuple[Any, ...] | None) -> tuple[Any, ...]:
    """A later word that does not name the method does not take it away."""
    news: PaymentNews = recorded.event
    method, first_seen = (before[3], before[5]) if before else (None, recorded.recorded_at)
    return (
        STATUS[type(news)],
        news.amount.amount,
        news.amount.currency,
        news.method or method,
        news.reason if isinstance(news, PaymentFailed) else None,
        first_seen,
        recorded.recorded_at,
    )


_OPEN = """
insert into payment_orders_v2 (
    book, razorpay_order_id, checkout_session_id, cart_id, due_minor, currency, opened_at, capture)
select $1, * from unnest(
    $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::timestamptz[], $8::text[])
"""
_OWN = """
update payments_v2 set ours = true where book = $1 and razorpay_order_id = any($2::text[])
"""
_PUT = """
insert into payments_v2 as known (
    book, razorpay_order_id, payment_id, status, amount_minor, currency, method, reason,
    first_seen, changed_at, ours)
select $1, news.*, exists (
    select from payment_orders_v2 as opened
    where opened.book = $1 and opened.razorpay_order_id = news.razorpay_order_id)
from unnest(
    $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[],
    $9::timestamptz[], $10::timestamptz[])
    as news(razorpay_order_id, payment_id, status, amount_minor, currency, method, reason,
        first_seen, changed_at)
on conflict (book, razorpay_order_id, payment_id) do update set
    status = excluded.status, amount_minor = excluded.amount_minor, currency = excluded.currency,
    method = coalesce(excluded.method, known.method), reason = excluded.reason,
    changed_at = excluded.changed_at
"""
_TAKE = """
update payments_v2 as known set taking = news.taking
from unnest($2::text[], $3::text[], $4::text[]) as news(razorpay_order_id, payment_id, taking)
where known.book = $1 and known.razorpay_order_id = news.razorpay_order_id
    and known.payment_id = news.payment_id
"""
