"""One row a coupon under its last terms, and one a time that somebody held or used it."""

from collections.abc import Sequence
from typing import Any

from src.events.connection import Connection
from src.events.coupon import (
    CouponCommitted,
    CouponDefined,
    CouponReleased,
    CouponReserved,
    CouponReturned,
)
from src.events.envelope import Recorded
from src.projections.projection import Handles, write

NAME, VERSION = "coupons", 1
TABLES = ("coupons_v1", "redemptions_v1")
HANDLES: Handles = frozenset(
    {CouponDefined, CouponReserved, CouponCommitted, CouponReleased, CouponReturned}
)
DDL = """
create table if not exists coupons_v1 (
    book               int         not null,
    code               text        collate "C" not null,
    kind               text        collate "C" not null,
    value              bigint      not null,
    currency           text        collate "C" not null,
    minimum_minor      bigint,
    starts_at          timestamptz,
    ends_at            timestamptz,
    limit_total        bigint,
    limit_per_customer bigint,
    defined_at         timestamptz not null,
    position           bigint      not null,
    primary key (book, code)
);
create or replace view coupons as select * from coupons_v1;
create table if not exists redemptions_v1 (
    book                int         not null,
    code                text        collate "C" not null,
    reserved_position   bigint      not null,
    checkout_session_id text        collate "C" not null,
    reserved_at         timestamptz not null,
    order_id            text        collate "C",
    status              text        collate "C" not null default 'held',
    changed_at          timestamptz not null,
    position            bigint      not null,
    primary key (book, code, reserved_position)
);
create index if not exists redemptions_v1_held
    on redemptions_v1 (book, code, checkout_session_id) where status = 'held';
create index if not exists redemptions_v1_order
    on redemptions_v1 (book, code, order_id) where order_id is not null;
create or replace view redemptions as select * from redemptions_v1;
"""


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """Reserve first, then come to the end, then take back: all may stand on one page."""
    terms: dict[str, tuple[Any, ...]] = {}
    held: list[tuple[Any, ...]] = []
    ended: list[tuple[Any, ...]] = []
    returned: list[tuple[Any, ...]] = []
    for each in page:
        at, position = each.recorded_at, each.position
        match each.event:
            case CouponDefined() as defined:
                terms[defined.code] = _terms(defined, each)
            case CouponReserved() as event:
                held.append((event.code, position, event.checkout_session_id, at))
            case CouponCommitted() as event:
                about = (event.code, event.checkout_session_id)
                ended.append((*about, position, "used", event.order_id, at))
            case CouponReleased() as event:
                about = (event.code, event.checkout_session_id)
                ended.append((*about, position, "released", None, at))
            case CouponReturned() as event:
                returned.append((event.code, event.order_id, position, at))
            case _:
                pass
    await write(db, _DEFINE, book, list(terms.values()))
    await write(db, _HOLD, book, held)
    await write(db, _END, book, ended)
    await write(db, _RETURN, book, returned)


def _terms(event: CouponDefined, each: Recorded) -> tuple[Any, ...]:
    terms = event.terms
    minimum = None if terms.minimum_subtotal is None else terms.minimum_subtotal.amount
    return (
        event.code,
        terms.kind.value,
        terms.value,
        terms.currency,
        minimum,
        terms.starts_at,
        terms.ends_at,
        terms.limit_total,
        terms.limit_per_customer,
        each.recorded_at,
        each.position,
    )


_DEFINE = """
insert into coupons_v1 (
    book, code, kind, value, currency, minimum_minor, starts_at, ends_at, limit_total,
    limit_per_customer, defined_at, position)
select $1, * from unnest(
    $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::timestamptz[],
    $8::timestamptz[], $9::bigint[], $10::bigint[], $11::timestamptz[], $12::bigint[])
on conflict (book, code) do update set
    kind = excluded.kind, value = excluded.value, currency = excluded.currency,
    minimum_minor = excluded.minimum_minor, starts_at = excluded.starts_at,
    ends_at = excluded.ends_at, limit_total = excluded.limit_total,
    limit_per_customer = excluded.limit_per_customer, defined_at = excluded.defined_at,
    position = excluded.position
"""
_HOLD = """
insert into redemptions_v1 (
    book, code, reserved_position, checkout_session_id, reserved_at, changed_at, position)
select $1, new.code, new.place, new.session, new.at, new.at, new.place
from unnest($2::text[], $3::bigint[], $4::text[], $5::timestamptz[])
    as new(code, place, session, at)
"""
# A session that held the coupon twice ended the first time before it held it the second.
_END = """
update redemptions_v1 as known set
    status = news.status, order_id = news.order_id, changed_at = news.at, position = news.place
from unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::timestamptz[])
    as news(code, session, place, status, order_id, at)
where known.book = $1 and known.code = news.code and known.checkout_session_id = news.session
    and known.status = 'held' and known.reserved_position = (
        select max(before.reserved_position) from redemptions_v1 as before
        where before.book = $1 and before.code = news.code
            and before.checkout_session_id = news.session and before.status = 'held'
            and before.reserved_position < news.place)
"""
_RETURN = """
update redemptions_v1 as known set
    status = 'returned', changed_at = news.at, position = news.place
from unnest($2::text[], $3::text[], $4::bigint[], $5::timestamptz[])
    as news(code, order_id, place, at)
where known.book = $1 and known.code = news.code and known.order_id = news.order_id
"""
