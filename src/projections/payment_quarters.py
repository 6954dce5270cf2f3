"""Sums of payments: how many that were first heard of in a quarter of an hour stand where now.

A payment is taken out of one sum and put into another as it goes on, by the
statement that writes the step. A quarter of an hour is what every time zone's
offset is a multiple of.
"""

DDL = """
create table if not exists payment_quarters_v1 (
    book         int         not null,
    currency     text        collate "C" not null,
    quarter      timestamptz not null,
    method       text        collate "C" not null,
    status       text        collate "C" not null,
    reason       text        collate "C" not null,
    payments     bigint      not null,
    amount_minor bigint      not null,
    primary key (book, currency, quarter, method, status, reason)
);
create index if not exists payment_quarters_v1_empty on payment_quarters_v1 (book)
    where payments = 0;
create or replace view payment_quarters as select * from payment_quarters_v1;
"""
CLEAR = "delete from payment_quarters_v1 where book = $1 and payments = 0"
"""So that the rows do not depend on how the book was cut into pages."""
# What has no name is '' here: a key has no nulls.
_COUNT = """
with changed as ({change} returning {row}.*)
insert into payment_quarters_v1 as known (
    book, currency, quarter, method, status, reason, payments, amount_minor)
select $1, currency, date_bin('15 minutes', first_seen, timestamptz '2000-01-01 00:00:00Z'),
    coalesce(method, ''), status, coalesce(reason, ''), {by} * count(*), {by} * sum(amount_minor)
from changed where ours_position is not null and next_position is {left_out} null
group by 2, 3, 4, 5, 6 order by 2, 3, 4, 5, 6
on conflict (book, currency, quarter, method, status, reason) do update set
    payments = known.payments + excluded.payments,
    amount_minor = known.amount_minor + excluded.amount_minor
"""


def counting(change: str, row: str) -> str:
    """Return a statement that writes steps, and counts the payments of which they are the last."""
    return _COUNT.format(change=change, row=row, by=1, left_out="")


def discounting(change: str, row: str) -> str:
    """Return a statement that says what came after steps, and counts them no longer."""
    return _COUNT.format(change=change, row=row, by=-1, left_out="not")
