"""The family of journeys: three carts for two orders, with their sessions and every step of them.

Of fifteen carts ten become orders; one is never filled, one never checked out, and of
the sessions of the last three one fails, one expires and one is cancelled.
"""

from src.queries.analytics.abandonment import abandonment
from src.queries.analytics.funnel import funnel
from src.queries.reading import Reading
from tests.bench.analytics_size import BOOK, Family, Question, Size

_KINDS = 15
_CARTS = "generate_series(1, {orders} * 3 / 2)"
_AT = "({begin} + ({end} - {begin}) * ((n - 1) / ({orders} * 1.5)))"
_POSITION = "(n * 13::bigint)"
"""Three carts have the positions of two orders."""
_ID = "lpad(n::text, 9, '0')"
_MAKE_CARTS = f"""
insert into carts_v1 (
    book, cart_id, currency, quantities, opened_at, opened_position, filled_at, filled_position,
    ordered_at, ordered_position, order_id, changed_at, changed_position,
    started_at, started_position, pending_at, pending_position,
    confirmed_at, confirmed_position, completed_at, completed_position,
    started_after, pending_after, confirmed_after, completed_after,
    outcome, outcome_position, outcome_minor)
select {{book}}, 'cart_' || {_ID}, 'INR', '{{{{"SKU-1": 1}}}}', at, position,
    case when kind <> 10 then at + '20 s' end, case when kind <> 10 then position + 1 end,
    case when kind < 10 then at + '260 s' end, case when kind < 10 then position + 6 end,
    case when kind < 10 then 'ord_' || {_ID} end, at + '260 s', position + 6,
    case when is_checked then at + '60 s' end, case when is_checked then position + 2 end,
    case when is_checked then at + '80 s' end, case when is_checked then position + 4 end,
    case when kind < 10 then at + '250 s' end, case when kind < 10 then position + 5 end,
    case when kind < 10 then at + '260 s' end, case when kind < 10 then position + 6 end,
    case when is_checked then 60 + n % 600 end, case when is_checked then 20 + n % 60 end,
    case when kind < 10 then 170 + n % 300 end, case when kind < 10 then n % 10 end,
    case when kind < 10 then 'ordered' when kind = 12 then 'failed:payment_declined'
        when kind = 13 then 'expired' when kind = 14 then 'cancelled' end,
    case when is_checked then position + 6 end, case when is_checked then 20000 end
from (
    select n, n % {_KINDS} as kind, n % {_KINDS} not in (10, 11) as is_checked,
        {_AT} as at, {_POSITION} as position
    from {_CARTS} as n
) as cart order by n
"""  # noqa: S608  # our own words
_MAKE_SESSIONS = f"""
insert into checkout_sessions_v1 (
    book, checkout_session_id, cart_id, guest, currency, subtotal_minor, total_minor, lines, units,
    state, started_at, started_position, pending_at, pending_position, confirmed_at,
    confirmed_position, ordered_at, ordered_position, order_id, ended_at, ended_position,
    ended_as, ended_reason, revivals, started_for, pending_for, changed_at, changed_position)
select {{book}}, 'chk_' || {_ID}, 'cart_' || {_ID}, true, 'INR', 20000, 24900, 1, 2,
    case when kind < 10 then 'ORDER_CREATED' else 'CART_PENDING' end,
    at + '60 s', position + 2, at + '80 s', position + 4,
    case when kind < 10 then at + '250 s' end, case when kind < 10 then position + 5 end,
    case when kind < 10 then at + '260 s' end, case when kind < 10 then position + 6 end,
    case when kind < 10 then 'ord_' || {_ID} end,
    case when kind > 11 then at + '260 s' end, case when kind > 11 then position + 6 end,
    case kind when 12 then 'failed' when 13 then 'expired' when 14 then 'cancelled' end,
    case kind when 12 then 'payment_declined' end,
    0, '20 s', '170 s', at + '260 s', position + 6
from (
    select n, n % {_KINDS} as kind, {_AT} as at, {_POSITION} as position
    from {_CARTS} as n where n % {_KINDS} not in (10, 11)
) as session order by n
"""  # noqa: S608  # our own words
_MAKE_STEPS = f"""
insert into checkout_steps_v1 (
    book, checkout_session_id, position, at, step, state, reason, after)
select {{book}}, 'chk_' || {_ID}, position + place, at + after, step, state, reason, after
from (
    select n, n % {_KINDS} as kind, {_AT} as at, {_POSITION} as position
    from {_CARTS} as n where n % {_KINDS} not in (10, 11)
) as session
join (values
    (2, 0, 14, '60 s'::interval, 'started', 'CHECKOUT_STARTED', null),
    (3, 0, 14, '70 s', 'payment_requested', 'CHECKOUT_STARTED', null),
    (4, 0, 14, '80 s', 'payment_opened', 'PAYMENT_PENDING', null),
    (5, 0, 9, '250 s', 'payment_confirmed', 'PAYMENT_CONFIRMED', null),
    (6, 0, 9, '260 s', 'order_created', 'ORDER_CREATED', null),
    (6, 12, 12, '260 s', 'failed', 'CART_PENDING', 'payment_declined'),
    (6, 13, 13, '260 s', 'expired', 'CART_PENDING', null),
    (6, 14, 14, '260 s', 'cancelled', 'CART_PENDING', null)
) as path(place, first, last, after, step, state, reason) on kind between first and last
order by n, place
"""  # noqa: S608  # our own words


def _funnel(days: int, part: float | None = None) -> Question:
    async def ask(db: Reading, size: Size) -> object:
        return await funnel(db, size.scope(days, size.position(part)))

    return ask


def _abandonment(days: int, part: float | None = None) -> Question:
    async def ask(db: Reading, size: Size) -> object:
        return await abandonment(db, size.scope(days, size.position(part)))

    return ask


async def _sessions(db: Reading, _: Size) -> object:
    return await db.fetch(
        "select ended_as, count(*), avg(seconds_payment_pending) from read.checkout_sessions"
        " where book = $1 group by 1",
        BOOK,
    )


FAMILY = Family(
    name="journeys",
    fill=(_MAKE_CARTS, _MAKE_SESSIONS, _MAKE_STEPS),
    questions=(
        ("funnel, 90 days", _funnel(90)),
        ("funnel, 7 days", _funnel(7)),
        ("funnel, 90 days, as of the end", _funnel(90, 1.0)),
        ("funnel, 90 days, as of half-way", _funnel(90, 0.5)),
        ("abandonment, 90 days", _abandonment(90)),
        ("abandonment, 7 days", _abandonment(7)),
        ("abandonment, 90 d., as of the end", _abandonment(90, 1.0)),
        ("abandonment, 90 d., as of half-way", _abandonment(90, 0.5)),
        ("view checkout_sessions, by end", _sessions),
    ),
)
