"""What analysts see of sales: orders and their lines, every movement of money, and sums."""

from collections.abc import Mapping

from src.projections.published.view import View

MINOR = "in minor units of `currency`"
BOOK = "The number of the shop's book."
POSITION = "Of the fact in the book; `position <= n` shows what was known at n."
CURRENCY = "ISO 4217."
_SUMS: Mapping[str, str] = {
    "orders": "Orders placed; one that is cancelled later stays, and its refund takes it out.",
    "units": "Units ordered.",
    "gross_minor": f"Units times price, before discounts, tax included, {MINOR}.",
    "discounts_minor": f"What coupons took off, {MINOR}.",
    "shipping_minor": f"What was asked for shipping, {MINOR}.",
    "refunds_minor": f"Money of orders that began to go back, {MINOR};"
    " less than zero where more of it stayed after all, because refunds failed."
    " What a bank took back is in `disputes`, not here.",
    "net_minor": f"gross - discounts + shipping - refunds, {MINOR}.",
}
ORDERS = View(
    name="orders",
    comment="One row an order, as it stands now.",
    columns={
        "book": BOOK,
        "order_id": "As the API calls it.",
        "number": "What the customer was told.",
        "status": "placed, fulfilled or cancelled.",
        "placed_at": "When it was placed, UTC.",
        "cart_id": "The cart that it was made of.",
        "checkout_session_id": "The checkout session that it was paid in.",
        "customer_id": "Who bought it; the same guest has the same id for one mailbox only.",
        "guest": "Whether it was bought without an account.",
        "coupon": "The code of the coupon that counted; null without one.",
        "payment_method": "upi, card, …, as Razorpay said; null when unknown or nothing to pay.",
        "razorpay_order_id": "Razorpay's order; null when there was nothing to pay.",
        "razorpay_payment_id": "Razorpay's payment; null when there was nothing to pay.",
        "units": "Units ordered, of all SKUs together.",
        "gross_minor": f"Units times price, before discounts, tax included, {MINOR}.",
        "discount_minor": f"What the coupon took off, {MINOR}.",
        "shipping_minor": f"What was asked for shipping, {MINOR}.",
        "total_minor": f"gross - discount + shipping: what was paid, {MINOR}.",
        "refunded_minor": f"What went back or is going back by now, {MINOR}.",
        "net_minor": f"total - refunded, {MINOR}.",
        "currency": CURRENCY,
        "fulfilled_at": "When the first parcel left, UTC; null before.",
        "cancelled_at": "When it was cancelled, UTC; null if it was not.",
        "position": POSITION,
    },
    query="""
select sold.book, sold.order_id, sold.number,
    case when sold.cancelled_at is not null then 'cancelled'
        when sold.fulfilled_at is not null then 'fulfilled' else 'placed' end as status,
    sold.placed_at, sold.cart_id, sold.checkout_session_id, sold.customer_id, sold.guest,
    sold.coupon, coalesce(sold.payment_method, paid.method) as payment_method,
    sold.razorpay_order_id, sold.razorpay_payment_id, sold.units, sold.gross_minor,
    sold.discount_minor, sold.shipping_minor,
    sold.gross_minor - sold.discount_minor + sold.shipping_minor as total_minor,
    sold.refunded_minor,
    sold.gross_minor - sold.discount_minor + sold.shipping_minor - sold.refunded_minor as net_minor,
    sold.currency, sold.fulfilled_at, sold.cancelled_at, sold.position
from models.sold_orders as sold
left join models.payments as paid
    on paid.book = sold.book and paid.razorpay_order_id = sold.razorpay_order_id
    and paid.payment_id = sold.razorpay_payment_id
""",
    models=("sales", "payments"),
    order=("order_id",),
    born="position",
    time="placed_at",
)
ORDER_LINES = View(
    name="order_lines",
    comment="One row a line of an order: an SKU at the price it was sold for.",
    columns={
        "book": BOOK,
        "order_id": "The order; see `orders`.",
        "sku": "The product; an order names each once.",
        "name": "What the product was called then.",
        "quantity": "Units.",
        "unit_price_minor": f"Of one unit, tax included, {MINOR}.",
        "gross_minor": f"Units times price, {MINOR}.",
        "discount_minor": f"This line's exact share of the coupon, {MINOR}.",
        "net_minor": f"gross - discount, {MINOR}; shipping and refunds belong to no line.",
        "currency": CURRENCY,
        "placed_at": "When the order was placed, UTC.",
        "position": POSITION,
    },
    query="""
select book, order_id, sku, name, quantity, unit_price_minor, gross_minor, discount_minor,
    gross_minor - discount_minor as net_minor, currency, placed_at, position
from models.sold_lines
""",
    models=("sales",),
    order=("order_id", "sku"),
    born="position",
    time="placed_at",
)
SALES = View(
    name="sales",
    comment="One row whatever moves sales: an order placed, or a step of a refund of an order.",
    columns={
        "book": BOOK,
        "at": "When it was recorded, UTC.",
        "position": POSITION,
        "kind": "order; or of a refund: requested, pending, processed, failed, refused, dropped.",
        "order_id": "The order; see `orders`.",
        "refund_id": "The refund; null for an order.",
        "currency": CURRENCY,
        **_SUMS,
    },
    query="""
select book, placed_at as at, position, 'order'::text as kind, order_id, null::text as refund_id,
    currency, 1::bigint as orders, units, gross_minor, discount_minor as discounts_minor,
    shipping_minor, 0::bigint as refunds_minor,
    gross_minor - discount_minor + shipping_minor as net_minor
from models.sold_orders
union all
select book, at, position, step, order_id, refund_id, currency, 0::bigint, 0::bigint, 0::bigint,
    0::bigint, 0::bigint, amount_minor, -amount_minor
from models.sold_refunds where order_id is not null
""",
    models=("sales",),
    order=("order_id", "position"),
    born="position",
    time="at",
)
QUARTER_HOUR_SALES = View(
    name="quarter_hour_sales",
    comment="One row a quarter of an hour and currency in which sales moved: sums of `sales`.",
    columns={
        "book": BOOK,
        "quarter": "When the quarter of an hour began, UTC; every time zone's day begins with one.",
        "currency": CURRENCY,
        **_SUMS,
    },
    query="""
select book, quarter, currency, orders, units, gross_minor, discount_minor as discounts_minor,
    shipping_minor, refund_minor as refunds_minor,
    gross_minor - discount_minor + shipping_minor - refund_minor as net_minor
from models.sales_quarters where sku = ''
""",
    models=("sales",),
    order=("currency", "quarter"),
    time="quarter",
)
SALES_BY_QUARTER = View(
    name="sales_by_quarter",
    comment="One row a quarter of an hour, currency and SKU; all but `orders` may be added up.",
    columns={
        "book": BOOK,
        "quarter": "When the quarter of an hour began, UTC; every time zone's day begins with one.",
        "currency": CURRENCY,
        "sku": "The product; null for shipping and refunds, which belong to none.",
        **_SUMS,
        "orders": "Orders with this SKU: one with two SKUs is in two rows; 0 where `sku` is null.",
    },
    query="""
select book, quarter, currency, nullif(sku, '') as sku,
    case when sku = '' then 0 else orders end as orders,
    case when sku = '' then 0 else units end as units,
    case when sku = '' then 0 else gross_minor end as gross_minor,
    case when sku = '' then 0 else discount_minor end as discounts_minor,
    shipping_minor, refund_minor as refunds_minor,
    case when sku = '' then 0 else gross_minor - discount_minor end + shipping_minor - refund_minor
        as net_minor
from models.sales_quarters
""",
    models=("sales",),
    order=("currency", "quarter", "coalesce(sku, '')"),
    time="quarter",
)
DAILY_SALES = View(
    name="daily_sales",
    comment="One row a day of the shop's time zone and currency; days without sales have none.",
    columns={"book": BOOK, "day": "In the shop's time zone.", "currency": CURRENCY, **_SUMS},
    query="""
select sums.book, (quarter at time zone time_zone)::date as day, currency,
    sum(orders)::bigint as orders, sum(units)::bigint as units,
    sum(gross_minor)::bigint as gross_minor, sum(discount_minor)::bigint as discounts_minor,
    sum(shipping_minor)::bigint as shipping_minor, sum(refund_minor)::bigint as refunds_minor,
    sum(gross_minor - discount_minor + shipping_minor - refund_minor)::bigint as net_minor
from models.sales_quarters as sums left join models.shop on shop.book = sums.book
where sku = '' group by 1, 2, 3
""",
    models=("sales",),
    order=("day", "currency"),
    time="day",
)
VIEWS: tuple[View, ...] = (
    ORDERS,
    ORDER_LINES,
    SALES,
    QUARTER_HOUR_SALES,
    SALES_BY_QUARTER,
    DAILY_SALES,
)
