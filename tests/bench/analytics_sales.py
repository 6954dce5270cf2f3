"""The family of sales: orders of one to three lines, every twentieth with a refund."""

from src.queries.analytics.sales import sales
from src.queries.reading import Reading
from tests.bench.analytics_size import BOOK, Family, Question, Size

_ORDERS = """
insert into sold_orders_v1 (
    book, order_id, number, cart_id, checkout_session_id, customer_id, guest,
    razorpay_order_id, razorpay_payment_id, payment_method, units, gross_minor, discount_minor,
    shipping_minor, currency, placed_at, position)
select {book}, 'ord_' || n, 'N-' || n, 'cart_' || n, 'chk_' || n, 'cus_' || n % 50000, n % 3 = 0,
    'order_' || n, 'pay_' || n, 'upi', 1 + n % 3, (1 + n % 3) * 10000, 0, 4900, 'INR', {at},
    {position}
from generate_series(1, {orders}) as n
"""
_LINES = """
insert into sold_lines_v1 (
    book, order_id, sku, name, quantity, unit_price_minor, gross_minor, discount_minor,
    currency, placed_at, position)
select {book}, 'ord_' || n, 'SKU-' || (n * 7 + line * 13) % {skus}, 'A product', 1, 10000, 10000, 0,
    'INR', {at}, {position}
from generate_series(1, {orders}) as n, generate_series(0, n % 3) as line
"""
_REFUNDS = """
insert into sold_refunds_v1 (
    book, razorpay_order_id, refund_id, step, order_id, cause, amount_minor, currency, at, position)
select {book}, 'order_' || n, 'refund_' || n, 'requested', 'ord_' || n, 'staff', 5000, 'INR', {at},
    {position} + 1
from generate_series(20, {orders}, 20) as n
"""
_QUARTERS = """
insert into sales_quarters_v1
with lines as (
    select date_bin('15 minutes', placed_at, 'epoch') as quarter, sku, count(*) as orders,
        sum(quantity) as units, sum(gross_minor) as gross
    from sold_lines_v1 group by 1, 2
), wholes as (
    select date_bin('15 minutes', placed_at, 'epoch') as quarter, count(*) as orders,
        sum(units) as units, sum(gross_minor) as gross, sum(shipping_minor) as shipping
    from sold_orders_v1 group by 1
), back as (
    select date_bin('15 minutes', at, 'epoch') as quarter, sum(amount_minor) as refund
    from sold_refunds_v1 group by 1
)
select {book}, 'INR', quarter, sku, orders, units, gross, 0, 0, 0 from lines
union all
select {book}, 'INR', quarter, '', orders, units, gross, 0, shipping, coalesce(refund, 0)
from wholes left join back using (quarter)
order by 3, 4
"""


def _sales(by: str, days: int, *, as_of: bool = False) -> Question:
    async def ask(db: Reading, size: Size) -> object:
        return await sales(db, size.scope(days, size.head if as_of else None), by)

    return ask


async def _whole_view(db: Reading, _: Size) -> object:
    return await db.fetch("select * from read.daily_sales where book = $1", BOOK)


async def _by_coupon(db: Reading, _: Size) -> object:
    return await db.fetch(
        "select coupon, count(*), sum(net_minor) from read.orders where book = $1 group by 1", BOOK
    )


FAMILY = Family(
    name="sales",
    fill=(_ORDERS, _LINES, _REFUNDS, _QUARTERS),
    questions=(
        ("by day, 90 days", _sales("day", 90)),
        ("by month, 90 days", _sales("month", 90)),
        ("by sku, 90 days", _sales("sku", 90)),
        ("by sku, 30 days", _sales("sku", 30)),
        ("by day, 90 days, as of", _sales("day", 90, as_of=True)),
        ("by sku, 90 days, as of", _sales("sku", 90, as_of=True)),
        ("by day, 7 days, as of", _sales("day", 7, as_of=True)),
        ("view daily_sales, all of it", _whole_view),
        ("view orders, net by coupon", _by_coupon),
    ),
)
