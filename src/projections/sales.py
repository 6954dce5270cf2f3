"""Sales: one row an order, a line, and a step of a refund; and their sums per quarter of an hour.

The rows never lose where in the book they come from, so that every figure can be
had as of any position. The sums answer what is asked most without counting
orders; a quarter of an hour is what every time zone's offset is a multiple of.
"""

from collections.abc import Sequence
from typing import Any

from src.events.connection import Connection
from src.events.envelope import Recorded
from src.events.order import OrderCancelled, OrderFulfilled, OrderPlaced
from src.projections import sold_refunds
from src.projections.projection import Handles, write
from src.projections.sales_quarters import DDL as QUARTERS_DDL
from src.projections.sales_quarters import Quarters
from src.projections.sold_refunds import DDL as REFUNDS_DDL

NAME, VERSION = "sales", 1
TABLES = ("sold_orders_v1", "sold_lines_v1", "sold_refunds_v1", "sales_quarters_v1")
HANDLES: Handles = frozenset({OrderPlaced, OrderFulfilled, OrderCancelled, *sold_refunds.HANDLES})
DDL = f"""
create table if not exists sold_orders_v1 (
    book                int         not null,
    order_id            text        collate "C" not null,
    number              text        collate "C" not null,
    cart_id             text        collate "C" not null,
    checkout_session_id text        collate "C" not null,
    customer_id         text        collate "C" not null,
    guest               boolean     not null,
    coupon              text        collate "C",
    razorpay_order_id   text        collate "C",
    razorpay_payment_id text        collate "C",
    payment_method      text        collate "C",
    units               bigint      not null,
    gross_minor         bigint      not null,
    discount_minor      bigint      not null,
    shipping_minor      bigint      not null,
    currency            text        collate "C" not null,
    placed_at           timestamptz not null,
    position            bigint      not null,
    refunded_minor      bigint      not null default 0,
    fulfilled_at        timestamptz,
    cancelled_at        timestamptz,
    primary key (book, order_id)
);
create index if not exists sold_orders_v1_placed on sold_orders_v1 (book, currency, placed_at)
    include (position, units, gross_minor, discount_minor, shipping_minor);
create index if not exists sold_orders_v1_position on sold_orders_v1 (book, position);
create index if not exists sold_orders_v1_customer on sold_orders_v1 (book, customer_id);
create table if not exists sold_lines_v1 (
    book             int         not null,
    order_id         text        collate "C" not null,
    sku              text        collate "C" not null,
    name             text        not null,
    quantity         bigint      not null,
    unit_price_minor bigint      not null,
    gross_minor      bigint      not null,
    discount_minor   bigint      not null,
    currency         text        collate "C" not null,
    placed_at        timestamptz not null,
    position         bigint      not null,
    primary key (book, order_id, sku)
);
create index if not exists sold_lines_v1_placed on sold_lines_v1 (book, currency, placed_at)
    include (position, sku, quantity, gross_minor, discount_minor);
create index if not exists sold_lines_v1_sku on sold_lines_v1 (book, sku, position);
{REFUNDS_DDL}
{QUARTERS_DDL}
create or replace view sold_orders as select * from sold_orders_v1;
create or replace view sold_lines as select * from sold_lines_v1;
create or replace view sold_refunds as select * from sold_refunds_v1;
create or replace view sales_quarters as select * from sales_quarters_v1;
"""  # noqa: S608  # our own names


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """Add the orders, then what became of them and of their money; last, to the sums."""
    placed = [each for each in page if isinstance(each.event, OrderPlaced)]
    await write(db, _ORDERS, book, [_order(each) for each in placed])
    await write(db, _LINES, book, [line for each in placed for line in _lines(each)])
    await write(db, _FULFIL, book, _first_of(page, OrderFulfilled))
    await write(db, _CANCEL, book, _first_of(page, OrderCancelled))
    steps = await sold_refunds.steps(page, db, book)
    await write(db, sold_refunds.INSERT, book, steps)
    await write(db, _REFUND, book, sold_refunds.by_order(steps))
    quarters = Quarters()
    for each in placed:
        quarters.add_order(each.event, each.recorded_at)
    for step in steps:
        quarters.add_refund(step)
    await quarters.write(db, book)


def _order(recorded: Recorded) -> tuple[Any, ...]:
    order: OrderPlaced = recorded.event
    totals, paid = order.totals, order.payment
    return (
        order.order_id,
        order.order_number,
        order.cart_id,
        order.checkout_session_id,
        order.customer_id,
        order.guest,
        None if order.coupon is None else order.coupon.code,
        None if paid is None else paid.razorpay_order_id,
        None if paid is None else paid.razorpay_payment_id,
        None if paid is None else paid.method,
        sum(line.quantity for line in order.lines),
        totals.subtotal.amount,
        totals.discount.amount,
        0 if totals.shipping is None else totals.shipping.amount,
        totals.total.currency,
        recorded.recorded_at,
        recorded.position,
    )


def _lines(recorded: Recorded) -> list[tuple[Any, ...]]:
    order: OrderPlaced = recorded.event
    return [
        (
            order.order_id,
            line.sku,
            line.name,
            line.quantity,
            line.unit_price.amount,
            line.line_total.amount,
            line.discount.amount,
            line.line_total.currency,
            recorded.recorded_at,
            recorded.position,
        )
        for line in order.lines
    ]


def _first_of(
    page: Sequence[Recorded], kind: type[OrderFulfilled | OrderCancelled]
) -> list[tuple[Any, ...]]:
    """Return when it first happened to each order: parcels may be several."""
    first: dict[str, Any] = {}
    for each in page:
        if isinstance(each.event, kind):
            first.setdefault(each.event.order_id, each.recorded_at)
    return list(first.items())


_ORDERS = """
insert into sold_orders_v1 (
    book, order_id, number, cart_id, checkout_session_id, customer_id, guest, coupon,
    razorpay_order_id, razorpay_payment_id, payment_method, units, gross_minor, discount_minor,
    shipping_minor, currency, placed_at, position)
select $1, * from unnest(
    $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::text[],
    $9::text[], $10::text[], $11::text[], $12::bigint[], $13::bigint[], $14::bigint[],
    $15::bigint[], $16::text[], $17::timestamptz[], $18::bigint[])
"""
_LINES = """
insert into sold_lines_v1 (
    book, order_id, sku, name, quantity, unit_price_minor, gross_minor, discount_minor,
    currency, placed_at, position)
select $1, * from unnest(
    $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
    $9::text[], $10::timestamptz[], $11::bigint[])
"""
_FULFIL = """
update sold_orders_v1 as known set fulfilled_at = coalesce(known.fulfilled_at, news.at)
from unnest($2::text[], $3::timestamptz[]) as news(order_id, at)
where known.book = $1 and known.order_id = news.order_id
"""
_CANCEL = """
update sold_orders_v1 as known set cancelled_at = news.at
from unnest($2::text[], $3::timestamptz[]) as news(order_id, at)
where known.book = $1 and known.order_id = news.order_id
"""
_REFUND = """
update sold_orders_v1 as known set refunded_minor = known.refunded_minor + news.amount_minor
from unnest($2::text[], $3::bigint[]) as news(order_id, amount_minor)
where known.book = $1 and known.order_id = news.order_id
"""
