"""One row a delivery: when it came, what it was about, and what became of it."""

from collections.abc import Sequence
from typing import Any, assert_never

from src.events.connection import Connection
from src.events.envelope import Recorded
from src.events.identifiers import key_of
from src.events.webhook import WebhookHandled, WebhookParked, WebhookReceived, WebhookStatus
from src.projections.projection import Handles, write

NAME, VERSION = "webhooks", 2
TABLES = ("webhooks_v2",)
HANDLES: Handles = frozenset({WebhookReceived, WebhookHandled, WebhookParked})
DDL = """
create table if not exists webhooks_v2 (
    book              int         not null,
    webhook_id        text        collate "C" not null,
    provider          text        collate "C" not null,
    event_id          text        collate "C",
    sha256            text        collate "C" not null,
    secret_index      int         not null,
    received_at       timestamptz not null,
    position          bigint      not null,
    status            text        collate "C" not null,
    name              text        collate "C",
    razorpay_order_id text        collate "C",
    outcome           text,
    reason            text,
    handled_at        timestamptz,
    primary key (book, webhook_id)
);
create index if not exists webhooks_v2_position on webhooks_v2 (book, position);
create index if not exists webhooks_v2_newest on webhooks_v2 (book, received_at, position);
create index if not exists webhooks_v2_status
    on webhooks_v2 (book, status, received_at, position);
create index if not exists webhooks_v2_name on webhooks_v2 (book, name, received_at, position);
create index if not exists webhooks_v2_order on webhooks_v2 (book, razorpay_order_id);
create index if not exists webhooks_v2_parked on webhooks_v2 (book, razorpay_order_id)
    where status = 'parked';
create or replace view webhooks as select * from webhooks_v2;
"""

Fate = tuple[Any, ...]
"""status, name, razorpay_order_id, outcome, reason, handled_at"""

_UNDECIDED: Fate = (WebhookStatus.RECEIVED.value, None, None, None, None, None)


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """Most deliveries are received and handled on one page, and cost one insert."""
    received: dict[str, tuple[Any, ...]] = {}
    fates: dict[str, Fate] = {}
    for recorded in page:
        key = key_of(recorded.stream)
        if isinstance(recorded.event, WebhookReceived):
            received[key] = _received(recorded)
        else:
            fates[key] = _fate(recorded)
    rows = [(key, *row, *fates.pop(key, _UNDECIDED)) for key, row in received.items()]
    await write(db, _INSERT, book, rows)
    await write(db, _UPDATE, book, [(key, *fate) for key, fate in fates.items()])


def _received(recorded: Recorded) -> tuple[Any, ...]:
    webhook: WebhookReceived = recorded.event
    return (
        webhook.provider,
        webhook.event_id,
        webhook.sha256,
        webhook.secret_index,
        recorded.recorded_at,
        recorded.position,
    )


def _fate(recorded: Recorded) -> Fate:
    event: WebhookHandled | WebhookParked = recorded.event
    about = (event.name, event.razorpay_order_id)
    match event:
        case WebhookHandled():
            status = WebhookStatus.HANDLED.value
            return (status, *about, event.outcome, None, recorded.recorded_at)
        case WebhookParked():
            return (WebhookStatus.PARKED.value, *about, None, event.reason, None)
        case _:
            assert_never(event)


_INSERT = """
insert into webhooks_v2 (
    book, webhook_id, provider, event_id, sha256, secret_index, received_at, position,
    status, name, razorpay_order_id, outcome, reason, handled_at)
select $1, * from unnest(
    $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::timestamptz[], $8::bigint[],
    $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::timestamptz[])
"""
_UPDATE = """
update webhooks_v2 as known
set status = news.status, name = news.name, razorpay_order_id = news.razorpay_order_id,
    outcome = news.outcome, reason = news.reason, handled_at = news.handled_at
from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::timestamptz[])
    as news(webhook_id, status, name, razorpay_order_id, outcome, reason, handled_at)
where known.book = $1 and known.webhook_id = news.webhook_id
"""
