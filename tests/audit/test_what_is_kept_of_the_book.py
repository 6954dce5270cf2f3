"""Snapshots and rows are compared with the fold: each that differs is named, and nothing else."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from src.events.findings import Kind
from src.events.identifiers import Stream
from src.projections.catalogue import PROJECTIONS
from src.queries.expected_rows.catalogue import TABLES, versions
from src.queries.expected_rows.table import Table
from src.queries.replay_walk import DIFFERENCES_MAX
from src.queries.stream_range import only
from tests.audit.kept_shop import KeptShop, kept_shop
from tests.databases import BookDatabase

pytestmark = pytest.mark.anyio
SALES = 20
TEA, CARTS = "stock-tea-assam", "cart-cart_03"
AGAIN = 20


@pytest.fixture
async def sold(book_database: BookDatabase) -> AsyncIterator[KeptShop]:
    """A shop that sold for a while, with read models and two snapshots."""
    async with kept_shop(book_database) as shop:
        await shop.sell([f"{n:02}" for n in range(SALES)])
        await shop.feed()
        await shop.keep(TEA, 7)
        await shop.keep(CARTS, 2)
        yield shop


async def test_a_snapshot_altered_by_one_number_is_named(sold: KeptShop) -> None:
    at = await sold.position(TEA, 7)
    change = "replace(state::text, '10000', '10001')::json where stream like 'stock-%'"
    await sold.tamper(f"update models.snapshots set state = {change}")  # noqa: S608 - our own words
    for within in (only(Stream(TEA)), None):
        report = await (sold.replay(within) if within else sold.replay())
        assert [(each.kind, each.position) for each in report.findings] == [(Kind.SNAPSHOT, at)]
        assert f"{TEA} at version 7 " in report.findings[0].words
        assert report.differences == []


async def test_a_snapshot_spelt_in_another_way_is_named(sold: KeptShop) -> None:
    await sold.tamper("update models.snapshots set state = (state::text || ' ')::json")
    assert [each.kind for each in (await sold.replay()).findings] == [Kind.SNAPSHOT] * 2


async def test_a_snapshot_from_beyond_its_stream_is_named(sold: KeptShop) -> None:
    length = await sold.length(TEA)
    last = await sold.position(TEA, length)
    await sold.tamper("update models.snapshots set version = 5000 where stream like 'stock-%'")
    [found] = (await sold.replay()).findings
    assert (found.kind, found.position) == (Kind.SNAPSHOT, last)
    assert found.words == f"the snapshot of {TEA} is of version 5000, and its last is {length}"


async def test_a_snapshot_of_no_stream_is_named(sold: KeptShop) -> None:
    await sold.tamper("update models.snapshots set stream = 'stock-x' where stream like 'stock-%'")
    [found] = (await sold.replay()).findings
    assert (found.kind, found.words) == (
        Kind.SNAPSHOT,
        "the snapshot of stock-x is of version 7, and it never began",
    )


async def test_a_snapshot_by_other_code_is_counted_and_not_judged(sold: KeptShop) -> None:
    await sold.tamper("update models.snapshots set folded = 'x', version = 5000")
    report = await sold.replay()
    assert report.is_whole
    assert (report.counted.snapshots, report.counted.foreign_snapshots) == (0, 2)
    assert "snapshots folded by another Khata, which nobody judges: 2" in report.notes


def stored(table: Table) -> str:
    return f"models.{table.name}_v{versions()[table.model]}"


def keys(table: Table) -> list[str]:
    return [table.key, *([table.inner_key] if table.inner_key else [])]


BEYOND = 1_000_000
"""Further than any number here."""


def names(table: Table) -> str:
    return table.name


async def row_of(sold: KeptShop, table: Table) -> dict[str, object]:
    """One of its rows, not the first and not the last if there are so many."""
    query = f"select to_jsonb(t)::text from {stored(table)} t order by {', '.join(keys(table))}"  # noqa: S608 - our own names
    rows = [json.loads(row[0]) for row in await sold.db.fetch(query)]
    found: dict[str, object] = rows[len(rows) // 2]
    return found


def where(table: Table, row: dict[str, object]) -> str:
    return " and ".join(f"{key} = '{row[key]}'" for key in keys(table))


def named(table: Table, row: dict[str, object]) -> str:
    return " ".join(str(row[key]) for key in keys(table))


OTHER = {
    "bigint": "coalesce({0}, 0) + 1",
    "integer": "coalesce({0}, 0) + 1",
    "numeric": "{0} + 1",
    "text": "coalesce({0}, '') || 'x'",
    "text[]": "{0} || 'x'::text",
    "boolean": "not {0}",
    "interval": "coalesce({0}, interval '0') + interval '1 microsecond'",
    "jsonb": "{0} || '{{\"x\": 1}}'::jsonb",
    "timestamp with time zone": "coalesce({0}, now()) + interval '1 microsecond'",
    "json": "replace({0}::text, '\"quantity\":', '\"quantity\":1')::json",
}


async def test_each_column_of_each_row_is_compared(sold: KeptShop) -> None:
    for table in TABLES:
        row = await row_of(sold, table)
        for column in table.columns:
            await alters(sold, table, column, row)


async def alters(sold: KeptShop, table: Table, column: str, row: dict[str, object]) -> None:
    kind = await sold.db.fetchval(
        f"select format_type(atttypid, atttypmod) from pg_attribute"  # noqa: S608 - our own names
        f" where attrelid = '{stored(table)}'::regclass and attname = '{column}'"
    )
    other = OTHER[kind].format(column)
    at = f"{stored(table)} where {where(table, row)}"
    await sold.db.execute(f"create temp table kept as select * from {at}")  # noqa: S608 - our own names
    alter = at.replace(" where ", f" set {column} = {other} where ")
    await sold.db.execute(f"update {alter}")
    name = table.stream_of(str(row[table.key]))
    report = await sold.replay(only(name))
    assert report.findings == []
    assert [(each.model, each.row) for each in report.differences] == [
        (table.model, named(table, row))
    ], column
    assert column in report.differences[0].words
    await sold.db.execute(f"delete from {at}")  # noqa: S608 - as above
    await put_back(sold, table)
    assert (await sold.replay(only(name))).is_whole


async def put_back(sold: KeptShop, table: Table) -> None:
    columns = await sold.db.fetchval(
        "select string_agg(attname, ', ') from pg_attribute where attrelid = $1::text::regclass"
        " and attnum > 0 and attgenerated = ''",
        stored(table),
    )
    await sold.db.execute(f"insert into {stored(table)} ({columns}) select {columns} from kept")  # noqa: S608 - as above
    await sold.db.execute("drop table kept")


@pytest.mark.parametrize("table", TABLES, ids=names)
async def test_a_row_that_is_altered_gone_or_added_is_named(sold: KeptShop, table: Table) -> None:
    row = await row_of(sold, table)
    last = keys(table)[-1]
    value = row[last]
    moved = {**row, last: value + BEYOND if isinstance(value, int) else f"{value}x"}
    # Renamed, it is one that is gone and one that nobody wrote.
    await sold.db.execute(
        f"update {stored(table)} set {last} = '{moved[last]}' where {where(table, row)}"  # noqa: S608 - our own names
    )
    found = (await sold.replay()).differences
    assert {(each.model, each.row, each.words) for each in found} == {
        (table.model, named(table, row), "is not there, and the book has it"),
        (table.model, named(table, moved), "is there, and the book has nothing of it"),
    }


async def test_a_case_on_a_stream_of_another_kind_is_named(sold: KeptShop) -> None:
    """Also one of a kind whose streams have no cases, and one of no kind."""
    for name in (CARTS, "card-1"):
        await sold.db.execute(
            "update models.cases_v1 set stream = $1 where case_id = 'case_06'", name
        )
        found = {each.row for each in (await sold.replay()).differences}
        assert found == {f"{name} case_06", "webhook-06 case_06"}


async def test_a_difference_says_both_numbers(sold: KeptShop) -> None:
    reserved = await sold.db.fetchval("select reserved from models.stock where sku = 'tea-assam'")
    await sold.db.execute("update models.stock_v1 set reserved = 7777 where sku = 'tea-assam'")
    [found] = (await sold.replay()).differences
    words = f"read model stock: row tea-assam says 7777 reserved, the book {reserved}"
    assert (str(found), found.remedy) == (words, "khata rebuild stock")
    assert found.position == await sold.position(TEA, await sold.length(TEA))


async def test_a_read_model_that_lags_or_stands_still_is_judged_as_far_as_it_has_seen(
    sold: KeptShop,
) -> None:
    seen = await sold.book.head()
    await sold.sell(["later", "at last"])
    head = await sold.book.head()
    report = await sold.replay()
    assert report.is_whole
    lags = f"it has seen {seen:,} of {head:,} events, and was compared up to there"
    assert report.notes == [f"read model {each.NAME}: {lags}" for each in PROJECTIONS]
    await sold.db.execute(
        "update models.checkpoints set stopped_at = 9 where projection = 'orders'"
    )
    report = await sold.replay()
    assert report.is_whole
    assert "read model orders: it has stopped at 9, and was compared up to there" in report.notes
    await sold.db.execute("update models.stock_v1 set reserved = 7777 where sku = 'tea-assam'")
    assert [each.row for each in (await sold.replay()).differences] == ["tea-assam"]


async def test_a_read_model_that_has_seen_more_than_there_is_is_named(sold: KeptShop) -> None:
    await sold.db.execute(
        "update models.checkpoints set position = 900000 where projection = 'stock'"
    )
    [found] = (await sold.replay()).differences
    head = await sold.book.head()
    assert str(found) == (
        f"read model stock: it has seen 900,000 events of a book that ends at {head}"
    )


async def test_a_read_model_that_is_lost_does_not_end_the_replay(sold: KeptShop) -> None:
    lost = [f"n{n:03}" for n in range(DIFFERENCES_MAX + 20)]
    await sold.db.execute(
        "insert into models.products_v1 (book, sku, name, price_minor, currency, weight_grams)"
        " select 1, sku, sku, 1, 'INR', 1 from unnest($1::text[]) as sku",
        lost,
    )
    await sold.db.execute("update models.stock_v1 set reserved = 7777 where sku = 'tea-assam'")
    report = await sold.replay()
    assert len(report.differences) == DIFFERENCES_MAX + 1
    assert report.counted.events == report.head
    assert report.notes == [
        "read model products: so many rows differ that the rest was not looked at"
    ]


async def test_while_the_shop_is_busy_nothing_is_accused(sold: KeptShop) -> None:
    """Read models and snapshots move on all the time; each row is judged by what it has seen."""
    over = asyncio.Event()

    async def selling(who: str) -> None:
        number = 0
        while not over.is_set():
            await sold.sell([f"{who}{number}"])
            number += 1

    async def feeding() -> None:
        while not over.is_set():
            await sold.feed()

    async def keeping() -> None:
        while not over.is_set():
            await sold.keep(TEA, await sold.length(TEA))

    working = [
        asyncio.create_task(work) for work in (selling("a"), selling("b"), feeding(), keeping())
    ]
    began = await sold.book.head()
    try:
        for _ in range(AGAIN):
            report = await sold.replay()
            assert (report.findings, report.differences) == ([], [])
            assert report.counted.events == report.head
            assert report.counted.snapshots == 2
    finally:
        over.set()
        await asyncio.gather(*working)
    assert await sold.book.head() > began
