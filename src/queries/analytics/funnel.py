"""How far the carts of some days came, step by step, and how long each step took."""

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from src.events.checkout import CheckoutState
from src.events.connection import Row
from src.queries.analytics.scope import Scope
from src.queries.reading import Reading

VIEWS = ("carts",)
"""What is asked."""
STEPS = tuple(CheckoutState)
SHARE_DIGITS = 4


class FunnelStep(Struct, frozen=True, kw_only=True):
    """One step, and the carts that came to it: each counts once, at its first time there."""

    step: str
    count: int
    share: float | None
    """Of all carts; null without any."""
    drop_off: float | None
    """Of the carts that came to the step before, the share that did not come to this one; null
    for the first step, and where none came to the one before."""
    median_seconds: float | None
    """Whole seconds from the step before, the mean of the two in the middle of an even number;
    null for the first step, and where no cart came here."""


class Funnel(Struct, frozen=True, kw_only=True, rename={"first_day": "from", "last_day": "to"}):
    """The carts that were opened in a range of days, whenever they came to what."""

    currency: str
    time_zone: str
    first_day: date
    last_day: date
    merged: int
    """Carts of these days that went into others: they are counted in no step, for what was in
    them goes on there."""
    steps: list[FunnelStep]


async def funnel(db: Reading, scope: Scope) -> Funnel:
    """Count the carts opened in the range at every step that they came to."""
    asked: list[object] = [scope.book, scope.since, scope.until, scope.currency]
    if scope.as_of is None:
        rows = await db.fetch(_NOW, *asked)
    else:
        rows = await db.fetch(_AS_OF, *asked, scope.as_of)
    return Funnel(
        currency=scope.currency,
        time_zone=scope.zone,
        first_day=scope.first_day,
        last_day=scope.last_day,
        merged=rows[0]["merged"] if rows else 0,
        steps=list(_steps(rows)),
    )


def _steps(rows: Sequence[Row]) -> Iterator[FunnelStep]:
    """Take the rows of all steps but the first, to which every cart came."""
    counts = [rows[0]["carts"], *(row["reached"] for row in rows)]
    medians = [None, *(row["median"] for row in rows)]
    before = None
    for step, count, median in zip(STEPS, counts, medians, strict=True):
        yield FunnelStep(
            step=step.value,
            count=count,
            share=_part(count, counts[0]),
            drop_off=None if before is None else _part(before - count, before),
            median_seconds=median,
        )
        before = count


def _part(part: int, whole: int) -> float | None:
    return round(part / whole, SHARE_DIGITS) if whole else None


# Equal times are counted first, and the middle is looked for among what is left: to sort the
# times of all carts takes several times as long. `grouping` names the one step that is not.
_FUNNEL = """
with tally as materialized (
    select grouping(started, pending, confirmed, created) as step,
        coalesce(started, pending, confirmed, created) as seconds, count(*) as carts
    from ({carts}) as journey
    group by grouping sets ((started), (pending), (confirmed), (created))
), ranked as (
    select step, seconds, carts,
        sum(carts) filter (where seconds is not null) over (partition by step) as reached,
        sum(carts) over (partition by step order by seconds nulls last) as up_to
    from tally
)
select (select count(*) from read.carts where {merged}) as merged,
    coalesce(sum(carts), 0)::bigint as carts, coalesce(max(reached), 0)::bigint as reached,
    ((min(seconds) filter (where up_to * 2 >= reached)
        + min(seconds) filter (where up_to * 2 >= reached + 1)) / 2.0)::float8 as median
from (values (1, 7), (2, 11), (3, 13), (4, 14)) as number(step, grouped)
left join ranked on ranked.step = number.grouped
group by number.step order by number.step
"""
_ASKED = "book = $1 and opened_at >= $2 and opened_at < $3 and currency = $4"
_NOW = _FUNNEL.format(
    carts=f"""
    select seconds_to_checkout as started, seconds_to_payment as pending,
        seconds_to_confirmation as confirmed, seconds_to_order as created
    from read.carts
    where {_ASKED} and (merged_at is null or order_created_at is not null)
""",  # noqa: S608  # our own words
    merged=f"{_ASKED} and merged_at is not null and order_created_at is null",
)
_AS_OF = _FUNNEL.format(
    carts=f"""
    select case when checkout_started_position <= $5 then seconds_to_checkout end as started,
        case when payment_pending_position <= $5 then seconds_to_payment end as pending,
        case when payment_confirmed_position <= $5 then seconds_to_confirmation end as confirmed,
        case when order_created_position <= $5 then seconds_to_order end as created
    from read.carts
    where {_ASKED} and opened_position <= $5
        and (merged_at is null or merged_position > $5 or order_created_position <= $5)
""",  # noqa: S608  # our own words
    merged=f"""{_ASKED} and merged_at is not null and merged_position <= $5
        and (order_created_at is null or order_created_position > $5)""",
)
