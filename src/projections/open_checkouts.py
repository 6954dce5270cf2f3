"""One row a checkout session that is open; the row goes when the session ends.

A session whose money is being taken is open and not due, however late it is;
one that had ended is open again while late money is taken for it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from src.events.capture import CheckoutRevived, HoldExtended, HoldLapsed
from src.events.checkout import (
    CheckoutCancelled,
    CheckoutExpired,
    CheckoutFailed,
    CheckoutStarted,
    CheckoutState,
    CheckoutSuperseded,
    PaymentConfirmed,
    PaymentIntentCreated,
    PaymentWaived,
)
from src.events.connection import Connection
from src.events.envelope import Recorded
from src.events.identifiers import key_of
from src.projections.projection import Handles, write

NAME, VERSION = "open_checkouts", 2
TABLES = ("open_checkouts_v2",)
HANDLES: Handles = frozenset(
    {
        CheckoutStarted,
        PaymentIntentCreated,
        PaymentWaived,
        PaymentConfirmed,
        HoldExtended,
        HoldLapsed,
        CheckoutRevived,
        CheckoutFailed,
        CheckoutCancelled,
        CheckoutExpired,
        CheckoutSuperseded,
    }
)
DDL = """
create table if not exists open_checkouts_v2 (
    book                int         not null,
    checkout_session_id text        collate "C" not null,
    cart_id             text        collate "C" not null,
    expires_at          timestamptz not null,
    state               text        collate "C" not null,
    securing            text        collate "C",
    primary key (book, checkout_session_id)
);
create index if not exists open_checkouts_v2_due on open_checkouts_v2 (book, expires_at)
    where securing is null;
create or replace view open_checkouts as select * from open_checkouts_v2;
"""


class _Row(Struct, frozen=True):
    """How a session stands; None for what this page does not say."""

    begun: tuple[str, datetime] | None = None
    state: CheckoutState | None = None
    securing: str | None = None


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """Take what each session has come to; one that starts and ends here is never written."""
    rows: dict[str, _Row | None] = {}
    for recorded in page:
        session = key_of(recorded.stream)
        rows[session] = _after(rows.get(session) or _Row(), recorded.event)
    await _write(db, book, rows)


def _after(row: _Row, event: object) -> _Row | None:
    match event:
        case CheckoutStarted():
            return _Row((event.cart_id, event.expires_at), CheckoutState.CHECKOUT_STARTED)
        case PaymentIntentCreated():
            return replace(row, state=CheckoutState.PAYMENT_PENDING)
        case HoldExtended():
            return replace(
                row, state=CheckoutState.PAYMENT_PENDING, securing=event.razorpay_payment_id
            )
        case HoldLapsed():
            return replace(row, state=CheckoutState.PAYMENT_PENDING, securing=None)
        case CheckoutRevived():
            begun = (event.cart_id, event.expires_at)
            return _Row(begun, CheckoutState.PAYMENT_PENDING, event.razorpay_payment_id)
        case _:
            return None


async def _write(db: Connection, book: int, rows: dict[str, _Row | None]) -> None:
    begun: list[tuple[Any, ...]] = []
    moved: list[tuple[Any, ...]] = []
    for session, row in rows.items():
        if row is not None and row.begun is not None:
            begun.append((session, *row.begun, row.state, row.securing))
        elif row is not None:
            moved.append((session, row.state, row.securing))
    ended = [(session,) for session, row in rows.items() if row is None]
    await write(db, _PUT, book, begun)
    await write(db, _MOVE, book, moved)
    await write(db, _DELETE, book, ended)


_PUT = """
insert into open_checkouts_v2 (
    book, checkout_session_id, cart_id, expires_at, state, securing)
select $1, * from unnest($2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[])
on conflict (book, checkout_session_id) do update set
    state = excluded.state, securing = excluded.securing
"""
_MOVE = """
update open_checkouts_v2 as known set state = news.state, securing = news.securing
from unnest($2::text[], $3::text[], $4::text[]) as news(checkout_session_id, state, securing)
where known.book = $1 and known.checkout_session_id = news.checkout_session_id
"""
_DELETE = """
delete from open_checkouts_v2 where book = $1 and checkout_session_id = any($2::text[])
"""
