"""Stock over time: one row a fact, with what the SKU's units had come to, and one a promise.

Each row carries sums since the SKU's first fact, also of units times time. So any
figure between two moments, up to any position, is the difference of two rows, and
nobody has to add up the facts between them.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from src.events.connection import Connection
from src.events.envelope import Recorded
from src.projections.projection import Handles, write
from src.projections.shelf import ENDS, KINDS, Shelf, Sums

NAME, VERSION = "stock_movements", 1
TABLES = ("stock_movements_v1", "reservations_v1")
HANDLES: Handles = frozenset(KINDS)
DDL = """
create table if not exists stock_movements_v1 (
    book                int         not null,
    sku                 text        collate "C" not null,
    position            bigint      not null,
    version             int         not null,
    moved_at            timestamptz not null,
    kind                text        collate "C" not null,
    quantity            bigint      not null,
    checkout_session_id text        collate "C",
    order_id            text        collate "C",
    reason              text        collate "C",
    received            bigint      not null,
    adjusted            bigint      not null,
    reserved            bigint      not null,
    sold                bigint      not null,
    returned            bigint      not null,
    unit_micros         numeric     not null,
    oldest_hold_at      timestamptz,
    primary key (book, sku, position)
);
create index if not exists stock_movements_v1_when
    on stock_movements_v1 (book, sku, moved_at, position);
create index if not exists stock_movements_v1_all
    on stock_movements_v1 using brin (position, moved_at) with (autosummarize = on);
create or replace view stock_movements as select * from stock_movements_v1;
create table if not exists reservations_v1 (
    book                int         not null,
    sku                 text        collate "C" not null,
    position            bigint      not null,
    checkout_session_id text        collate "C" not null,
    quantity            bigint      not null,
    reserved_at         timestamptz not null,
    ended_at            timestamptz,
    ended_position      bigint,
    ended_as            text        collate "C",
    order_id            text        collate "C",
    primary key (book, sku, position)
);
create unique index if not exists reservations_v1_open
    on reservations_v1 (book, sku, checkout_session_id) where ended_at is null;
create index if not exists reservations_v1_oldest
    on reservations_v1 (book, sku, position) where ended_at is null;
create index if not exists reservations_v1_session
    on reservations_v1 (book, checkout_session_id);
create or replace view reservations as select * from reservations_v1;
"""


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """Go on from where each SKU stands; promises that ended come before those newly made,
    because a session that comes back may promise itself the same SKU again."""
    shelves = await _shelves(page, db, book)
    moved = [shelves[recorded.event.sku].take(recorded) for recorded in page]
    await write(db, _MOVE, book, moved)
    await write(db, _END, book, [row for shelf in shelves.values() for row in shelf.ended])
    await write(db, _PROMISE, book, [row for sku in shelves for row in _made(sku, shelves[sku])])


async def _shelves(page: Sequence[Recorded], db: Connection, book: int) -> dict[str, Shelf]:
    # An end takes one of the oldest promises at most: with one more than there are
    # ends, the oldest that is left is always among those that were read.
    wanted = Counter({recorded.event.sku: 1 for recorded in page})
    wanted.update(recorded.event.sku for recorded in page if type(recorded.event) in ENDS)
    sums = await _sums(db, book, list(wanted))
    oldest = await _oldest(db, book, wanted)
    return {sku: Shelf(sku, sums.get(sku) or Sums(), oldest[sku]) for sku in wanted}


async def _sums(db: Connection, book: int, skus: list[str]) -> dict[str, Sums]:
    return {
        row[0]: Sums(
            received=row[1],
            adjusted=row[2],
            reserved=row[3],
            sold=row[4],
            returned=row[5],
            unit_micros=int(row[6]),
            moved_at=row[7],
        )
        for row in await db.fetch(_LAST, book, skus)
    }


async def _oldest(
    db: Connection, book: int, wanted: Mapping[str, int]
) -> dict[str, list[tuple[str, datetime]]]:
    oldest: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    for row in await db.fetch(_OLDEST, book, list(wanted), list(wanted.values())):
        oldest[row[0]].append((row[1], row[2]))
    return oldest


def _made(sku: str, shelf: Shelf) -> list[tuple[Any, ...]]:
    return [
        (sku, made.position, made.session, made.quantity, made.reserved_at, *made.end)
        for made in shelf.promised
    ]


_LAST = """
select last.* from unnest($2::text[]) as asked(sku) cross join lateral (
    select sku, received, adjusted, reserved, sold, returned, unit_micros, moved_at
    from stock_movements_v1
    where book = $1 and sku = asked.sku order by position desc limit 1
) as last
"""
_OLDEST = """
select held.* from unnest($2::text[], $3::int[]) as asked(sku, many) cross join lateral (
    select sku, checkout_session_id, reserved_at from reservations_v1
    where book = $1 and sku = asked.sku and ended_at is null order by position limit asked.many
) as held
"""
_MOVE = """
insert into stock_movements_v1 (
    book, sku, position, version, moved_at, kind, quantity, checkout_session_id, order_id, reason,
    received, adjusted, reserved, sold, returned, unit_micros, oldest_hold_at)
select $1, * from unnest(
    $2::text[], $3::bigint[], $4::int[], $5::timestamptz[], $6::text[], $7::bigint[],
    $8::text[], $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::bigint[],
    $14::bigint[], $15::bigint[], $16::numeric[], $17::timestamptz[])
"""
_END = """
update reservations_v1 as known set
    ended_at = news.ended_at, ended_position = news.ended_position,
    ended_as = news.ended_as, order_id = news.order_id
from unnest($2::text[], $3::text[], $4::timestamptz[], $5::bigint[], $6::text[], $7::text[])
    as news(sku, checkout_session_id, ended_at, ended_position, ended_as, order_id)
where known.book = $1 and known.sku = news.sku
    and known.checkout_session_id = news.checkout_session_id and known.ended_at is null
"""
_PROMISE = """
insert into reservations_v1 (
    book, sku, position, checkout_session_id, quantity, reserved_at,
    ended_at, ended_position, ended_as, order_id)
select $1, * from unnest(
    $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::timestamptz[],
    $7::timestamptz[], $8::bigint[], $9::text[], $10::text[])
"""
