"""How many orders a filter finds, and what they come to; never more work than a page is worth."""

from msgspec import Struct

from src.events.money import Money
from src.queries.conditions import Conditions
from src.queries.reading import Reading

COUNTED_MAX = 10_000
"""So many are counted; whoever looks for sums of more asks /analytics."""


class OrderTotals(Struct, frozen=True, kw_only=True):
    """How many there are, and what they come to by currency, as they were placed."""

    orders: int
    is_all: bool
    """Whether there are no more; if there are, nothing is added up."""
    totals: list[Money]


async def order_totals(db: Reading, where: Conditions) -> OrderTotals:
    """Count these orders, and add them up."""
    statement = _SUMS.format(where=where)
    rows = await db.fetch(statement, *where.values)
    orders = sum(row[1] for row in rows)
    is_all = orders <= COUNTED_MAX
    return OrderTotals(
        orders=min(orders, COUNTED_MAX),
        is_all=is_all,
        totals=[Money(row[2], row[0]) for row in rows] if is_all else [],
    )


_SUMS = f"""
select currency, count(*)::int, sum(total_minor)::bigint
from (
    select currency, total_minor from models.orders where {{where}} limit {COUNTED_MAX + 1}
) as found
group by currency order by currency
"""  # noqa: S608 - conditions are our own texts, with numbers in place of values
