"""One row a step of a payment: what was known of it from that position on, and until which.

Money is late when its session had ended before it was known to be here. That
follows from the order of the facts alone: each end and each Razorpay order of
ours is kept with its position, and compared with the position of the news. News
that came before it was known whose Razorpay order it is counts from there on.

A step is complete in itself and knows the position of the next one, so that the
state of any payment at any position is one row.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from src.events.checkout import ENDINGS, CheckoutEnding
from src.events.connection import Connection
from src.events.envelope import Recorded
from src.events.identifiers import key_of
from src.events.order import OrderPlaced
from src.events.payment import PaymentFailed, PaymentNews, PaymentOrderOpened
from src.projections.payment_quarters import CLEAR, counting, discounting
from src.projections.payment_quarters import DDL as QUARTERS_DDL
from src.projections.payments import STATUS
from src.projections.projection import Handles, write

NAME, VERSION = "payment_steps", 1
TABLES = ("payment_steps_v1", "payment_openings_v1", "session_ends_v1", "payment_quarters_v1")
HANDLES: Handles = frozenset({PaymentOrderOpened, OrderPlaced, *STATUS, *ENDINGS})
DDL = f"""
create table if not exists session_ends_v1 (
    book                int    not null,
    checkout_session_id text   collate "C" not null,
    ending              text   collate "C" not null,
    position            bigint not null,
    primary key (book, checkout_session_id)
);
create table if not exists payment_openings_v1 (
    book                int    not null,
    razorpay_order_id   text   collate "C" not null,
    checkout_session_id text   collate "C" not null,
    position            bigint not null,
    primary key (book, razorpay_order_id)
);
create table if not exists payment_steps_v1 (
    book                int         not null,
    position            bigint      not null,
    next_position       bigint,
    ours_position       bigint,
    at                  timestamptz not null,
    first_seen          timestamptz not null,
    razorpay_order_id   text        collate "C" not null,
    razorpay_payment_id text        collate "C" not null,
    status              text        collate "C" not null,
    amount_minor        bigint      not null,
    currency            text        collate "C" not null,
    method              text        collate "C",
    reason              text,
    checkout_session_id text        collate "C",
    session_ending      text        collate "C",
    order_id            text        collate "C",
    order_position      bigint,
    ordered_at          timestamptz,
    primary key (book, razorpay_order_id, razorpay_payment_id, position)
);
create index if not exists payment_steps_v1_position on payment_steps_v1 (book, position);
create index if not exists payment_steps_v1_first_seen on payment_steps_v1 (book, first_seen)
    include (position, next_position, ours_position, currency, status, method, reason,
        amount_minor);
create index if not exists payment_steps_v1_late on payment_steps_v1 (book, at)
    where session_ending is not null and status = 'captured';
{QUARTERS_DDL}
create or replace view session_ends as select * from session_ends_v1;
create or replace view payment_openings as select * from payment_openings_v1;
create or replace view payment_steps as select * from payment_steps_v1;
"""  # noqa: S608  # our own names

Key = tuple[str, str]
"""A Razorpay order and a payment of it."""


class Step(Struct, kw_only=True):
    """A step that may still learn what came after it."""

    position: int
    method: str | None
    first_seen: datetime
    news: tuple[Any, ...] = ()
    next_position: int | None = None
    order: tuple[str | None, int | None, datetime | None] = (None, None, None)


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """Take in ends and Razorpay orders first: positions say what stood before what."""
    opened = [_opened(each) for each in page if isinstance(each.event, PaymentOrderOpened)]
    await write(db, _END, book, list(_ends(page).values()))
    await write(db, _OPEN, book, opened)
    await write(db, _OWN, book, opened)
    known = await _known(page, db, book)
    latest = dict(known)
    steps = _steps(page, latest)
    _become_orders(page, latest)
    moved = [(key, step) for key, step in known.items() if step.next_position or step.order[0]]
    await write(
        db, _MOVE, book, [(*key, at.position, at.next_position, *at.order) for key, at in moved]
    )
    await write(db, _ADD, book, [_row(key, step) for key, step in steps])
    if moved:
        await db.execute(CLEAR, book)


def _ends(page: Sequence[Recorded]) -> Mapping[str, tuple[Any, ...]]:
    """Only the first end counts: whatever comes after it came after an end."""
    ends: dict[str, tuple[Any, ...]] = {}
    for recorded in page:
        if isinstance(recorded.event, CheckoutEnding):
            key = key_of(recorded.stream)
            ends.setdefault(key, (key, ENDINGS[type(recorded.event)], recorded.position))
    return ends


def _opened(recorded: Recorded) -> tuple[Any, ...]:
    event: PaymentOrderOpened = recorded.event
    return (event.razorpay_order_id, event.checkout_session_id, recorded.position)


async def _known(page: Sequence[Recorded], db: Connection, book: int) -> dict[Key, Step]:
    """Return the last step of every payment on this page that was heard of before."""
    asked = {key for each in page if (key := _payment_of(each)) is not None}
    if not asked:
        return {}
    rows = await db.fetch(_LAST, book, *map(list, zip(*asked, strict=True)))
    return {
        (row[0], row[1]): Step(position=row[2], method=row[3], first_seen=row[4]) for row in rows
    }


def _payment_of(recorded: Recorded) -> Key | None:
    event = recorded.event
    if isinstance(event, PaymentNews):
        return key_of(recorded.stream), event.razorpay_payment_id
    if isinstance(event, OrderPlaced) and event.payment is not None:
        return event.payment.razorpay_order_id, event.payment.razorpay_payment_id
    return None


def _steps(page: Sequence[Recorded], latest: dict[Key, Step]) -> list[tuple[Key, Step]]:
    """A later word that does not name the method does not take it away."""
    steps: list[tuple[Key, Step]] = []
    for recorded in page:
        if not isinstance(recorded.event, PaymentNews):
            continue
        key = (key_of(recorded.stream), recorded.event.razorpay_payment_id)
        before = latest.get(key)
        if before is not None:
            before.next_position = recorded.position
        latest[key] = _step(recorded, before)
        steps.append((key, latest[key]))
    return steps


def _step(recorded: Recorded, before: Step | None) -> Step:
    news: PaymentNews = recorded.event
    reason = news.reason if isinstance(news, PaymentFailed) else None
    return Step(
        position=recorded.position,
        method=news.method or (before.method if before else None),
        first_seen=before.first_seen if before else recorded.recorded_at,
        news=(
            recorded.recorded_at,
            STATUS[type(news)],
            news.amount.amount,
            news.amount.currency,
            reason,
        ),
    )


def _become_orders(page: Sequence[Recorded], latest: Mapping[Key, Step]) -> None:
    """What was captured stays so: an order is paid with the last step of its payment."""
    for recorded in page:
        if isinstance(recorded.event, OrderPlaced) and recorded.event.payment is not None:
            paid = recorded.event.payment
            step = latest.get((paid.razorpay_order_id, paid.razorpay_payment_id))
            if step is not None:
                step.order = (recorded.event.order_id, recorded.position, recorded.recorded_at)


def _row(key: Key, step: Step) -> tuple[Any, ...]:
    known = (step.position, step.next_position, step.first_seen, step.method)
    return (*key, *known, *step.news, *step.order)


_END = """
insert into session_ends_v1 (book, checkout_session_id, ending, position)
select $1, * from unnest($2::text[], $3::text[], $4::bigint[])
on conflict (book, checkout_session_id) do nothing
"""
_OPEN = """
insert into payment_openings_v1 (book, razorpay_order_id, checkout_session_id, position)
select $1, * from unnest($2::text[], $3::text[], $4::bigint[])
"""
_OWN = counting(
    """update payment_steps_v1 as step set
    checkout_session_id = opened.checkout_session_id, ours_position = opened.position,
    session_ending = ended.ending
from unnest($2::text[], $3::text[], $4::bigint[])
    as opened(razorpay_order_id, checkout_session_id, position)
left join session_ends_v1 as ended on ended.book = $1
    and ended.checkout_session_id = opened.checkout_session_id
    and ended.position < opened.position
where step.book = $1 and step.razorpay_order_id = opened.razorpay_order_id
""",
    row="step",
)
_LAST = """
select known.razorpay_order_id, known.razorpay_payment_id, known.position, known.method,
    known.first_seen
from unnest($2::text[], $3::text[]) as asked(razorpay_order_id, razorpay_payment_id)
join payment_steps_v1 as known using (razorpay_order_id, razorpay_payment_id)
where known.book = $1 and known.next_position is null
"""
_MOVE = discounting(
    """update payment_steps_v1 as known set
    next_position = news.next_position,
    order_id = news.order_id, order_position = news.order_position, ordered_at = news.ordered_at
from unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[],
    $8::timestamptz[])
    as news(razorpay_order_id, razorpay_payment_id, position, next_position, order_id,
        order_position, ordered_at)
where known.book = $1 and known.razorpay_order_id = news.razorpay_order_id
    and known.razorpay_payment_id = news.razorpay_payment_id and known.position = news.position
""",
    row="known",
)
_ADD = counting(
    """insert into payment_steps_v1 (
    book, razorpay_order_id, razorpay_payment_id, position, next_position, first_seen, method,
    at, status, amount_minor, currency, reason, order_id, order_position, ordered_at,
    checkout_session_id, ours_position, session_ending)
select $1, news.*, opened.checkout_session_id,
    case when opened.position is not null then greatest(news.position, opened.position) end,
    ended.ending
from unnest(
    $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::text[],
    $8::timestamptz[], $9::text[], $10::bigint[], $11::text[], $12::text[], $13::text[],
    $14::bigint[], $15::timestamptz[])
    as news(razorpay_order_id, razorpay_payment_id, position, next_position, first_seen, method,
        at, status, amount_minor, currency, reason, order_id, order_position, ordered_at)
left join payment_openings_v1 as opened
    on opened.book = $1 and opened.razorpay_order_id = news.razorpay_order_id
left join session_ends_v1 as ended
    on ended.book = $1 and ended.checkout_session_id = opened.checkout_session_id
    and ended.position < greatest(news.position, opened.position)
""",
    row="payment_steps_v1",
)
