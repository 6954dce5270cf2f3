"""One row an order, with the document that clients read, and how far it has come beside it."""

from collections.abc import Sequence
from typing import Any

import msgspec

from src.events.connection import Connection
from src.events.envelope import Recorded
from src.events.order import OrderCancelled, OrderFulfilled, OrderPlaced, OrderStatus
from src.projections.order_document import document_of
from src.projections.projection import Handles, write

NAME, VERSION = "orders", 2
TABLES = ("orders_v2",)
HANDLES: Handles = frozenset({OrderPlaced, OrderFulfilled, OrderCancelled})
DDL = """
create table if not exists orders_v2 (
    book                int         not null,
    order_id            text        collate "C" not null,
    number              text        collate "C" not null,
    status              text        collate "C" not null,
    customer_id         text        collate "C" not null,
    guest               boolean     not null,
    cart_id             text        collate "C" not null,
    checkout_session_id text        collate "C" not null,
    placed_at           timestamptz not null,
    total_minor         bigint      not null,
    currency            text        collate "C" not null,
    position            bigint      not null,
    document            json        not null,
    fulfilments         text[]      collate "C" not null default '{}',
    cancelled_reason    text,
    primary key (book, order_id)
);
create index if not exists orders_v2_newest on orders_v2 (book, placed_at, position);
create index if not exists orders_v2_customer
    on orders_v2 (book, customer_id, placed_at, position);
create index if not exists orders_v2_number on orders_v2 (book, number);
create or replace view orders as select * from orders_v2;
"""

_encoder = msgspec.json.Encoder()


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """Add the orders that were placed, then what became of them: both may stand on one page.

    A second order of the same id would be a bug, and stops.
    """
    placed = [_row(each) for each in page if isinstance(each.event, OrderPlaced)]
    sent = [_sent(each.event) for each in page if isinstance(each.event, OrderFulfilled)]
    cancelled = [_cancelled(each.event) for each in page if isinstance(each.event, OrderCancelled)]
    await write(db, _INSERT, book, placed)
    await write(db, _FULFIL, book, sent)
    await write(db, _CANCEL, book, cancelled)


def _row(recorded: Recorded) -> tuple[Any, ...]:
    order: OrderPlaced = recorded.event
    total = order.totals.total
    document = _encoder.encode(document_of(order, recorded.recorded_at)).decode()
    return (
        order.order_id,
        order.order_number,
        OrderStatus.PLACED.value,
        order.customer_id,
        order.guest,
        order.cart_id,
        order.checkout_session_id,
        recorded.recorded_at,
        total.amount,
        total.currency,
        recorded.position,
        document,
    )


def _sent(event: OrderFulfilled) -> tuple[Any, ...]:
    return (event.order_id, event.reference, OrderStatus.FULFILLED.value)


def _cancelled(event: OrderCancelled) -> tuple[Any, ...]:
    return (event.order_id, event.reason, OrderStatus.CANCELLED.value)


_INSERT = """
insert into orders_v2 (
    book, order_id, number, status, customer_id, guest, cart_id, checkout_session_id,
    placed_at, total_minor, currency, position, document)
select $1, * from unnest(
    $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::text[], $8::text[],
    $9::timestamptz[], $10::bigint[], $11::text[], $12::bigint[], $13::json[])
"""
_FULFIL = """
update orders_v2 as known
set status = news.status, fulfilments = known.fulfilments || news.parcels
from (
    select order_id, max(status) as status, array_agg(reference order by place) as parcels
    from unnest($2::text[], $3::text[], $4::text[]) with ordinality
        as each(order_id, reference, status, place)
    group by order_id
) as news
where known.book = $1 and known.order_id = news.order_id
"""
_CANCEL = """
update orders_v2 as known
set status = news.status, cancelled_reason = news.reason
from unnest($2::text[], $3::text[], $4::text[]) as news(order_id, reason, status)
where known.book = $1 and known.order_id = news.order_id
"""
