"""A rebuild: the same rows to the byte, while the shop serves, and all of it or nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types
import pytest

from src.events.connection import Connection, connecting
from src.events.envelope import Recorded
from src.events.ledger import open_book
from src.events.migrations import migrate
from src.events.order import OrderPlaced
from src.projections import checkpoints, orders, stock
from src.projections.catalogue import PROJECTIONS
from src.projections.lag import lag
from src.projections.places import LIVE, NEXT, OLD, stay_in
from src.projections.projection import Handles, Projection
from src.projections.published.catalogue import VIEWS
from src.projections.rebuild import content, copy, swap, work
from src.projections.rebuild.content import Digest, Range
from src.projections.rebuild.copy import AheadOfTheBookError, PoisonedError
from src.projections.rebuild.work import (
    AlreadyAtWorkError,
    NothingKeptError,
    Rebuilt,
    back,
    check,
    rebuild,
)
from src.projections.runner import Runner
from src.projections.tables import prepare
from src.queries.orders import find_order, list_orders
from src.queries.page import Cursors
from src.queries.products import list_products
from src.queries.read_pool import ReadPool, open_read_pool
from tests.databases import BookDatabase, connected, role_of
from tests.projections.busy import keep_busy
from tests.projections.facts import bought, opening
from tests.projections.shop import BOOK, Shop

pytestmark = pytest.mark.anyio

TABLES = [table for each in PROJECTIONS for table in each.TABLES]
CURSORS = Cursors(b"key")


async def contents(shop: Shop, place: str = LIVE, book: int = BOOK) -> dict[str, Digest]:
    """Every table's rows as one hash."""
    found: dict[str, Digest] = {}
    for name in TABLES:
        table = await content.keyed(shop.db, place, name)
        assert table is not None
        found[name] = await content.digest(shop.db, place, table, Range(book=book))
    return found


async def fed(shop: Shop, projections: Sequence[Projection] = PROJECTIONS) -> None:
    runner = shop.runner(projections)
    await runner.catch_up()
    await runner.close()


async def wipe(shop: Shop) -> None:
    """Lose every read model, and how far each had come."""
    for each in (*TABLES, "checkpoints"):
        await shop.db.execute(f"drop table models.{each} cascade")


ROUNDS_MAX = 25
"""So often do three buyers come while a rebuild is at work."""


async def lying_in(shop: Shop, place: str) -> set[str]:
    rows = await shop.db.fetch("select tablename from pg_tables where schemaname = $1", place)
    return {row[0] for row in rows} - {"snapshots", "checkpoints", "shop"}


@asynccontextmanager
async def following(shop: Shop) -> AsyncIterator[None]:
    """The worker's runner, at work beside the test."""
    runner = shop.runner()
    work = asyncio.create_task(runner.follow(asyncio.sleep))
    try:
        yield
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await runner.close()


@asynccontextmanager
async def reading(shop: Shop) -> AsyncIterator[ReadPool]:
    pool = await open_read_pool(shop.url)
    try:
        yield pool
    finally:
        await pool.close()


def _heard(_: int, __: int) -> None:
    """Nobody looks at the progress."""


class Poisoned:
    """The order projection, but it cannot stand one order; in another version if so wished."""

    NAME, HANDLES = orders.NAME, orders.HANDLES

    def __init__(self, order_id: str, version: int = orders.VERSION) -> None:
        self.VERSION = version
        self.TABLES = (f"orders_v{version}",)
        self.DDL = orders.DDL.replace("orders_v2", f"orders_v{version}")
        self._order_id = order_id

    async def project(self, page: Sequence[Recorded], db: Connection, book: int) -> None:
        assert not any(each.event.order_id == self._order_id for each in page), "poison"
        await orders.project(page, db, book)


class Jealous:
    """The order projection, but the other at work in the same transaction makes it fail."""

    NAME, VERSION, TABLES = orders.NAME, orders.VERSION, orders.TABLES
    HANDLES, DDL = orders.HANDLES, orders.DDL

    async def project(self, page: Sequence[Recorded], db: Connection, book: int) -> None:
        statement = "select projection from checkpoints where xmin = pg_current_xact_id()::xid"
        assert len(await db.fetch(statement)) == 1, "not alone"
        await orders.project(page, db, book)


class Shouting:
    """The next version of the order projection: another table, with numbers that one can hear."""

    NAME, VERSION, TABLES = orders.NAME, 3, ("orders_v3",)
    HANDLES: Handles = frozenset({OrderPlaced})
    DDL = orders.DDL.replace("orders_v2", "orders_v3")

    async def project(self, page: Sequence[Recorded], db: Connection, book: int) -> None:
        for each in page:
            row = await db.fetchrow("select to_json($1::text)", each.event.order_number)
            assert row is not None
        await _project_into_v3(page, db, book)


async def _project_into_v3(page: Sequence[Recorded], db: Connection, book: int) -> None:
    rows = [orders._row(each) for each in page]  # noqa: SLF001  # a row of it, for another table
    statement = orders._INSERT.replace("orders_v2", "orders_v3")  # noqa: SLF001  # as above
    columns = [list(each) for each in zip(*rows, strict=True)]
    columns[1] = [f"{number}!" for number in columns[1]]
    await db.execute(statement, book, *columns)


async def test_a_rebuild_of_lost_read_models_gives_byte_identical_rows(shop: Shop) -> None:
    await keep_busy(shop, 60)
    await fed(shop)
    before = await contents(shop)
    assert all(each.rows for each in before.values()), "every table was put to the test"
    await wipe(shop)
    heard: list[Rebuilt] = []
    await rebuild(shop.url, PROJECTIONS, swapped=heard.append)
    assert await contents(shop) == before
    head = await shop.book.head()
    assert [(each.position, each.behind) for each in await lag(shop.db, shop.book, BOOK)] == [
        (head, 0)
    ] * len(PROJECTIONS)
    assert [each.differences for each in heard] == [None] * len(PROJECTIONS)
    assert await lying_in(shop, NEXT) == set()


async def test_what_was_fed_in_any_steps_is_what_a_rebuild_gives(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with following(shop):
        await keep_busy(shop, 40)
    await fed(shop)
    before = await contents(shop)
    monkeypatch.setattr(copy, "PAGE_POSITIONS", 37)
    monkeypatch.setattr(content, "RANGE_ROWS", 3)
    heard: list[Rebuilt] = []
    await rebuild(shop.url, PROJECTIONS, swapped=heard.append)
    assert [each.differences for each in heard] == [[]] * len(PROJECTIONS)
    assert await contents(shop) == before
    assert await contents(shop, OLD) == before
    assert await check(shop.url, PROJECTIONS) == []
    await rebuild(shop.url, PROJECTIONS)
    assert await contents(shop, OLD) == before, "what was kept before gave way"
    assert await lying_in(shop, LIVE) == {*TABLES}


async def test_a_rebuild_beside_buyers_loses_nothing_and_no_question_fails(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copy, "PAGE_POSITIONS", 200)
    await keep_busy(shop, 30)
    done = asyncio.Event()

    async def ask(pool: ReadPool) -> int:
        seen = asked = 0
        while not done.is_set():
            seen_now = await pool.fetchval("select count(*) from models.orders where book = 1")
            assert seen_now >= seen, "an order that was shown is shown"
            seen, asked = seen_now, asked + 1
            assert (await list_orders(pool, BOOK, CURSORS)).items
            assert len((await list_products(pool, BOOK, CURSORS)).items) == 4
        return asked

    async def buy() -> None:
        # Bounded: a book that grows as fast as it is read is never built to its end.
        for n in range(ROUNDS_MAX):
            if done.is_set():
                break
            await keep_busy(shop, 3, f"meanwhile-{n}")

    await fed(shop)
    async with following(shop), reading(shop) as pool:
        beside = [asyncio.create_task(each) for each in (ask(pool), buy())]
        heard: list[Rebuilt] = []
        for _ in range(2):
            await rebuild(shop.url, PROJECTIONS, swapped=heard.append)
        done.set()
        asked, *_ = await asyncio.gather(*beside)
        assert asked
    assert [each.differences for each in heard] == [[]] * len(heard)
    await fed(shop)
    assert await check(shop.url, PROJECTIONS) == []
    placed = await shop.db.fetchval("select count(*) from khata.events where type = 'OrderPlaced'")
    assert len(await shop.rows("orders")) == placed


async def test_a_question_that_was_prepared_survives_every_swap(shop: Shop) -> None:
    await shop.write([*opening(), *bought("a")])
    await fed(shop)
    async with reading(shop) as pool:
        for n in range(8):  # PostgreSQL keeps one plan from the sixth time on
            assert await find_order(pool, BOOK, "ord_a") is not None
            await rebuild(shop.url, [orders])
            await shop.write(bought(f"after-{n}"))
            await fed(shop)
            assert await find_order(pool, BOOK, f"ord_after-{n}") is not None


async def test_one_question_that_takes_long_does_not_hold_up_others_behind_a_swap(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.write([*opening(), *bought("a")])
    await fed(shop)
    monkeypatch.setattr(swap, "TRIES_MAX", 2)
    slow = await connecting(shop.url, "slow reader")()
    async with reading(shop) as pool, slow.transaction():
        await slow.fetch("select * from models.orders")
        with pytest.raises(swap.StillInUseError, match="tables of orders are in use"):
            await rebuild(shop.url, [orders])
        assert await find_order(pool, BOOK, "ord_a") is not None
    await slow.close()
    assert await lying_in(shop, OLD) == set()
    await rebuild(shop.url, [orders])
    assert await lying_in(shop, OLD) == {"orders_v2"}


async def test_what_was_bought_while_another_was_swapped_is_not_missing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.write([*opening(), *bought("a")])
    await fed(shop)
    monkeypatch.setattr(swap, "BEHIND_POSITIONS_MAX", 0)
    async with work._at_work(shop.url, [stock, orders], _heard, NEXT) as built:  # noqa: SLF001  # between its steps
        await built.begin()
        await built.feed_to_heads()
        assert await swap.swap(built, stock)
        await shop.write(bought("b"))
        await fed(shop)
        assert await swap.swap(built, orders)
    assert len(await shop.rows("orders")) == 2
    assert await check(shop.url, PROJECTIONS) == []


async def test_no_runner_moves_on_while_a_swap_is_made(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.write([*opening(), *bought("a")])
    await fed(shop)
    unharmed = swap._drop  # noqa: SLF001  # a step in the middle
    refused: list[str] = []

    async def looked_at(db: Connection, projection: Projection, place: str) -> None:
        held = "select from models.checkpoints where projection = $1 for update nowait"
        with pytest.raises(asyncpg.LockNotAvailableError):
            await shop.db.fetch(held, projection.NAME)
        assert await shop.db.fetch(held, "products") != [], "others go on"
        refused.append(projection.NAME)
        await unharmed(db, projection, place)

    monkeypatch.setattr(swap, "_drop", looked_at)
    await rebuild(shop.url, [orders, stock])
    assert refused == ["orders", "stock"]


async def test_a_fact_that_cannot_be_taken_ends_the_rebuild_and_changes_nothing(shop: Shop) -> None:
    await shop.write([*opening(), *bought("a"), *bought("b")])
    await fed(shop)
    before = await contents(shop)
    poisoned = Poisoned("ord_b")
    at = await position_of(shop, "order-ord_b")
    with pytest.raises(PoisonedError, match=f"orders cannot take the fact at position {at} of"):
        await rebuild(shop.url, [stock, poisoned])
    assert await contents(shop) == before
    assert await lying_in(shop, OLD) == await lying_in(shop, NEXT) == set()
    assert {each.behind for each in await lag(shop.db, shop.book, BOOK)} == {0}


async def test_what_cannot_be_taken_together_is_taken_one_by_one_and_the_rebuild_goes_on(
    shop: Shop,
) -> None:
    await shop.write([*opening(), *bought("a"), *bought("b")])
    await fed(shop)
    before = await contents(shop)
    heard: list[Rebuilt] = []
    await rebuild(shop.url, [stock, Jealous()], swapped=heard.append)
    assert [each.differences for each in heard] == [[], []]
    assert await contents(shop) == before


async def test_one_that_is_ahead_of_its_book_is_refused_and_built_once_it_is_forgotten(
    shop: Shop,
) -> None:
    """As where the book came back from a backup, and the read models did not."""
    await shop.write([*opening(), *bought("a")])
    await fed(shop)
    before = await contents(shop)
    head = await shop.book.head()
    await shop.db.execute(
        "update models.checkpoints set position = 70000 where projection = 'stock'"
    )
    told = f"stock stands at position 70,000, and book 1 ends at {head}: "
    for refused in (rebuild(shop.url, PROJECTIONS), check(shop.url, PROJECTIONS)):
        with pytest.raises(AheadOfTheBookError, match=told) as error:
            await refused
    assert await contents(shop) == before
    assert await lying_in(shop, OLD) == await lying_in(shop, NEXT) == set()
    advice = str(error.value).partition("stop Khata, ")[2].partition(", and run")[0]
    await shop.db.execute(advice)
    await rebuild(shop.url, PROJECTIONS)
    assert await contents(shop) == before
    assert {each.position for each in await lag(shop.db, shop.book, BOOK)} == {head}


async def test_one_that_had_stopped_is_compared_where_it_stands_and_then_goes_on(
    shop: Shop,
) -> None:
    await shop.write([*opening(), *bought("a"), *bought("b")])
    await fed(shop, [*PROJECTIONS[1:], Poisoned("ord_b")])
    await shop.db.execute("update orders_v2 set number = 'wrong' where order_id = 'ord_a'")
    await shop.write(bought("c"))
    await fed(shop, [*PROJECTIONS[1:], Poisoned("ord_b")])
    heard: list[Rebuilt] = []
    await rebuild(shop.url, PROJECTIONS, swapped=heard.append)
    (difference,) = [found for each in heard for found in each.differences or ()]
    assert str(difference) == "orders: 1 row differs in orders_v2: ord_a"
    assert {each.behind for each in await lag(shop.db, shop.book, BOOK)} == {0}
    assert {each.stopped_at for each in await lag(shop.db, shop.book, BOOK)} == {None}
    assert len(await shop.rows("orders")) == 3


TAMPERED = {
    "another column": "update models.stock_v1 set committed = 7 where sku = 'SKU-1'",
    "a row too few": "delete from models.stock_v1 where sku = 'SKU-1'",
    "a row too many": (
        "insert into models.stock_v1 (book, sku, received, reserved, committed, version)"
        " values (1, 'SKU-1x', 0, 0, 0, 1)"
    ),
    "another book": "update models.stock_v1 set book = 7 where sku = 'SKU-1'",
    "no table": "drop table models.stock_v1 cascade",
}


@pytest.mark.parametrize("statement", TAMPERED.values(), ids=TAMPERED.keys())
async def test_a_row_altered_by_hand_is_found_by_a_check_and_mended_by_a_rebuild(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    monkeypatch.setattr(content, "RANGE_ROWS", 2)
    await keep_busy(shop, 5)
    await fed(shop)
    before = await contents(shop)
    await shop.db.execute(statement)
    found = await check(shop.url, PROJECTIONS)
    assert {each.projection for each in found} == {"stock"}
    assert any(key.startswith("SKU-1") for each in found for key in each.keys)
    assert await lying_in(shop, NEXT) == set()
    await rebuild(shop.url, PROJECTIONS)
    assert await contents(shop) == before
    assert await check(shop.url, PROJECTIONS) == []


async def test_differences_are_counted_and_the_first_ones_named(shop: Shop) -> None:
    await shop.write([*opening(), *(fact for n in range(8) for fact in bought(str(n)))])
    await fed(shop)
    await shop.db.execute("update models.orders_v2 set document = '{}'")
    (difference,) = await check(shop.url, [orders, stock])
    named = "ord_0, ord_1, ord_2, ord_3, ord_4, …"
    assert str(difference) == f"orders: 8 rows differ in orders_v2: {named}"


class _KilledError(Exception):
    """The end of a process, as far as its connections can tell."""


@pytest.mark.parametrize("at", ["move", "views", "end"])
async def test_one_killed_in_the_middle_of_the_swap_leaves_what_serves_whole(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    await shop.write([*opening(), *bought("a")])
    await fed(shop)
    before = await contents(shop)
    steps = {"move": "_drop", "views": "step_into", "end": "publish"}
    unharmed: Any = getattr(swap, steps[at])

    async def killed(db: Connection, *args: object, **_: object) -> None:
        if at != "end":
            await unharmed(db, *args)
        db.terminate()
        raise _KilledError

    monkeypatch.setattr(swap, steps[at], killed)
    with pytest.raises((_KilledError, asyncpg.InterfaceError)):
        await rebuild(shop.url, PROJECTIONS)
    monkeypatch.undo()
    assert await contents(shop) == before
    assert await lying_in(shop, OLD) == set()
    await rebuild(shop.url, PROJECTIONS)
    assert await contents(shop) == before


async def test_one_killed_while_building_leaves_remains_that_the_next_one_clears_away(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copy, "PAGE_POSITIONS", 10)
    await keep_busy(shop, 5)
    await fed(shop)
    before = await contents(shop)

    def killed(done: int, _: int) -> None:
        if done >= 40:
            raise _KilledError

    async def untidy(_: Connection) -> None:
        """The dead tidy nothing."""

    monkeypatch.setattr(work, "_tidy", untidy)
    with pytest.raises(_KilledError):
        await rebuild(shop.url, PROJECTIONS, killed)
    monkeypatch.undo()
    assert await lying_in(shop, NEXT) == {*TABLES}
    assert await contents(shop) == before
    await rebuild(shop.url, PROJECTIONS)
    assert await contents(shop) == before
    assert await lying_in(shop, NEXT) == set()


async def test_a_second_rebuild_at_the_same_time_is_refused(shop: Shop) -> None:
    await shop.write([*opening(), *bought("a")])
    await fed(shop)
    refused: list[str] = []

    async def second() -> None:
        for another in (rebuild(shop.url, [stock]), check(shop.url, [stock])):
            with pytest.raises(AlreadyAtWorkError) as error:
                await another
            refused.append(str(error.value))

    beside: list[asyncio.Task[None]] = []
    async with work._at_work(shop.url, [orders], _heard, NEXT):  # noqa: SLF001  # holds its lock
        beside.append(asyncio.create_task(second()))
        await beside[0]
    assert refused == ["read models are being rebuilt already; wait, or end that"] * 2
    await rebuild(shop.url, [orders])


async def test_what_was_replaced_can_be_brought_back_and_forth(shop: Shop) -> None:
    await shop.write([*opening(), *bought("a")])
    await fed(shop)
    with pytest.raises(NothingKeptError, match="of orders no older one is kept"):
        await back(shop.url, orders)
    await shop.db.execute("update orders_v2 set number = 'old'")
    await rebuild(shop.url, PROJECTIONS)
    await shop.write(bought("b"))
    await fed(shop)
    async with reading(shop) as pool:
        assert await numbers(pool) == ["N-a", "N-b"]
        head = await shop.book.head()
        assert await back(shop.url, orders) == {BOOK: head}
        assert await numbers(pool) == ["old", "N-b"], "it was fed before it served"
        await shop.write(bought("c"))
        await fed(shop)
        assert await numbers(pool) == ["old", "N-b", "N-c"]
        await back(shop.url, orders)
        assert await numbers(pool) == ["N-a", "N-b", "N-c"]
    assert await check(shop.url, PROJECTIONS) == []


async def test_an_old_one_that_cannot_go_on_comes_back_as_far_as_it_came(shop: Shop) -> None:
    await shop.write([*opening(), *bought("a"), *bought("b")])
    await fed(shop, [*PROJECTIONS[1:], Poisoned("ord_b")])
    await rebuild(shop.url, PROJECTIONS)
    at = await position_of(shop, "order-ord_b")
    assert await back(shop.url, Poisoned("ord_b")) == {BOOK: at - 1}
    (told, *_) = await lag(shop.db, shop.book, BOOK, [orders])
    assert (told.position, told.stopped_at) == (at - 1, at)


async def test_every_book_is_rebuilt(shop: Shop, book_database: BookDatabase) -> None:
    await shop.write([*opening(), *bought("a")])
    await fed(shop)
    await migrate(book_database.owner_url, role_of(book_database.app_url), 2)
    other = await open_book(shop.url, 2)
    await prepare(shop.db, 2)
    second = Shop(shop.url, other, shop.db, shop.connect)
    await keep_busy(second, 10)
    runner = Runner(other, shop.connect, 2)
    await runner.catch_up()
    await runner.close()
    before = await contents(shop), await contents(shop, book=2)
    assert before[0]["orders_v2"].rows == 1
    await rebuild(shop.url, PROJECTIONS)
    assert (await contents(shop), await contents(shop, book=2)) == before
    await shop.db.execute("update orders_v2 set number = 'x' where book = 2")
    (found,) = await check(shop.url, PROJECTIONS)
    assert (found.book, found.rows) == (2, before[1]["orders_v2"].rows)
    assert "in orders_v2 of book 2" in str(found)
    await other.close()


async def test_a_book_that_nobody_has_served_yet_has_nothing_to_differ(
    shop: Shop, book_database: BookDatabase
) -> None:
    await shop.write([*opening(), *bought("a")])
    await fed(shop)
    await migrate(book_database.owner_url, role_of(book_database.app_url), 2)
    assert await check(shop.url, PROJECTIONS) == []
    await rebuild(shop.url, PROJECTIONS)
    known = await checkpoints.load(shop.db, 2)
    assert {each.position for each in known.values()} == {0}


async def test_a_raised_version_is_built_while_the_older_one_serves_and_taken_up_at_the_start(
    shop: Shop,
) -> None:
    newer = Shouting()
    await shop.write([*opening(), *bought("a")])
    await fed(shop)
    heard: list[Rebuilt] = []
    await rebuild(shop.url, [newer], swapped=heard.append)
    assert [(each.serves, each.differences) for each in heard] == [(False, None)]
    await shop.write(bought("b"))
    await fed(shop)
    async with reading(shop) as pool:
        assert await numbers(pool) == ["N-a", "N-b"], "the older one serves, and is fed"
        await prepare(shop.db, BOOK, [newer])
        assert await numbers(pool) == ["N-a!"]
        await fed(shop, [newer])
        assert await numbers(pool) == ["N-a!", "N-b!"]
        await prepare(shop.db, BOOK)
        assert await numbers(pool) == ["N-a!", "N-b!"], "an older Khata turns nothing back"


async def test_a_raised_version_that_nobody_built_begins_at_nothing_and_says_so(shop: Shop) -> None:
    await shop.write([*opening(), *bought("a")])
    await fed(shop)
    newer = Shouting()
    await prepare(shop.db, BOOK, [newer])
    assert (await checkpoints.load(shop.db, BOOK))["orders", 3].position == 0
    await fed(shop, [newer])
    async with reading(shop) as pool:
        assert await numbers(pool) == ["N-a!"]


async def test_analysts_may_read_what_was_swapped_in(
    shop: Shop, book_database: BookDatabase
) -> None:
    await shop.write([*opening(), *bought("a")])
    await rebuild(shop.url, PROJECTIONS)
    readable = await connected(
        book_database.superuser_url,
        lambda db: db.fetch(
            "select nspname || '.' || relname from pg_class"
            " join pg_namespace n on n.oid = relnamespace"
            " where relkind in ('r', 'v') and nspname !~ '^(pg_|information_schema)'"
            " and has_schema_privilege('khata_read', n.oid, 'usage')"
            " and has_table_privilege('khata_read', pg_class.oid, 'select')"
        ),
    )
    shown = [view.name for view in VIEWS]
    assert {row[0] for row in readable} == {f"read.{name}" for name in (*shown, "about")}


async def test_a_rebuild_writes_nothing_into_the_book(shop: Shop) -> None:
    await keep_busy(shop, 5)
    before = await shop.db.fetch("select position, chain from khata.books")
    await rebuild(shop.url, PROJECTIONS)
    assert await shop.db.fetch("select position, chain from khata.books") == before


async def numbers(pool: ReadPool) -> list[str]:
    rows = await pool.fetch("select number from models.orders where book = 1 order by position")
    return [row[0] for row in rows]


async def position_of(shop: Shop, stream: str) -> int:
    found: int = await shop.db.fetchval(
        "select position from khata.events where book = $1 and stream = $2", BOOK, stream
    )
    return found


async def test_the_places_of_a_shop_are_where_the_migration_made_them(shop: Shop) -> None:
    await stay_in(shop.db, OLD)
    assert await shop.db.fetchval("select current_schema()") == OLD
