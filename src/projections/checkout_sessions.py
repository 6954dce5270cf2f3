"""One row a checkout session, kept after its end, and one row each of its steps.

The row says how the session stands; the steps say how it stood at every
position before, also where it ended, was revived or became an order late.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import astuple

from src.events.connection import Connection
from src.projections.projection import write
from src.projections.session_row import SessionRow

DDL = """
create table if not exists checkout_sessions_v1 (
    book                int         not null,
    checkout_session_id text        collate "C" not null,
    cart_id             text        collate "C" not null,
    customer_id         text        collate "C",
    guest               boolean     not null,
    currency            text        collate "C" not null,
    subtotal_minor      bigint      not null,
    total_minor         bigint,
    coupon_code         text        collate "C",
    lines               int         not null,
    units               int         not null,
    state               text        collate "C" not null,
    started_at          timestamptz not null,
    started_position    bigint      not null,
    pending_at          timestamptz,
    pending_position    bigint,
    confirmed_at        timestamptz,
    confirmed_position  bigint,
    ordered_at          timestamptz,
    ordered_position    bigint,
    order_id            text        collate "C",
    ended_at            timestamptz,
    ended_position      bigint,
    ended_as            text        collate "C",
    ended_reason        text,
    revivals            int         not null,
    started_for         interval    not null,
    pending_for         interval    not null,
    changed_at          timestamptz not null,
    changed_position    bigint      not null,
    primary key (book, checkout_session_id)
);
create index if not exists checkout_sessions_v1_cart
    on checkout_sessions_v1 (book, cart_id);
create index if not exists checkout_sessions_v1_started
    on checkout_sessions_v1 (book, started_at);
create table if not exists checkout_steps_v1 (
    book                int         not null,
    checkout_session_id text        collate "C" not null,
    position            bigint      not null,
    at                  timestamptz not null,
    step                text        collate "C" not null,
    state               text        collate "C" not null,
    reason              text,
    after               interval,
    primary key (book, checkout_session_id, position)
);
create or replace view checkout_sessions as select * from checkout_sessions_v1;
create or replace view checkout_steps as select * from checkout_steps_v1;
"""


class Step(Struct, frozen=True):
    """A row of the steps."""

    checkout_session_id: str
    position: int
    at: datetime
    step: str
    state: str
    reason: str | None
    after: timedelta | None
    """Since the step before it; None for the first."""


async def known_sessions(
    db: Connection, book: int, sessions: Collection[str]
) -> dict[str, SessionRow]:
    """Return the rows of those that began on an earlier page."""
    rows = await db.fetch(_KNOWN, book, list(sessions))
    return {row[0]: SessionRow(**dict(zip(_FIELDS, row, strict=True))) for row in rows}


async def put_sessions(
    db: Connection, book: int, rows: Iterable[SessionRow], steps: Iterable[Step]
) -> None:
    """Write new rows, changed ones in the place of the old, and the steps that led there."""
    await write(db, _PUT, book, [astuple(row) for row in rows])
    await write(db, _STEP, book, [astuple(step) for step in steps])


_FIELDS = SessionRow.__struct_fields__
_COLUMNS = ", ".join(_FIELDS)
_KNOWN = f"""
select {_COLUMNS} from checkout_sessions_v1
where book = $1 and checkout_session_id = any($2::text[])
"""  # noqa: S608  # our own names
_PUT = f"""
insert into checkout_sessions_v1 (book, {_COLUMNS})
select $1, * from unnest(
    $2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::bigint[], $8::bigint[],
    $9::text[], $10::int[], $11::int[], $12::text[], $13::timestamptz[], $14::bigint[],
    $15::timestamptz[], $16::bigint[], $17::timestamptz[], $18::bigint[], $19::timestamptz[],
    $20::bigint[], $21::text[], $22::timestamptz[], $23::bigint[], $24::text[], $25::text[],
    $26::int[], $27::interval[], $28::interval[], $29::timestamptz[], $30::bigint[])
on conflict (book, checkout_session_id) do update set
    customer_id = excluded.customer_id, guest = excluded.guest,
    total_minor = excluded.total_minor, state = excluded.state,
    pending_at = excluded.pending_at, pending_position = excluded.pending_position,
    confirmed_at = excluded.confirmed_at, confirmed_position = excluded.confirmed_position,
    ordered_at = excluded.ordered_at, ordered_position = excluded.ordered_position,
    order_id = excluded.order_id, ended_at = excluded.ended_at,
    ended_position = excluded.ended_position, ended_as = excluded.ended_as,
    ended_reason = excluded.ended_reason, revivals = excluded.revivals,
    started_for = excluded.started_for, pending_for = excluded.pending_for,
    changed_at = excluded.changed_at, changed_position = excluded.changed_position
"""  # noqa: S608  # our own names
_STEP = """
insert into checkout_steps_v1 (
    book, checkout_session_id, position, at, step, state, reason, after)
select $1, * from unnest(
    $2::text[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[], $7::text[],
    $8::interval[])
"""
