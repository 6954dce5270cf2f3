"""One row a cart: what is in it, and when it and its sessions came to each turn of their lives."""

from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from msgspec.structs import astuple, replace

from src.events.connection import Connection, Row
from src.projections.cart_row import CartRow
from src.projections.projection import write

DDL = """
create table if not exists carts_v1 (
    book               int         not null,
    cart_id            text        collate "C" not null,
    customer_id        text        collate "C",
    currency           text        collate "C" not null,
    quantities         jsonb       not null,
    coupon_code        text        collate "C",
    locked_by          text        collate "C",
    opened_at          timestamptz not null,
    opened_position    bigint      not null,
    filled_at          timestamptz,
    filled_position    bigint,
    taken_at           timestamptz,
    taken_position     bigint,
    ordered_at         timestamptz,
    ordered_position   bigint,
    order_id           text        collate "C",
    merged_at          timestamptz,
    merged_position    bigint,
    merged_into        text        collate "C",
    changed_at         timestamptz not null,
    changed_position   bigint      not null,
    started_at         timestamptz,
    started_position   bigint,
    pending_at         timestamptz,
    pending_position   bigint,
    confirmed_at       timestamptz,
    confirmed_position bigint,
    completed_at       timestamptz,
    completed_position bigint,
    started_after      int,
    pending_after      int,
    confirmed_after    int,
    completed_after    int,
    outcome            text        collate "C",
    outcome_position   bigint,
    outcome_minor      bigint,
    primary key (book, cart_id)
);
create index if not exists carts_v1_opened on carts_v1 (book, opened_at);
create index if not exists carts_v1_merged on carts_v1 (book, opened_at)
    where merged_at is not null;
create or replace view carts as select * from carts_v1;
"""

_encoder = msgspec.json.Encoder()


async def known_carts(db: Connection, book: int, carts: Collection[str]) -> dict[str, CartRow]:
    """Return the rows of those that were opened on an earlier page."""
    return {row[0]: _read(row) for row in await db.fetch(_KNOWN, book, list(carts))}


async def put_carts(db: Connection, book: int, rows: Iterable[CartRow]) -> None:
    """Write new rows, and changed ones in the place of the old."""
    await write(db, _PUT, book, [_written(row) for row in rows])


def _read(row: Row) -> CartRow:
    stored = CartRow(**dict(zip(CartRow.__struct_fields__, row, strict=True)))
    return replace(stored, quantities=msgspec.json.decode(row["quantities"]))


def _written(row: CartRow) -> tuple[Any, ...]:
    return astuple(replace(row, quantities=_encoder.encode(row.quantities).decode()))


_COLUMNS = ", ".join(CartRow.__struct_fields__)
_KNOWN = f"""
select {_COLUMNS} from carts_v1 where book = $1 and cart_id = any($2::text[])
"""  # noqa: S608  # our own names
_PUT = f"""
insert into carts_v1 (book, {_COLUMNS})
select $1, * from unnest(
    $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::text[], $7::text[], $8::timestamptz[],
    $9::bigint[], $10::timestamptz[], $11::bigint[], $12::timestamptz[], $13::bigint[],
    $14::timestamptz[], $15::bigint[], $16::text[], $17::timestamptz[], $18::bigint[],
    $19::text[], $20::timestamptz[], $21::bigint[], $22::timestamptz[], $23::bigint[],
    $24::timestamptz[], $25::bigint[], $26::timestamptz[], $27::bigint[], $28::timestamptz[],
    $29::bigint[], $30::int[], $31::int[], $32::int[], $33::int[], $34::text[], $35::bigint[],
    $36::bigint[])
on conflict (book, cart_id) do update set
    customer_id = excluded.customer_id, quantities = excluded.quantities,
    coupon_code = excluded.coupon_code, locked_by = excluded.locked_by,
    filled_at = excluded.filled_at, filled_position = excluded.filled_position,
    taken_at = excluded.taken_at, taken_position = excluded.taken_position,
    ordered_at = excluded.ordered_at, ordered_position = excluded.ordered_position,
    order_id = excluded.order_id, merged_at = excluded.merged_at,
    merged_position = excluded.merged_position, merged_into = excluded.merged_into,
    changed_at = excluded.changed_at, changed_position = excluded.changed_position,
    started_at = excluded.started_at, started_position = excluded.started_position,
    pending_at = excluded.pending_at, pending_position = excluded.pending_position,
    confirmed_at = excluded.confirmed_at, confirmed_position = excluded.confirmed_position,
    completed_at = excluded.completed_at, completed_position = excluded.completed_position,
    started_after = excluded.started_after, pending_after = excluded.pending_after,
    confirmed_after = excluded.confirmed_after, completed_after = excluded.completed_after,
    outcome = excluded.outcome, outcome_position = excluded.outcome_position,
    outcome_minor = excluded.outcome_minor
"""  # noqa: S608  # our own names
