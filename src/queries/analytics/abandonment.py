"""Carts of some days that did not become an order: why not, and what would have been sold.

The last step of any of a cart's checkout sessions says how the cart stands. Where
something happened after the position that is asked about, the steps say how it
stood; everywhere else the cart's own row says it.
"""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from src.queries.analytics.scope import GROUPS_MAX, Scope, TooManyGroups
from src.queries.reading import Reading

VIEWS = ("carts", "checkout_sessions", "checkout_steps")
"""What is asked."""
ORDERED, MERGED = "ordered", "merged"
SHARE_DIGITS = 4


class AbandonmentItem(Struct, frozen=True, kw_only=True):
    """One reason, and the carts that have it: each has one, by the last thing that happened."""

    reason: str
    """never_filled: nothing was ever put in; never_started: no checkout was begun; failed:…, with
    what the payment provider said, or failed if nothing; cancelled; expired; superseded: the
    goods were bought in another checkout; open: a checkout is still going on."""
    count: int
    value: int
    """The subtotals of their last checkouts, in minor units; 0 for what was never checked out."""
    share: float
    """Of all carts that did not become an order."""


class AbandonmentTotal(Struct, frozen=True, kw_only=True):
    """All carts that did not become an order."""

    count: int
    value: int


class Abandonment(
    Struct, frozen=True, kw_only=True, rename={"first_day": "from", "last_day": "to"}
):
    """The carts that were opened in a range of days: carts = ordered + total.count."""

    currency: str
    time_zone: str
    first_day: date
    last_day: date
    carts: int
    """Without those that went into others."""
    ordered: int
    merged: int
    """Carts of these days that went into others: what was in them goes on there."""
    items: list[AbandonmentItem]
    """The most frequent reason first."""
    total: AbandonmentTotal


async def abandonment(db: Reading, scope: Scope) -> Abandonment:
    """Say why carts opened in the range are no orders; raises TooManyGroups."""
    asked: list[object] = [scope.book, scope.since, scope.until, scope.currency]
    if scope.as_of is None:
        rows = await db.fetch(_NOW, *asked)
    else:
        rows = await db.fetch(_AS_OF, *asked, scope.as_of)
    carts = {row[0]: (row[1], row[2]) for row in rows}
    ordered, merged = (carts.pop(end, (0, 0))[0] for end in (ORDERED, MERGED))
    if len(carts) > GROUPS_MAX:
        raise TooManyGroups("ask for fewer days")
    total = _total(carts.values())
    return Abandonment(
        currency=scope.currency,
        time_zone=scope.zone,
        first_day=scope.first_day,
        last_day=scope.last_day,
        carts=ordered + total.count,
        ordered=ordered,
        merged=merged,
        items=[_item(reason, *carts[reason], total.count) for reason in carts],
        total=total,
    )


def _total(parts: Iterable[tuple[int, int]]) -> AbandonmentTotal:
    found = list(parts)
    return AbandonmentTotal(
        count=sum(count for count, _ in found), value=sum(value for _, value in found)
    )


def _item(reason: str, count: int, value: int, whole: int) -> AbandonmentItem:
    share = round(count / whole, SHARE_DIGITS)
    return AbandonmentItem(reason=reason, count=count, value=value, share=share)


_REASONS = """
select case
        when outcome = 'ordered' then outcome
        when is_merged then 'merged'
        when outcome is not null then outcome
        when is_filled then 'never_started'
        else 'never_filled' end as reason,
    count(*) as carts, coalesce(sum(value), 0)::bigint as value
from ({stood}) as stood
group by 1 order by 2 desc, 1
"""
_NOW = _REASONS.format(
    stood="""
    select filled_position is not null as is_filled, merged_position is not null as is_merged,
        outcome, outcome_minor as value
    from read.carts
    where book = $1 and opened_at >= $2 and opened_at < $3 and currency = $4
"""
)
# What went on after the position is looked up step by step: sessions are short, so that is few.
_AS_OF = _REASONS.format(
    stood="""
    select coalesce(filled_position <= $5, false) as is_filled,
        coalesce(merged_position <= $5, false) as is_merged,
        case when outcome_position > $5 then earlier.outcome else cart.outcome end as outcome,
        case when outcome_position > $5 then earlier.value else outcome_minor end as value
    from read.carts as cart
    left join lateral (
        select session.subtotal_minor as value, case
            when step.state = 'ORDER_CREATED' then 'ordered'
            when step.state <> 'CART_PENDING' then 'open'
            when step.step = 'failed' then concat_ws(':', step.step, nullif(step.reason, ''))
            else step.step end collate "C" as outcome
        from read.checkout_sessions as session
        join read.checkout_steps as step using (book, checkout_session_id)
        where cart.outcome_position > $5 and session.book = $1
            and session.cart_id = cart.cart_id and step.position <= $5
        order by step.position desc limit 1
    ) as earlier on true
    where cart.book = $1 and cart.opened_at >= $2 and cart.opened_at < $3 and cart.currency = $4
        and cart.opened_position <= $5
"""
)
