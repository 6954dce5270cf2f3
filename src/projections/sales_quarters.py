"""Sums of sales: one row a quarter of an hour, currency and SKU, and one for the whole shop."""

from collections import defaultdict
from datetime import datetime, timedelta

from src.events.connection import Connection
from src.events.order import OrderPlaced
from src.projections.projection import write
from src.projections.sold_refunds import Step

QUARTER_MINUTES = 15
WHOLE = ""
"""In the column `sku`: everything sold in this quarter, with what belongs to no SKU."""
DDL = """
create table if not exists sales_quarters_v1 (
    book           int         not null,
    currency       text        collate "C" not null,
    quarter        timestamptz not null,
    sku            text        collate "C" not null,
    orders         bigint      not null,
    units          bigint      not null,
    gross_minor    bigint      not null,
    discount_minor bigint      not null,
    shipping_minor bigint      not null,
    refund_minor   bigint      not null,
    primary key (book, currency, quarter, sku)
);
create index if not exists sales_quarters_v1_whole on sales_quarters_v1 (book, currency, quarter)
    where sku = '';
"""


class Quarters:
    """What a page adds, one row for each that it touches: a busy quarter is written once."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, datetime, str], list[int]] = defaultdict(lambda: [0] * 6)

    def add_order(self, order: OrderPlaced, at: datetime) -> None:
        """Count an order as a whole, and each of its lines."""
        totals = order.totals
        units = sum(line.quantity for line in order.lines)
        shipping = 0 if totals.shipping is None else totals.shipping.amount
        whole = (1, units, totals.subtotal.amount, totals.discount.amount, shipping, 0)
        currency, quarter = totals.total.currency, quarter_of(at)
        self._add((currency, quarter, WHOLE), whole)
        for line in order.lines:
            sold = (1, line.quantity, line.line_total.amount, line.discount.amount, 0, 0)
            self._add((currency, quarter, line.sku), sold)

    def add_refund(self, step: Step) -> None:
        """Count money of an order that goes back, or stays after all."""
        if step.order_id is not None:
            back = (0, 0, 0, 0, 0, step.amount_minor)
            self._add((step.currency, quarter_of(step.at), WHOLE), back)

    async def write(self, db: Connection, book: int) -> None:
        """Add it all to the table."""
        await write(db, _ADD, book, [(*key, *sums) for key, sums in sorted(self._sums.items())])

    def _add(self, key: tuple[str, datetime, str], amounts: tuple[int, ...]) -> None:
        sums = self._sums[key]
        for place, amount in enumerate(amounts):
            sums[place] += amount


def quarter_of(at: datetime) -> datetime:
    """Return when the quarter of an hour began."""
    return at - timedelta(
        minutes=at.minute % QUARTER_MINUTES, seconds=at.second, microseconds=at.microsecond
    )


_ADD = """
insert into sales_quarters_v1 as known (
    book, currency, quarter, sku, orders, units, gross_minor, discount_minor, shipping_minor,
    refund_minor)
select $1, * from unnest(
    $2::text[], $3::timestamptz[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[],
    $8::bigint[], $9::bigint[], $10::bigint[])
on conflict (book, currency, quarter, sku) do update set
    orders = known.orders + excluded.orders,
    units = known.units + excluded.units,
    gross_minor = known.gross_minor + excluded.gross_minor,
    discount_minor = known.discount_minor + excluded.discount_minor,
    shipping_minor = known.shipping_minor + excluded.shipping_minor,
    refund_minor = known.refund_minor + excluded.refund_minor
"""
