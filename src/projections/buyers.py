"""Who buys in which checkout session, and through which Razorpay orders."""

from collections.abc import Sequence

from src.events.checkout import CheckoutStarted, PaymentIntentRequested
from src.events.connection import Connection
from src.events.envelope import Recorded
from src.events.identifiers import key_of
from src.events.payment import PaymentOrderOpened
from src.projections.projection import Handles, write

NAME, VERSION = "buyers", 1
TABLES = ("buyers_v1", "buyer_orders_v1")
HANDLES: Handles = frozenset({CheckoutStarted, PaymentIntentRequested, PaymentOrderOpened})
DDL = """
create table if not exists buyers_v1 (
    book                int  not null,
    checkout_session_id text collate "C" not null,
    customer_id         text collate "C" not null,
    primary key (book, checkout_session_id)
);
create index if not exists buyers_v1_customer on buyers_v1 (book, customer_id);
create table if not exists buyer_orders_v1 (
    book                int  not null,
    checkout_session_id text collate "C" not null,
    razorpay_order_id   text collate "C" not null,
    primary key (book, razorpay_order_id)
);
create index if not exists buyer_orders_v1_session
    on buyer_orders_v1 (book, checkout_session_id);
create or replace view buyers as
select book, checkout_session_id, customer_id, razorpay_order_id
from buyers_v1 left join buyer_orders_v1 using (book, checkout_session_id);
"""


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """A guest has no name before they ask to pay; an account's session is theirs from the start."""
    buyers: dict[str, str] = {}
    orders: list[tuple[str, str]] = []
    for recorded in page:
        match recorded.event:
            case PaymentOrderOpened() as opened:
                orders.append((opened.checkout_session_id, opened.razorpay_order_id))
            case CheckoutStarted(customer_id=None):
                pass
            case named:
                buyers[key_of(recorded.stream)] = named.customer_id
    await write(db, _NAME, book, list(buyers.items()))
    await write(db, _OPEN, book, orders)


_NAME = """
insert into buyers_v1 (book, checkout_session_id, customer_id)
select $1, * from unnest($2::text[], $3::text[])
on conflict (book, checkout_session_id) do update set customer_id = excluded.customer_id
"""
_OPEN = """
insert into buyer_orders_v1 (book, checkout_session_id, razorpay_order_id)
select $1, * from unnest($2::text[], $3::text[])
"""
