"""The book is replayed stream by stream: what cannot have happened is named, and nothing else."""

from collections.abc import AsyncIterator

import pytest

from src.events.findings import Kind, finding
from src.projections.catalogue import PROJECTIONS
from src.projections.tables import view_of
from src.queries import (
    replay_walk,
    replaying,
    row_pages,
    snapshot_pages,
    stream_pages,
    stream_replay,
)
from src.queries.audit_pool import open_audit_pool
from src.queries.expected_rows.catalogue import SUMS, TABLES, versions
from src.queries.replaying import ReplayReport, replay_streams
from tests.audit.kept_shop import KeptShop, kept_shop
from tests.databases import BookDatabase, unread

pytestmark = pytest.mark.anyio
SALES = 20


@pytest.fixture
async def sold(book_database: BookDatabase) -> AsyncIterator[KeptShop]:
    """A shop that sold for a while, with read models and some snapshots."""
    async with kept_shop(book_database) as shop:
        await shop.sell([f"{n:02}" for n in range(SALES)])
        await shop.feed()
        for name, version in SNAPSHOTS.items():
            await shop.keep(name, version)
        yield shop


SNAPSHOTS = {"stock-tea-assam": 7, "cart-cart_03": 2, "coupon-TEN": 3, "product-cup-blue": 1}


async def test_a_shop_that_nobody_touched_is_whole(sold: KeptShop) -> None:
    report = await sold.replay()
    assert (report.findings, report.differences, report.notes) == ([], [], [])
    assert report.is_whole
    head = await sold.book.head()
    streams = await sold.db.fetchval("select count(distinct stream) from khata.events")
    assert (report.head, report.counted.events, report.counted.streams) == (head, head, streams)
    assert report.counted.snapshots == len(SNAPSHOTS)
    tables = [table for each in PROJECTIONS for table in each.TABLES if view_of(table) not in SUMS]
    rows = [await sold.db.fetchval(f"select count(*) from models.{name}") for name in tables]  # noqa: S608 - our own names
    assert all(rows)
    assert report.counted.rows == sum(rows)


async def test_page_by_page_it_says_the_same(
    sold: KeptShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a stream, its rows and its snapshot lie on different pages."""
    whole = await sold.replay()
    for events, rows in ((1, 1), (2, 3), (7, 2), (100, 5)):
        monkeypatch.setattr(stream_pages, "PAGE_EVENTS", events)
        monkeypatch.setattr(row_pages, "PAGE_ROWS", rows)
        monkeypatch.setattr(snapshot_pages, "PAGE_SNAPSHOTS", rows + 1)
        assert await sold.replay() == whole


@pytest.mark.parametrize("page_rows", [1, 1_000])
async def test_a_stream_of_too_many_facts_is_left_to_the_rebuild(
    sold: KeptShop, monkeypatch: pytest.MonkeyPatch, page_rows: int
) -> None:
    """However long a stream of stock is, its facts and rows never fill the memory."""
    long = "select max(version) from khata.events where stream = $1"
    most = await sold.db.fetchval(long, TEA) - 1
    for module in (stream_replay, replaying, row_pages):
        monkeypatch.setattr(module, "FACTS_MAX", most)
    monkeypatch.setattr(row_pages, "PAGE_ROWS", page_rows)
    await sold.db.execute(
        "update models.stock_movements_v1 set quantity = quantity + 1 where sku = 'tea-assam'"
    )
    report = await sold.replay()
    assert report.is_whole
    said = f"its rows of {TEA} are of more than {most:,} events, and were not compared"
    remedy = "`khata rebuild stock_movements` compares them"
    assert f"read model stock_movements: {said}; {remedy}" in report.notes


@unread
async def test_an_empty_book_is_whole(book_database: BookDatabase) -> None:
    pool = await open_audit_pool(book_database.app_url)
    report = await replay_streams(pool, 1)
    await pool.close()
    assert report.is_whole
    assert report.notes == [
        f"read model {name}: it was never begun, and was not compared" for name in versions()
    ]


def test_every_table_of_every_read_model_is_compared() -> None:
    compared = {(each.model, f"{each.name}_v{versions()[each.model]}") for each in TABLES}
    every = {(each.NAME, table) for each in PROJECTIONS for table in each.TABLES}
    assert compared == {each for each in every if view_of(each[1]) not in SUMS}


CART, TEA = "cart-cart_03", "stock-tea-assam"


def change(name: str, version: int, assignments: str) -> str:
    return f"update khata.events set {assignments} where stream = '{name}' and version = {version}"  # noqa: S608 - our own words


def places(report: ReplayReport) -> list[tuple[Kind, int]]:
    return [(each.kind, each.position) for each in report.findings]


RELEASED = """type = 'CouponReleased',
    payload = '{"code": "TEN", "checkout_session_id": "chk_x", "reason": "x"}'"""
DEEDS = {
    "unknown type": ("type = 'CupBroken'", Kind.UNREADABLE),
    "unknown version": ("schema_version = 99", Kind.UNREADABLE),
    "no such payload": ("payload = '{\"a\": 1}'", Kind.UNREADABLE),
    "no object": ("payload = '17'", Kind.UNREADABLE),
    "of another stream": (RELEASED, Kind.IMPOSSIBLE),
    "version": ("version = version + 10000", Kind.VERSION),
    "order": ("position = 900000", Kind.VERSION),
}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("version", [2, 5])
async def test_what_cannot_have_happened_is_named(sold: KeptShop, deed: str, version: int) -> None:
    assignments, kind = DEEDS[deed]
    positions = [await sold.position(TEA, at) for at in (version, version + 1)]
    await sold.tamper(change(TEA, version, assignments))
    if deed == "order":
        await sold.tamper("update khata.books set position = 900000")
    report = await sold.replay()
    expected = {"version": [positions[1], positions[0]], "order": [positions[1]]}
    assert places(report) == sorted((kind, at) for at in expected.get(deed, positions[:1]))
    assert report.differences == [], "what cannot be folded is no pattern for any row"


async def test_a_quantity_that_cannot_be_is_named(sold: KeptShop) -> None:
    less = "payload = replace(payload::text, '10000', '1')::json"
    await sold.tamper(change(TEA, 1, less))
    [found] = (await sold.replay()).findings
    assert found.kind is Kind.IMPOSSIBLE
    assert "oversold" in found.words


async def test_a_hole_in_a_stream_is_named(sold: KeptShop) -> None:
    follows = await sold.position(TEA, 4)
    await sold.tamper(f"delete from khata.events where stream = '{TEA}' and version = 3")  # noqa: S608 - our own name
    assert places(await sold.replay()) == [(Kind.VERSION, follows)]


async def test_a_stream_of_no_kind_is_named(sold: KeptShop) -> None:
    at = await sold.position(CART, 1)
    await sold.tamper(f"update khata.events set stream = 'card-cart_03' where stream = '{CART}'")  # noqa: S608 - our own name
    await sold.tamper("delete from models.snapshots where stream like 'cart-%'")
    assert places(await sold.replay()) == [(Kind.STREAM, at)]


async def test_only_so_much_is_said(sold: KeptShop) -> None:
    await sold.tamper("update khata.events set schema_version = 99")
    report = await sold.replay()
    head = await sold.book.head()
    assert len(report.findings) == min(head, replay_walk.FINDINGS_MAX)


async def test_what_a_hash_has_said_is_not_said_again(sold: KeptShop) -> None:
    at = await sold.position(TEA, 2)
    await sold.tamper(change(TEA, 2, RELEASED))
    hashed = [finding(Kind.CHANGED, at, "it was changed")]
    report = await replay_streams(sold.pool, 1, head=await sold.book.head(), hashed=hashed)
    assert (report.findings, report.differences) == ([], [])


async def test_progress_is_told_up_to_the_head(sold: KeptShop) -> None:
    told: list[tuple[int, int]] = []
    await replay_streams(sold.pool, 1, progress=lambda *at: told.append(at))
    head = await sold.book.head()
    assert told[-1] == (head, head)


@pytest.mark.parametrize("is_analysed", [False, True])
async def test_a_page_is_read_by_its_index_on_a_young_table_too(
    sold: KeptShop, *, is_analysed: bool
) -> None:
    if is_analysed:
        await sold.tamper("analyze khata.events")
    plan = await sold.pool.fetch(
        f"explain {stream_pages.PAGE}", 1, "checkout-", 0, "stock-", 1_000_000, 4_096
    )
    words = "\n".join(row[0] for row in plan)
    assert "Index Scan using events_book_stream_version_key" in words
    assert "Sort" not in words
