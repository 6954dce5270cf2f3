"""Sales of some days: by day, week or month, or by SKU, and what they add up to.

Sums per quarter of an hour are asked, of which every zone's day is made. As of a
position they count up to the quarter in which sales moved last; what is in that
one is taken from the journals. It is exact, because positions and times rise
together: whatever was recorded before that quarter came before that position.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import msgspec
from msgspec import UNSET, Struct, UnsetType

from src.events.connection import Row
from src.queries.analytics.periods import Period, beginnings, periods
from src.queries.analytics.scope import GROUPS_MAX, Scope, TooManyGroups
from src.queries.reading import Reading

SKU = "sku"
QUARTER_MINUTES = 15
VIEWS = ("sales", "quarter_hour_sales", "sales_by_quarter", "order_lines")
"""What is asked; they are always true up to the same position."""


class Amounts(Struct, frozen=True, kw_only=True):
    """Money in minor units of one currency; net = gross - discounts + shipping - refunds."""

    orders: int
    units: int
    gross: int
    discounts: int
    shipping: int
    refunds: int
    net: int


NOTHING = Amounts(orders=0, units=0, gross=0, discounts=0, shipping=0, refunds=0, net=0)


class SalesItem(Struct, frozen=True, kw_only=True):
    """Sales of one period, or of one SKU."""

    period: date | UnsetType = UNSET
    """Its first day; left out by SKU."""
    sku: str | UnsetType | None = UNSET
    """Null for shipping and refunds, which belong to no SKU; left out by period."""
    name: str | UnsetType | None = UNSET
    """What the SKU was called when it was last sold; left out by period."""
    orders: int
    """By SKU: orders with this SKU. One with two SKUs counts for both, and for `total` once."""
    units: int
    gross: int
    discounts: int
    shipping: int
    refunds: int
    net: int


class Sales(Struct, frozen=True, kw_only=True, rename={"first_day": "from", "last_day": "to"}):
    """What was sold in a range of days, and what of it went back."""

    currency: str
    time_zone: str
    first_day: date
    last_day: date
    by: str
    items: list[SalesItem]
    """Every period of the range, also an empty one; or every SKU sold, the best first."""
    total: Amounts


async def sales(db: Reading, scope: Scope, by: str) -> Sales:
    """Return sales by day, week, month or SKU; raises TooManyGroups."""
    if by == SKU:
        items, total = await _by_sku(db, scope)
    else:
        items, total = await _by_period(db, scope, Period(by))
    return Sales(
        currency=scope.currency,
        time_zone=scope.zone,
        first_day=scope.first_day,
        last_day=scope.last_day,
        by=by,
        items=items,
        total=total,
    )


async def _by_period(db: Reading, scope: Scope, by: Period) -> tuple[list[SalesItem], Amounts]:
    first_days = periods(scope, by)
    if len(first_days) > GROUPS_MAX:
        raise TooManyGroups("ask for longer periods or fewer days")
    begin = beginnings(scope, first_days)
    rows = await db.fetch(_PERIODS, *await _asked(db, scope), begin)
    # The database numbers the periods from 1.
    known: dict[date, Amounts] = {first_days[row[0] - 1]: _amounts(row) for row in rows}
    items = [_item(known.get(day, NOTHING), period=day) for day in first_days]
    return items, _sum(known.values())


async def _by_sku(db: Reading, scope: Scope) -> tuple[list[SalesItem], Amounts]:
    """Take the SKUs and the whole from one statement, so that both are of one moment."""
    rows = await db.fetch(_SKUS, *await _asked(db, scope), GROUPS_MAX + 1)
    total = _sum(_amounts(row) for row in rows if row[0] is None)
    sold = [row for row in rows if row[0] is not None]
    if len(sold) > GROUPS_MAX:
        raise TooManyGroups("ask for fewer days")
    items = [_item(_amounts(row), sku=row[0], name=row["name"]) for row in sold]
    return [*items, _item(_of_no_sku(total), sku=None, name=None)], total


async def _asked(db: Reading, scope: Scope) -> Sequence[object]:
    """Return the first parameters of every question: the fifth is where the journals begin."""
    edge, position = scope.until, scope.as_of
    if position is not None:
        last: datetime | None = await db.fetchval(_LAST_MOVED, scope.book, position)
        edge = scope.since if last is None else max(scope.since, min(scope.until, _quarter(last)))
    return scope.book, scope.currency, scope.since, scope.until, edge, position


def _quarter(at: datetime) -> datetime:
    minutes = at.minute % QUARTER_MINUTES
    return at.replace(minute=at.minute - minutes, second=0, microsecond=0)


def _amounts(row: Row) -> Amounts:
    return Amounts(
        orders=row["orders"],
        units=row["units"],
        gross=row["gross"],
        discounts=row["discounts"],
        shipping=row["shipping"],
        refunds=row["refunds"],
        net=row["net"],
    )


def _sum(parts: Iterable[Amounts]) -> Amounts:
    columns = zip(*(msgspec.structs.astuple(part) for part in (NOTHING, *parts)), strict=True)
    return Amounts(**dict(zip(Amounts.__struct_fields__, map(sum, columns), strict=True)))


def _of_no_sku(total: Amounts) -> Amounts:
    shipping, refunds = total.shipping, total.refunds
    return msgspec.structs.replace(
        NOTHING, shipping=shipping, refunds=refunds, net=shipping - refunds
    )


def _item(
    amounts: Amounts,
    *,
    period: date | UnsetType = UNSET,
    sku: str | UnsetType | None = UNSET,
    name: str | UnsetType | None = UNSET,
) -> SalesItem:
    return SalesItem(period=period, sku=sku, name=name, **msgspec.structs.asdict(amounts))


_SUMS = """
    sum(orders)::bigint as orders, sum(units)::bigint as units,
    sum(gross_minor)::bigint as gross, sum(discounts_minor)::bigint as discounts,
    sum(shipping_minor)::bigint as shipping, sum(refunds_minor)::bigint as refunds,
    sum(net_minor)::bigint as net
"""
_COLUMNS = """
    orders, units, gross_minor, discounts_minor, shipping_minor, refunds_minor, net_minor
"""
_LAST_MOVED = """
select at from read.sales where book = $1 and position <= $2 order by position desc limit 1
"""
_MOVED = f"""
    select quarter as at, {_COLUMNS} from read.quarter_hour_sales
    where book = $1 and currency = $2 and quarter >= $3 and quarter < $5
    union all
    select at, {_COLUMNS} from read.sales
    where book = $1 and currency = $2 and at >= $5 and at < $4 and position <= $6
"""  # noqa: S608  # our own names
_SOLD = """
    select sku, orders, units, gross_minor, discounts_minor from read.sales_by_quarter
    where book = $1 and currency = $2 and quarter >= $3 and quarter < $5 and sku is not null
    union all
    select sku, 1, quantity, gross_minor, discount_minor from read.order_lines
    where book = $1 and currency = $2 and placed_at >= $5 and placed_at < $4 and position <= $6
"""
_PERIODS = f"""
select width_bucket(at, $7::timestamptz[]) as period, {_SUMS}
from ({_MOVED}) as moved group by 1
"""  # noqa: S608  # as above
_SKUS = f"""
select sold.*, 0::bigint as shipping, 0::bigint as refunds, gross - discounts as net, (
    select line.name from read.order_lines as line
    where line.book = $1 and line.sku = sold.sku and ($6::bigint is null or line.position <= $6)
    order by line.position desc limit 1) as name
from (
    select sku, sum(orders)::bigint as orders, sum(units)::bigint as units,
        sum(gross_minor)::bigint as gross, sum(discounts_minor)::bigint as discounts
    from ({_SOLD}) as sold group by sku order by gross desc, sku limit $7
) as sold
union all
select null, {_SUMS}, null from ({_MOVED}) as moved having count(*) > 0
"""  # noqa: S608  # as above
