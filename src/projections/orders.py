"""One row an order, with the document that clients read."""

from collections.abc import Sequence
from typing import Any

import msgspec

from src.events.connection import Connection
from src.events.envelope import Recorded
from src.events.order import OrderPlaced, OrderStatus
from src.projections.order_document import document_of
from src.projections.projection import Handles, write

NAME, VERSION = "orders", 1
TABLES = ("orders_v1",)
HANDLES: Handles = frozenset({OrderPlaced})
DDL = """
create table if not exists orders_v1 (
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
    primary key (book, order_id)
);
create index if not exists orders_v1_newest on orders_v1 (book, placed_at, position);
create index if not exists orders_v1_customer
    on orders_v1 (book, customer_id, placed_at, position);
create index if not exists orders_v1_number on orders_v1 (book, number);
create or replace view orders as select * from orders_v1;
"""

_encoder = msgspec.json.Encoder()


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """Add the orders that were placed; a second one of the same id would be a bug, and stops."""
    await write(db, _INSERT, book, [_row(recorded) for recorded in page])


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


_INSERT = """
insert into orders_v1 (
    book, order_id, number, status, customer_id, guest, cart_id, checkout_session_id,
    placed_at, total_minor, currency, position, document)
select $1, * from unnest(
    $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::text[], $8::text[],
    $9::timestamptz[], $10::bigint[], $11::text[], $12::bigint[], $13::json[])
"""
