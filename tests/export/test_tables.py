"""Views in files: every row once, whatever moves meanwhile, and sums to the paisa."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from src.cli.complaint import Complaint
from src.cli.export.run import Request, run_export
from src.events.connection import Connection
from src.projections.published.catalogue import VIEWS
from src.projections.published.view import View
from src.queries.export import tables
from src.queries.export.columns import Column, Kind
from src.queries.export.source import Page
from src.queries.export.tables import Bounds, TableSource, TooLargeWithoutKeyError, columns_of
from tests.export.conftest import ORDERS, Exporting
from tests.export.reading import by_duckdb, by_polars, by_pyarrow, of_csv, schema_beside
from tests.projections.facts import bought
from tests.projections.shop import BOOK

pytestmark = pytest.mark.anyio
MOVES = "read.moves"
EVERYTHING = Bounds()
VIEW = View(
    name="moves",
    comment="One row an order.",
    columns={
        "book": "The book.",
        "order_id": "The order.",
        "guest": "Whether it was a guest.",
        "placed_at": "When, UTC.",
        "day": "Of the shop.",
        "total_minor": "Paise.",
        "share": "Of something.",
        "position": "Of the fact.",
        "document": "What clients read.",
        "fulfilments": "Parcels.",
        "cancelled_reason": "Null if it was not.",
    },
    query="""
select book, order_id, guest, placed_at, (placed_at at time zone 'Asia/Kolkata')::date as day,
    total_minor, total_minor / 3.0 as share, position, document, fulfilments, cancelled_reason
from models.orders
""",
    models=("orders",),
    order=("order_id",),
    born="position",
    time="placed_at",
)


async def source(
    of: Exporting, bounds: Bounds = EVERYTHING, view: View = VIEW, stands_at: int | None = None
) -> TableSource:
    """Return a view of this test's own, in the schema of analysts."""
    await of.shop.db.execute(f"create or replace view {MOVES} as {VIEW.query}")
    columns = await columns_of(of.shop.db, VIEW)
    return TableSource(of.shop.db, BOOK, view, columns, bounds, stands_at)


async def rows_of(found: TableSource) -> list[dict[str, Any]]:
    """Read all pages."""
    names = [each.name for each in found.columns]
    return [
        dict(zip(names, row, strict=True))
        async for page in found.pages()
        for row in zip(*page.columns, strict=True)
    ]


async def total(db: Connection, view: str, column: str) -> int | None:
    return await db.fetchval(f"select sum({column})::bigint from read.{view}")  # type: ignore[no-any-return]  # SQL says what it is  # noqa: S608 - our own names


async def exported(of: Exporting, table: str, form: str = "parquet", **asked: Any) -> Path:  # noqa: ANN401 - what a request takes
    path = of.folder / f"{table}.{form}"
    request = Request(table=table, form=form, output=path, overwrite=True, **asked)
    await asyncio.to_thread(run_export, of.settings, request)
    return path


async def test_every_view_is_exported_whole_and_its_sums_are_those_of_sql(
    exporting: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "PAGE_ROWS", 5)
    for view in VIEWS:
        path = await exported(exporting, view.name)
        rows = by_pyarrow(path)
        assert by_duckdb(path) == rows, view.name
        assert by_polars(path) == rows, view.name
        columns = await columns_of(exporting.shop.db, view)
        counted = await exporting.shop.db.fetchval(f"select count(*) from read.{view.name}")  # noqa: S608 - our own names
        assert len(rows) == counted, view.name
        for column in columns:
            if column.kind is Kind.INT64:
                sums = sum(row[column.name] or 0 for row in rows)
                assert sums == (await total(exporting.shop.db, view.name, column.name) or 0)
        text = await exported(exporting, view.name, "csv")
        assert len(of_csv(text, schema_beside(text)["columns"])) == counted


async def test_every_view_says_a_key_that_no_two_rows_share(exporting: Exporting) -> None:
    for view in VIEWS:
        keys = ", ".join(view.order)
        assert keys, f"{view.name} needs `order`, or it can only be exported while it is small"
        found = await exporting.shop.db.fetch(
            f"select count(*) = count(distinct (book, {keys}))"  # noqa: S608 - our own names
            f" and bool_and(({keys}) is not null) from read.{view.name}"
        )
        assert found[0][0] in {True, None}, view.name
        assert view.born is None or view.born in view.columns
        assert view.time is None or view.time in view.columns


async def test_pages_are_read_one_behind_the_other(
    exporting: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await rows_of(await source(exporting))
    monkeypatch.setattr(tables, "PAGE_ROWS", 5)
    assert await rows_of(await source(exporting)) == whole
    assert [row["order_id"] for row in whole] == [f"ord_{n:03}" for n in range(ORDERS)]
    by_two = View(
        **{name: getattr(VIEW, name) for name in VIEW.__struct_fields__}
        | {"order": ("total_minor", "coalesce(order_id, '')")}
    )
    assert await rows_of(await source(exporting, view=by_two)) == whole


async def test_a_page_ends_behind_all_rows_that_only_an_expression_tells_apart(
    exporting: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await rows_of(await source(exporting))
    monkeypatch.setattr(tables, "PAGE_ROWS", 5)
    assert len({row["total_minor"] for row in whole}) == 1
    by_two = View(
        **{name: getattr(VIEW, name) for name in VIEW.__struct_fields__}
        | {"order": ("total_minor", "coalesce(order_id, '')")}
    )
    pages = [page.rows async for page in (await source(exporting, view=by_two)).pages()]
    assert pages == [ORDERS]
    by_one = View(
        **{name: getattr(VIEW, name) for name in VIEW.__struct_fields__}
        | {"order": ("coalesce(order_id, '')",)}
    )
    pages = [page.rows async for page in (await source(exporting, view=by_one)).pages()]
    assert pages == [5, 5, ORDERS - 10]


async def test_what_comes_while_a_file_is_written_is_left_out(
    exporting: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "PAGE_ROWS", 5)
    head = await exporting.shop.book.head()
    found = await source(exporting, stands_at=head)
    seen = list[Page]()
    async for page in found.pages():
        seen.append(page)
        await exporting.shop.write(bought(f"zz{len(seen)}"))
        runner = exporting.shop.runner()
        await runner.catch_up()
        await runner.close()
    assert sum(page.rows for page in seen) == ORDERS


async def test_a_view_without_a_key_is_read_only_while_it_is_small(
    exporting: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyless = View(name="moves", comment="", columns=VIEW.columns, query="", models=())
    assert len(await rows_of(await source(exporting, view=keyless))) == ORDERS
    monkeypatch.setattr(tables, "ROWS_WITHOUT_KEY_MAX", ORDERS - 1)
    with pytest.raises(TooLargeWithoutKeyError):
        await rows_of(await source(exporting, view=keyless))


async def test_types_are_those_that_readers_of_files_know(exporting: Exporting) -> None:
    columns = (await source(exporting)).columns
    assert {each.name: each.kind for each in columns} == {
        "book": Kind.INT32,
        "order_id": Kind.TEXT,
        "guest": Kind.BOOLEAN,
        "placed_at": Kind.TIME,
        "day": Kind.DATE,
        "total_minor": Kind.INT64,
        "share": Kind.DECIMAL,
        "position": Kind.INT64,
        "document": Kind.TEXT,
        "fulfilments": Kind.TEXT,
        "cancelled_reason": Kind.TEXT,
    }
    [first, *_] = await rows_of(await source(exporting))
    assert first["fulfilments"] == "[]"
    assert first["document"].startswith('{"')
    assert Column(name="x", kind=Kind.TEXT, comment="", type="uuid").asked == "x::text as x"


async def test_bounds_are_inclusive_positions_times_or_days(exporting: Exporting) -> None:
    whole = await rows_of(await source(exporting))
    second, fourth = whole[1], whole[3]
    for column in ("position", "placed_at"):
        bounds = Bounds(first=second[column], last=fourth[column])
        assert await rows_of(await source(exporting, bounds)) == whole[1:4]
    by_day = View(
        **{name: getattr(VIEW, name) for name in VIEW.__struct_fields__} | {"time": "day"}
    )
    today = Bounds(first=second["day"], last=second["day"])
    found = await rows_of(await source(exporting, today, by_day))
    assert found == [row for row in whole if row["day"] == second["day"]]


async def test_a_view_that_another_version_made_is_said_to_be_missing(
    exporting: Exporting,
) -> None:
    await exporting.shop.db.execute("drop view read.products")
    for query in (None, "select 1 as book, 'CHAI-250'::text as sku"):
        if query is not None:
            await exporting.shop.db.execute(f"create view read.products as {query}")
        with pytest.raises(Complaint, match="products is not made yet by this version"):
            await exported(exporting, "products")


async def test_an_unknown_table_names_what_comes_near(exporting: Exporting) -> None:
    with pytest.raises(Complaint, match="did you mean events"):
        await exported(exporting, "event")
    with pytest.raises(Complaint, match="there are events, "):
        await exported(exporting, "qqqqqqqq")
