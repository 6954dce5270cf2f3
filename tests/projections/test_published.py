"""The views of analysts: made once, kept while they fit, and never in anybody's way."""

import pytest

from src.events.migrations import migrate
from src.projections import orders
from src.projections.published import publish as publishing
from src.projections.published.catalogue import VIEWS
from src.projections.rebuild.work import rebuild
from src.projections.tables import prepare
from tests.databases import BookDatabase, connected, role_of
from tests.projections.facts import bought, opening
from tests.projections.shop import BOOK, Shop

pytestmark = pytest.mark.anyio

NAMES = {"about", *(view.name for view in VIEWS)}


async def views(shop: Shop) -> set[str]:
    rows = await shop.db.fetch("select viewname::text from pg_views where schemaname = 'read'")
    return {row[0] for row in rows}


async def test_what_analysts_could_read_before_they_had_views_is_closed_to_them(
    shop: Shop, book_database: BookDatabase
) -> None:
    await prepare(shop.db, BOOK)
    say = "alter default privileges in schema models grant select on tables to khata_read"
    everything = "grant select on all tables in schema models to khata_read"
    for url in (book_database.app_url, book_database.owner_url):
        await connected(url, lambda db: db.execute(say))
    await connected(book_database.superuser_url, lambda db: db.execute(everything))
    await migrate(book_database.owner_url, role_of(book_database.app_url))
    await prepare(shop.db, BOOK)
    await shop.db.execute("create table models.later (n int)")
    later = "create table models.of_a_later_migration (n int)"
    await connected(book_database.owner_url, lambda db: db.execute(later))
    assert [row[0] for row in await shop.db.fetch(_OPEN)] == []


async def test_a_view_that_went_is_there_again_after_the_next_start(shop: Shop) -> None:
    await prepare(shop.db, BOOK)
    await shop.db.execute("drop view read.orders")
    await prepare(shop.db, BOOK)
    assert await views(shop) == NAMES


async def test_a_rebuild_is_swapped_in_while_an_analyst_reads_something_else(
    shop: Shop,
) -> None:
    await prepare(shop.db, BOOK)
    await shop.write([*opening(), *bought("a")])
    analyst = await shop.connect()
    async with analyst.transaction():
        await analyst.fetch("select * from read.products")
        await rebuild(shop.url, [orders])
    await analyst.close()
    assert await views(shop) == NAMES


async def test_a_start_does_not_fail_for_an_analyst_who_reads_for_long(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await prepare(shop.db, BOOK)
    await shop.db.execute("comment on view read.about is 'of an older Khata (0)'")
    monkeypatch.setattr(publishing, "LOCK_TIMEOUT_MS", 100)
    analyst = await shop.connect()
    async with analyst.transaction():
        await analyst.fetch("select * from read.products")
        await prepare(shop.db, BOOK)
        assert await views(shop) == NAMES, "as they were"
    await analyst.close()
    await prepare(shop.db, BOOK)
    said = await shop.db.fetchval("select obj_description('read.about'::regclass, 'pg_class')")
    assert "older Khata" not in said


async def test_a_view_of_an_analysts_own_stays_when_ours_are_made_again(shop: Shop) -> None:
    await prepare(shop.db, BOOK)
    await shop.db.execute("create temporary view mine as select sku from read.products")
    await shop.db.execute("comment on view read.about is 'of an older Khata (0)'")
    await prepare(shop.db, BOOK)
    assert await shop.db.fetch("select * from mine") == []


_OPEN = """
select oid::regclass::text from pg_class
where relnamespace in ('models'::regnamespace, 'models_next'::regnamespace,
        'models_old'::regnamespace)
    and relkind in ('r', 'v') and has_table_privilege('khata_read', oid, 'select')
"""
