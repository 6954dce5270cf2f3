"""What became of each SKU's units in a span of days: how much moved, and how long it will last.

On hand is what came in and was not sold: units held for a checkout session are on
hand until they are sold. `stock_movements` carries sums since the first fact, also
of units times seconds: every figure here is the difference of two of its rows,
however many lie between them.
"""

from collections.abc import Sequence
from datetime import date, datetime

from msgspec import Struct

from src.events.connection import Row
from src.queries.analytics.scope import GROUPS_MAX, Scope, TooManyGroups
from src.queries.analytics.shelf_time import (
    Passed,
    Stood,
    cover,
    mean,
    rounded,
    seconds,
    stood,
    turnover,
)
from src.queries.reading import Reading

VIEWS = ("stock_movements",)
"""What the figures are made from; a name comes from `stock`, and is no figure."""
POSITION_MAX = 2**63 - 1


class StockUnits(Struct, frozen=True, kw_only=True):
    """All SKUs together: opening + received + adjusted - sold + returned = closing."""

    opening: int
    received: int
    adjusted: int
    sold: int
    returned: int
    closing: int
    on_hand: int
    held: int
    available: int


class StockItem(Struct, frozen=True, kw_only=True):
    """One SKU; `now` is the moment of `as_of`, and the range ends there if it reaches beyond."""

    sku: str
    name: str | None
    """What the product is called today, whatever moment is asked about."""
    opening: int
    """Units on hand when the first day began."""
    received: int
    """Units that came in, in the range."""
    adjusted: int
    """Units found, or if below zero lost, where counts were corrected in the range."""
    sold: int
    """Units that went into orders in the range, also into those that were cancelled later."""
    returned: int
    """Units of cancelled orders that came back in the range, whenever they were sold."""
    closing: int
    """Units on hand when the last day ended."""
    mean_on_hand: float | None
    """Units on hand, each moment of the range counting alike, also those before the first units
    came; null if the range has not begun."""
    turnover: float | None
    """sold ÷ mean_on_hand: how often what lay there was sold; null if nothing lay there."""
    on_hand: int
    """Units on hand now: received and not sold, held or not."""
    held: int
    """Units on hand that are promised to open checkout sessions now."""
    available: int
    """Units that can be promised now: on_hand - held."""
    days_of_cover: float | None
    """available ÷ units sold a day in the range, a day being 24 hours; null if none was sold."""
    oldest_hold_seconds: int | None
    """For how long the oldest promise has been kept, now; null if there is none."""


class StockTurnover(
    Struct, frozen=True, kw_only=True, rename={"first_day": "from", "last_day": "to"}
):
    """Every SKU that has moved, in the order of their numbers."""

    time_zone: str
    first_day: date
    last_day: date
    items: list[StockItem]
    total: StockUnits


async def stock_turnover(
    db: Reading, scope: Scope, now: datetime, skus: Sequence[str] | None = None
) -> StockTurnover:
    """Answer for some SKUs or for all, from facts up to `scope.as_of`; `now` is its moment.

    Raises TooManyGroups.
    """
    asked = None if skus is None else list(skus)
    rows = await db.fetch(
        _SKUS, scope.book, scope.since, scope.until, scope.as_of, asked, GROUPS_MAX + 1
    )
    if len(rows) > GROUPS_MAX:
        raise TooManyGroups("ask for one `sku`")
    # A fact may come between the look at the clock and the question.
    now = max([now, *(row["latest_at"] for row in rows)])
    items = [_item(row, scope, now) for row in rows]
    return StockTurnover(
        time_zone=scope.zone,
        first_day=scope.first_day,
        last_day=scope.last_day,
        items=items,
        total=_total(items),
    )


def _item(row: Row, scope: Scope, now: datetime) -> StockItem:
    opening, closing = stood(row, OPENING), stood(row, CLOSING)
    passed = Passed(scope.since, min(scope.until, now))
    sold, mean_on_hand = closing.sold - opening.sold, mean(opening, closing, passed)
    held_since: datetime | None = row["oldest_hold_at"]
    return StockItem(
        sku=row["sku"],
        name=row["name"],
        opening=opening.on_hand,
        received=closing.received - opening.received,
        adjusted=closing.adjusted - opening.adjusted,
        sold=sold,
        returned=closing.returned - opening.returned,
        closing=closing.on_hand,
        mean_on_hand=rounded(mean_on_hand),
        turnover=rounded(turnover(sold, mean_on_hand)),
        on_hand=row["on_hand"],
        held=row["reserved"],
        available=row["available"],
        days_of_cover=rounded(cover(row["available"], sold, passed)),
        oldest_hold_seconds=None if held_since is None else int(seconds(now - held_since)),
    )


def _total(items: Sequence[StockItem]) -> StockUnits:
    names = StockUnits.__struct_fields__
    return StockUnits(**{name: sum(getattr(each, name) for each in items) for name in names})


OPENING, CLOSING = 0, len(Stood._fields)
"""Where the columns of each begin in a row of the answer."""
_STOOD = """
    select of_then.received_so_far, of_then.adjusted_so_far, of_then.sold_so_far,
        of_then.returned_so_far, of_then.on_hand, of_then.unit_seconds_so_far, of_then.moved_at
    from (
        select position from read.stock_movements
        where book = $1 and sku = asked.sku and moved_at < {moment}
        order by moved_at desc, position desc limit 1
    ) as last cross join lateral (
        select * from read.stock_movements
        where book = $1 and sku = asked.sku and position <= least(last.position, $4::bigint)
        order by position desc limit 1
    ) as of_then
"""
# The SKUs are found one after the other in the index: they are few, and their rows millions.
_SKUS = f"""
with recursive walk as (
    (select sku from read.stock_movements where book = $1 and $5::text[] is null
     order by sku limit 1)
    union all
    select (select next.sku from read.stock_movements as next
            where next.book = $1 and next.sku > walk.sku order by next.sku limit 1)
    from walk where walk.sku is not null
), asked as (
    select sku from walk where sku is not null
    union select named collate "C" from unnest($5::text[]) as named
)
select opening.*, closing.*, asked.sku, known.name, latest.moved_at as latest_at,
    latest.on_hand, latest.reserved, latest.available, latest.oldest_hold_at
from asked
cross join lateral (
    select * from read.stock_movements
    where book = $1 and sku = asked.sku and position <= coalesce($4::bigint, {POSITION_MAX})
    order by position desc limit 1
) as latest
left join lateral ({_STOOD.format(moment="$2")}) as opening on true
left join lateral ({_STOOD.format(moment="$3")}) as closing on true
left join read.stock as known on known.book = $1 and known.sku = asked.sku
order by asked.sku limit $6
"""  # noqa: S608  # our own names
