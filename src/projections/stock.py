"""One row a SKU: units received, promised and sold, added up as the facts come."""

from collections import defaultdict
from collections.abc import Sequence
from typing import assert_never

from src.events.connection import Connection
from src.events.envelope import Recorded
from src.events.stock import (
    StockAdjusted,
    StockCommitted,
    StockEvent,
    StockReceived,
    StockReleased,
    StockReservationExpired,
    StockReserved,
    StockReturned,
)
from src.projections.projection import Handles, write

NAME, VERSION = "stock", 1
TABLES = ("stock_v1",)
HANDLES: Handles = frozenset(
    {
        StockReceived,
        StockAdjusted,
        StockReserved,
        StockCommitted,
        StockReleased,
        StockReservationExpired,
        StockReturned,
    }
)
DDL = """
create table if not exists stock_v1 (
    book      int    not null,
    sku       text   collate "C" not null,
    received  bigint not null,
    reserved  bigint not null,
    committed bigint not null,
    available bigint not null generated always as (received - reserved - committed) stored,
    version   int    not null,
    primary key (book, sku)
);
create or replace view stock as select * from stock_v1;
"""


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """Add each SKU's movements up first: a hot product costs one row a page."""
    moved: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for recorded in page:
        event: StockEvent = recorded.event
        sums = moved[event.sku]
        _move(sums, event)
        sums[_VERSION] = recorded.version
    await write(db, _ADD, book, [(sku, *sums) for sku, sums in moved.items()])


_RECEIVED, _RESERVED, _COMMITTED, _VERSION = range(4)


def _move(sums: list[int], event: StockEvent) -> None:
    match event:
        case StockReserved():
            sums[_RESERVED] += event.quantity
        case StockCommitted():
            sums[_RESERVED] -= event.quantity
            sums[_COMMITTED] += event.quantity
        case StockReleased() | StockReservationExpired():
            sums[_RESERVED] -= event.quantity
        case StockReturned():
            sums[_COMMITTED] -= event.quantity
        case StockReceived():
            sums[_RECEIVED] += event.quantity
        case StockAdjusted():
            sums[_RECEIVED] += event.delta
        case _:
            assert_never(event)


_ADD = """
insert into stock_v1 as known (book, sku, received, reserved, committed, version)
select $1, * from unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[])
on conflict (book, sku) do update set
    received = known.received + excluded.received,
    reserved = known.reserved + excluded.reserved,
    committed = known.committed + excluded.committed,
    version = excluded.version
"""
