"""The family of payments: an authorisation and a capture for each order, and failures beside them.

Every fourth order had a payment that failed before. Every hundredth was paid late: a
fourth of these are orders, a fourth went back, and the others became cases, of
which half are resolved. Every twentieth order was refunded.
"""

from src.queries.analytics.late_money import late_money
from src.queries.analytics.payments import payment_success
from src.queries.reading import Reading
from tests.bench.analytics_size import Family, Question, Size

_ID = "lpad(n::text, 9, '0')"
_KEY = f"'order_' || {_ID}, 'pay_' || {_ID}"
_METHOD = "(array['upi', 'card', 'netbanking', 'wallet'])[1 + n % 4]"
_TRIED = "position + 4, null::bigint, at - interval '30 s', at - interval '30 s'"
_COLUMNS = """
insert into payment_steps_v1 (
    book, razorpay_order_id, razorpay_payment_id, position, next_position, at, first_seen,
    status, amount_minor, currency, method, reason, checkout_session_id, session_ending, order_id,
    order_position, ordered_at, ours_position)
"""
_FROM = """
from (select n, {at} as at, {position} as position from generate_series(1, {orders}) as n) as paid
"""
_AUTHORIZED = f"""{_COLUMNS}
select {{book}}, {_KEY}, position + 6, position + 8, at, at, 'authorized', 24900, 'INR', {_METHOD},
    null, 'chk_' || {_ID}, null, null, null, null, position + 6
{_FROM}
"""
_CAPTURED = f"""{_COLUMNS}
select {{book}}, {_KEY}, position + 8, null, at + '2 s', at, 'captured', 24900, 'INR', {_METHOD},
    null, 'chk_' || {_ID}, case when is_late then 'expired' end,
    case when is_ordered then 'ord_' || {_ID} end, case when is_ordered then position + 10 end,
    case when is_ordered then at + '3 s' end, position + 8
from (
    select *, n % 100 = 0 as is_late, n % 100 <> 0 or n % 400 = 0 as is_ordered
    {_FROM}
) as captured
"""  # noqa: S608  # our own words
_FAILED = f"""{_COLUMNS}
select {{book}}, 'order_' || {_ID}, 'payf_' || {_ID}, {_TRIED}, 'failed', 24900, 'INR',
    (array['upi', 'card', 'netbanking', 'wallet'])[1 + n / 4 % 4],
    (array['payment_declined', 'bad_pin', 'timed_out'])[1 + n / 16 % 3], 'chk_' || {_ID}, null,
    null, null, null, position + 4
{_FROM} where n % 4 = 0
"""
_QUARTERS = """
insert into payment_quarters_v1
select {book}, currency, date_bin('15 minutes', first_seen, timestamptz '2000-01-01 00:00:00Z'),
    coalesce(method, ''), status, coalesce(reason, ''), count(*), sum(amount_minor)
from payment_steps_v1 where book = {book} and next_position is null
group by 2, 3, 4, 5, 6 order by 2, 3, 4, 5, 6
"""
_REFUNDS = f"""
insert into refund_steps_v1 (
    book, razorpay_order_id, refund_id, position, next_position, at, requested_at, status, cause,
    razorpay_payment_id, amount_minor, currency)
select {{book}}, 'order_' || {_ID}, 'refund_' || {_ID}, position + 12 + place,
    case place when 0 then position + 13 end, at + '4 s' + place * interval '1 day', at + '4 s',
    status, 'staff', 'pay_' || {_ID}, 24900, 'INR'
from (select * {_FROM} where n % 20 = 10 or n % 400 = 100) as refund,
    (values (0, 'requested'), (1, 'processed')) as step(place, status)
"""  # noqa: S608  # our own words
_CASES = f"""
insert into case_steps_v1 (
    book, stream, case_id, position, next_position, at, opened_at, status, kind, amount_minor,
    currency, razorpay_order_id, razorpay_payment_id, checkout_session_id)
select {{book}}, 'payment-order_' || {_ID}, 'case_' || {_ID}, position + 12 + place,
    case when place = 0 and n % 400 = 300 then position + 13 end,
    at + '4 s' + place * interval '1 day', at + '4 s', status, 'late-money', 24900, 'INR',
    {_KEY}, 'chk_' || {_ID}
from (select * {_FROM} where n % 400 in (200, 300)) as asked,
    (values (0, 'open'), (1, 'resolved')) as step(place, status)
where place = 0 or n % 400 = 300
"""  # noqa: S608  # our own words


def _success(days: int, part: float | None = None) -> Question:
    async def ask(db: Reading, size: Size) -> object:
        return await payment_success(db, size.scope(days, size.position(part)))

    return ask


def _late(days: int, part: float | None = None) -> Question:
    async def ask(db: Reading, size: Size) -> object:
        return await late_money(db, size.scope(days, size.position(part)))

    return ask


FAMILY = Family(
    name="payments",
    fill=(_AUTHORIZED, _CAPTURED, _FAILED, _QUARTERS, _REFUNDS, _CASES),
    questions=(
        ("success, 90 days", _success(90)),
        ("success, 7 days", _success(7)),
        ("success, 90 days, as of the end", _success(90, 1.0)),
        ("success, 90 days, as of half-way", _success(90, 0.5)),
        ("late money, 90 days", _late(90)),
        ("late money, 7 days", _late(7)),
        ("late money, 90 d., as of the end", _late(90, 1.0)),
        ("late money, 90 d., as of half-way", _late(90, 0.5)),
    ),
)
