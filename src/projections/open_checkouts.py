"""One row a checkout session that may still expire; the row goes when the session ends."""

from collections.abc import Sequence

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

NAME, VERSION = "open_checkouts", 1
TABLES = ("open_checkouts_v1",)
HANDLES: Handles = frozenset(
    {
        CheckoutStarted,
        PaymentIntentCreated,
        PaymentWaived,
        PaymentConfirmed,
        CheckoutFailed,
        CheckoutCancelled,
        CheckoutExpired,
        CheckoutSuperseded,
    }
)
DDL = """
create table if not exists open_checkouts_v1 (
    book                int         not null,
    checkout_session_id text        collate "C" not null,
    cart_id             text        collate "C" not null,
    expires_at          timestamptz not null,
    state               text        collate "C" not null,
    primary key (book, checkout_session_id)
);
create index if not exists open_checkouts_v1_due on open_checkouts_v1 (book, expires_at);
create or replace view open_checkouts as select * from open_checkouts_v1;
"""


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """A session that starts and ends on one page is never written at all."""
    started: dict[str, CheckoutStarted] = {}
    pending: set[str] = set()
    ended: set[str] = set()
    for recorded in page:
        session = key_of(recorded.stream)
        match recorded.event:
            case CheckoutStarted():
                started[session] = recorded.event
            case PaymentIntentCreated():
                pending.add(session)
            case _:
                pending.discard(session)
                if started.pop(session, None) is None:
                    ended.add(session)
    await _write(db, book, started, pending, ended)


async def _write(
    db: Connection,
    book: int,
    started: dict[str, CheckoutStarted],
    pending: set[str],
    ended: set[str],
) -> None:
    rows = [
        (session, event.cart_id, event.expires_at, _state(waits=session in pending))
        for session, event in started.items()
    ]
    moved = [(session, _state(waits=True)) for session in pending - started.keys()]
    await write(db, _INSERT, book, rows)
    await write(db, _UPDATE, book, moved)
    await write(db, _DELETE, book, [(session,) for session in ended])


def _state(*, waits: bool) -> str:
    state = CheckoutState.PAYMENT_PENDING if waits else CheckoutState.CHECKOUT_STARTED
    return state.value


_INSERT = """
insert into open_checkouts_v1 (book, checkout_session_id, cart_id, expires_at, state)
select $1, * from unnest($2::text[], $3::text[], $4::timestamptz[], $5::text[])
"""
_UPDATE = """
update open_checkouts_v1 as known set state = news.state
from unnest($2::text[], $3::text[]) as news(checkout_session_id, state)
where known.book = $1 and known.checkout_session_id = news.checkout_session_id
"""
_DELETE = """
delete from open_checkouts_v1 where book = $1 and checkout_session_id = any($2::text[])
"""
