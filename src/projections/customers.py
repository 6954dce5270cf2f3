"""One row a customer, without a word that names a person, and one a guest who proved to be one."""

from collections.abc import Sequence
from typing import Any

from src.events.connection import Connection
from src.events.customer import CustomerErased, CustomerRegistered, GuestIdentified
from src.events.envelope import Recorded
from src.events.identifiers import key_of
from src.events.mailbox import GuestsClaimed
from src.projections.projection import Handles, write

NAME, VERSION = "customers", 1
TABLES = ("customers_v1", "guest_claims_v1")
HANDLES: Handles = frozenset({CustomerRegistered, GuestIdentified, CustomerErased, GuestsClaimed})
DDL = """
create table if not exists customers_v1 (
    book        int         not null,
    customer_id text        collate "C" not null,
    kind        text        collate "C" not null,
    since       timestamptz not null,
    position    bigint      not null,
    erased_at   timestamptz,
    primary key (book, customer_id)
);
create or replace view customers as select * from customers_v1;
create table if not exists guest_claims_v1 (
    book       int         not null,
    mailbox    text        collate "C" not null,
    guest_id   text        collate "C" not null,
    account_id text        collate "C" not null,
    claimed_at timestamptz not null,
    primary key (book, mailbox, guest_id)
);
create index if not exists guest_claims_v1_guest on guest_claims_v1 (book, guest_id);
create or replace view guest_claims as select * from guest_claims_v1;
"""


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """Begin with who came, then who they proved to be, then who went: all may be on one page."""
    came: list[tuple[Any, ...]] = []
    claims: list[tuple[Any, ...]] = []
    went: list[tuple[Any, ...]] = []
    for each in page:
        at = each.recorded_at
        match each.event:
            case CustomerRegistered(customer_id=customer_id):
                came.append((customer_id, "account", at, each.position))
            case GuestIdentified(customer_id=customer_id):
                came.append((customer_id, "guest", at, each.position))
            case GuestsClaimed(customer_id=account, guests=guests):
                mailbox = key_of(each.stream)
                claims += [(mailbox, guest, account, at) for guest in guests]
            case CustomerErased(customer_id=customer_id):
                went.append((customer_id, at))
            case _:
                pass
    await write(db, _COME, book, came)
    await write(db, _CLAIM, book, claims)
    await write(db, _GO, book, went)


_COME = """
insert into customers_v1 (book, customer_id, kind, since, position)
select $1, * from unnest($2::text[], $3::text[], $4::timestamptz[], $5::bigint[])
"""
_CLAIM = """
insert into guest_claims_v1 (book, mailbox, guest_id, account_id, claimed_at)
select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[])
on conflict (book, mailbox, guest_id) do update set
    account_id = excluded.account_id, claimed_at = excluded.claimed_at
"""
_GO = """
update customers_v1 as known set erased_at = news.at
from unnest($2::text[], $3::timestamptz[]) as news(customer_id, at)
where known.book = $1 and known.customer_id = news.customer_id
"""
