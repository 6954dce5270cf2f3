"""A metric that nobody thought of before: units that were promised, by the hour of the day."""

from collections import Counter
from collections.abc import Sequence

from src.events.connection import Connection
from src.events.envelope import Recorded
from src.events.stock import StockReserved
from src.projections.projection import Handles, write

NAME, VERSION = "units_by_hour", 1
TABLES = ("units_by_hour_v1",)
HANDLES: Handles = frozenset({StockReserved})
DDL = """
create table if not exists units_by_hour_v1 (
    book  int    not null,
    hour  int    not null,
    units bigint not null,
    primary key (book, hour)
);
create or replace view units_by_hour as select * from units_by_hour_v1;
"""


async def project(page: Sequence[Recorded], db: Connection, book: int) -> None:
    """Add a page's units up first."""
    units: Counter[int] = Counter()
    for each in page:
        units[each.recorded_at.hour] += each.event.quantity
    await write(db, _ADD, book, list(units.items()))


_ADD = """
insert into units_by_hour_v1 as known (book, hour, units)
select $1, * from unnest($2::int[], $3::bigint[])
on conflict (book, hour) do update set units = known.units + excluded.units
"""
