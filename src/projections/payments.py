"""One row a payment, and one a Razorpay order that is ours; the view `payments` shows both.

News of a payment may come before it is known whose Razorpay order it is, so
neither table waits for the other: the view finds the session when somebody asks.
"""

from collections.abc import Sequence
from typing import Any

from src.events.connection import Connection
from src.events.envelope import Recorded
from src.events.identifiers import key_of
from src.events.payment import (
    PaymentAuthorized,
    PaymentCaptured,
    PaymentFailed,
    PaymentNews,
    PaymentOrderOpened,
)
from src.projections.projection import Handles, write

NAME, VERSION = "payments", 1
TABLES = ("payments_v1", "payment_orders_v1")
HANDLES: Handles = frozenset(
    {PaymentOrderOpened, PaymentAuthorized, PaymentCaptured, PaymentFailed}
)
STATUS: dict[type[PaymentNews], str] = {
    PaymentAuthorized: "authorized",
    PaymentCaptured: "captured",
    PaymentFailed: "failed",
}
DDL = """
create table if not exists payment_orders_v1 (
    book                int         not null,
    razorpay_order_id   text        collate "C" not null,
    checkout_session_id text        collate "C" not null,
    cart_id             text        collate "C" not null,
    due_minor           bigint      not null,
    currency            text        collate "C" not null,
    opened_at           timestamptz not null,
    primary key (book, razorpay_order_id)
);
create index if not exists payment_orders_v1_opened on payment_orders_v1 (book, opened_at);
create table if not exists payments_v1 (
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
    primary key (book, razorpay_order_id, payment_id)
);
create or replace view payment_orders as select * from payment_orders_v1;
create or replace view payments as
select seen.*, ours.checkout_session_id
from payments_v1 as seen
left join payment_orders_v1 as ours using (book, razorpay_order_id);
"""


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """Keep the last news of each payment, and when it was first heard of."""
    opened = [_opened(each) for each in page if isinstance(each.event, PaymentOrderOpened)]
    latest: dict[tuple[str, str], tuple[Any, ...]] = {}
    for recorded in page:
        if not isinstance(recorded.event, PaymentOrderOpened):
            key = (key_of(recorded.stream), recorded.event.razorpay_payment_id)
            latest[key] = _news(recorded, latest.get(key))
    await write(db, _OPEN, book, opened)
    await write(db, _PUT, book, [(*key, *row) for key, row in latest.items()])


def _opened(recorded: Recorded) -> tuple[Any, ...]:
    event: PaymentOrderOpened = recorded.event
    due = event.due
    about = (event.razorpay_order_id, event.checkout_session_id, event.cart_id)
    return (*about, due.amount, due.currency, recorded.recorded_at)


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
insert into payment_orders_v1 (
    book, razorpay_order_id, checkout_session_id, cart_id, due_minor, currency, opened_at)
select $1, * from unnest(
    $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::timestamptz[])
"""
_PUT = """
insert into payments_v1 as known (
    book, razorpay_order_id, payment_id, status, amount_minor, currency, method, reason,
    first_seen, changed_at)
select $1, * from unnest(
    $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[],
    $9::timestamptz[], $10::timestamptz[])
on conflict (book, razorpay_order_id, payment_id) do update set
    status = excluded.status, amount_minor = excluded.amount_minor, currency = excluded.currency,
    method = coalesce(excluded.method, known.method), reason = excluded.reason,
    changed_at = excluded.changed_at
"""
