"""One row a product, as it is offered now."""

from collections.abc import Sequence

from src.events.connection import Connection
from src.events.envelope import Recorded
from src.events.product import ProductEvent, ProductListed, ProductRevised
from src.projections.projection import Handles, write

NAME, VERSION = "products", 1
TABLES = ("products_v1",)
HANDLES: Handles = frozenset({ProductListed, ProductRevised})
DDL = """
create table if not exists products_v1 (
    book         int    not null,
    sku          text   collate "C" not null,
    name         text   not null,
    price_minor  bigint not null,
    currency     text   collate "C" not null,
    weight_grams bigint not null,
    primary key (book, sku)
);
create or replace view products as select * from products_v1;
"""


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """Keep the last word on each product."""
    offered: dict[str, ProductEvent] = {recorded.event.sku: recorded.event for recorded in page}
    rows = [
        (event.sku, event.name, event.price.amount, event.price.currency, event.weight_grams)
        for event in offered.values()
    ]
    await write(db, _PUT, book, rows)


_PUT = """
insert into products_v1 (book, sku, name, price_minor, currency, weight_grams)
select $1, * from unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[])
on conflict (book, sku) do update set
    name = excluded.name, price_minor = excluded.price_minor,
    currency = excluded.currency, weight_grams = excluded.weight_grams
"""
