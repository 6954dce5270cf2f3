"""The role `khata_read` reads the views, each of whose columns says what it means, and no more."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types; its errors are all we name
import pytest

from src.events.connection import Connection
from src.projections.catalogue import PROJECTIONS
from src.projections.published.about import about
from src.projections.published.catalogue import VERSION, VIEWS
from tests.analytics.read_shop import ReadShop, busy_shop
from tests.databases import connected

__all__ = ["busy_shop"]

DOCUMENT = Path(__file__).parents[2] / "docs" / "analysts.md"
SHOWN = (*VIEWS, about(VIEWS, {each.NAME: each.VERSION for each in PROJECTIONS}, VERSION))
WRITES = (
    "insert into read.products (sku) values ('NEW')",
    "update read.products set name = 'Cheaper', price_minor = 1",
    "delete from read.products",
    "create table read.mine (n int)",
    "create table public.mine (n int)",
    "create schema mine",
)
LIMITS = {
    "statement_timeout": "5s",
    "idle_in_transaction_session_timeout": "5s",
    "transaction_timeout": "6s",
    "default_transaction_read_only": "on",
}
REFUSED = asyncpg.InsufficientPrivilegeError


def as_analyst(shop: ReadShop, work: Callable[[Connection], Awaitable[Any]]) -> Any:  # noqa: ANN401  # whatever the work returns
    return asyncio.run(connected(shop.read_url, work))


def rows_of(url: str, query: str) -> list[tuple[Any, ...]]:
    """Ask over a connection of its own."""
    rows = asyncio.run(connected(url, lambda db: db.fetch(query)))
    return [tuple(row) for row in rows]


def test_every_view_and_column_says_what_it_means(busy_shop: ReadShop) -> None:
    said = rows_of(busy_shop.read_url, _COLUMNS)
    assert said == sorted(
        (view.name, place, column, words)
        for view in SHOWN
        for place, (column, words) in enumerate(view.columns.items(), 1)
    )
    views = dict(rows_of(busy_shop.read_url, _VIEWS))
    marked = views.pop("about")
    assert views == {view.name: view.comment for view in VIEWS}
    assert marked.startswith(SHOWN[-1].comment)


def test_the_book_is_the_first_column_of_every_view() -> None:
    assert {next(iter(view.columns)) for view in SHOWN} == {"book"}


def test_every_view_is_in_the_document() -> None:
    text = DOCUMENT.read_text()
    assert [view.name for view in SHOWN if f"`{view.name}`" not in text] == []


def test_every_view_can_be_read(busy_shop: ReadShop) -> None:
    async def read(db: Connection) -> None:
        for view in SHOWN:
            await db.fetch(f"select * from read.{view.name} limit 1")  # noqa: S608  # our own names

    as_analyst(busy_shop, read)


def test_no_other_table_can_be_read(busy_shop: ReadShop) -> None:
    others = [row[0] for row in rows_of(busy_shop.superuser_url, _OTHERS)]
    assert {name.partition(".")[0] for name in others} >= {"khata", "keys", "edge", "models"}

    async def read(db: Connection) -> None:
        for name in others:
            with pytest.raises(REFUSED):
                await db.fetch(f"select * from {name} limit 0")  # noqa: S608  # as the catalogue quoted it

    as_analyst(busy_shop, read)


def test_no_other_schema_of_ours_can_be_looked_into(busy_shop: ReadShop) -> None:
    may = {row[0] for row in rows_of(busy_shop.read_url, _SCHEMAS)}
    # What lies in `notary` are functions, which ask who calls them; in `public` lies nothing.
    assert may == {"read", "public", "notary"}


def test_functions_with_the_rights_of_their_owner_refuse(busy_shop: ReadShop) -> None:
    calls = [row[0] for row in rows_of(busy_shop.read_url, _CALLS)]
    assert calls

    async def call(db: Connection) -> None:
        for each in calls:
            with pytest.raises(REFUSED):
                await db.execute(each)

    as_analyst(busy_shop, call)


@pytest.mark.parametrize("statement", WRITES)
def test_nothing_can_be_written(busy_shop: ReadShop, statement: str) -> None:
    async def write(db: Connection) -> None:
        with pytest.raises((REFUSED, asyncpg.ReadOnlySQLTransactionError)):
            await db.execute(statement)
        await db.execute("set default_transaction_read_only = off")
        with pytest.raises(REFUSED):
            await db.execute(statement)

    as_analyst(busy_shop, write)


def test_no_question_takes_longer_than_five_seconds(busy_shop: ReadShop) -> None:
    async def limits(db: Connection) -> dict[str, str]:
        return {name: await db.fetchval(f"show {name}") for name in LIMITS}

    assert as_analyst(busy_shop, limits) == LIMITS


_COLUMNS = """
select view.relname::text, field.attnum::int, field.attname::text,
    col_description(view.oid, field.attnum)
from pg_class as view join pg_attribute as field on field.attrelid = view.oid and field.attnum > 0
where view.relnamespace = 'read'::regnamespace and not field.attisdropped
order by view.relname::text collate "C", field.attnum
"""
_VIEWS = """
select relname::text, obj_description(oid, 'pg_class') from pg_class
where relnamespace = 'read'::regnamespace
"""
_OTHERS = """
select format('%I.%I', space.nspname, other.relname)
from pg_class as other join pg_namespace as space on space.oid = other.relnamespace
where other.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    and space.nspname not in ('read', 'pg_catalog', 'information_schema', 'pg_toast')
order by 1
"""
_SCHEMAS = """
select nspname::text from pg_namespace
where has_schema_privilege(oid, 'usage') and nspname !~ '^pg_' and nspname <> 'information_schema'
"""
_CALLS = """
select format('select %s(%s)', made.oid::regproc,
    (select string_agg('null::' || format_type(given, null), ', ')
     from unnest(made.proargtypes) as given))
from pg_proc as made
where made.prosecdef and has_function_privilege(made.oid, 'execute')
    and has_schema_privilege(made.pronamespace, 'usage')
"""
