"""The runner: each fact exactly once, whatever happens, and nothing skipped."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

import pytest

from src.events.connection import Connection
from src.events.envelope import Recorded
from src.events.order import OrderPlaced
from src.projections import checkpoints, orders, runner, stock
from src.projections.catalogue import PROJECTIONS
from src.projections.lag import lag
from src.projections.projection import Handles
from src.projections.rebuild.work import rebuild
from tests.projections.facts import asked_for_money, begun, bought, expired, opening, sku
from tests.projections.shop import BOOK, Shop

pytestmark = pytest.mark.anyio


class Poisoned:
    """The order projection, but it cannot stand one order."""

    NAME, VERSION, TABLES = "poisoned", 1, ("poisoned_v1",)
    HANDLES: Handles = frozenset({OrderPlaced})
    DDL = "create table if not exists poisoned_v1 (book int, order_id text primary key)"

    def __init__(self, order_id: str) -> None:
        self.order_id = order_id

    async def project(self, page: Sequence[Recorded], db: Connection, book: int) -> None:
        for recorded in page:
            statement = "insert into poisoned_v1 values ($1, $2)"
            await db.execute(statement, book, recorded.event.order_id)
            if recorded.event.order_id == self.order_id:
                raise ValueError("cannot stand this order")


class Dying:
    """A projection whose process is killed in the middle of every n-th page."""

    NAME, VERSION, TABLES = stock.NAME, stock.VERSION, stock.TABLES
    HANDLES, DDL = stock.HANDLES, stock.DDL

    def __init__(self) -> None:
        self.alive = False

    async def project(self, page: Sequence[Recorded], db: Connection, book: int) -> None:
        await stock.project(page, db, book)
        if not self.alive:
            raise asyncio.CancelledError


async def fill(shop: Shop, orders: int) -> None:
    await shop.write(opening())
    for n in range(orders):
        await shop.write(bought(str(n), (n % 3, (n + 1) % 3)))


async def rebuilt(shop: Shop) -> dict[str, list[dict[str, Any]]]:
    await rebuild(shop.url, PROJECTIONS)
    return await shop.everything()


async def caught_up(shop: Shop) -> None:
    feeding = shop.runner()
    await feeding.catch_up()
    await feeding.close()


@pytest.mark.parametrize("page_events", [1, 7, 1_000])
async def test_a_rebuild_gives_what_small_steps_gave(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, page_events: int
) -> None:
    await fill(shop, 3)
    await shop.write([*begun("open"), *asked_for_money("open"), *begun("gone"), *expired("gone")])
    monkeypatch.setattr(runner, "PAGE_EVENTS", page_events)
    await caught_up(shop)
    stepwise = await shop.everything()
    monkeypatch.setattr(runner, "PAGE_EVENTS", 1_000)
    assert len(stepwise["orders_v2"]) == 3
    assert await rebuilt(shop) == stepwise


async def test_a_runner_that_dies_in_the_middle_of_a_page_leaves_nothing_of_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(shop, 4)
    monkeypatch.setattr(runner, "PAGE_EVENTS", 10)
    dying = Dying()
    for _ in range(30):
        feeding = shop.runner([orders, dying])
        dying.alive = False
        with contextlib.suppress(asyncio.CancelledError):
            await feeding.catch_up()
        dying.alive = True
        await feeding._line.run(feeding._step)  # noqa: SLF001  # one page and no more
        await feeding.close()
    sold = {row["sku"]: row["committed"] for row in await shop.rows("stock")}
    assert sold == {sku(0): 6, sku(1): 6, sku(2): 4}
    assert len(await shop.rows("orders")) == 4


async def test_two_runners_at_once_add_every_fact_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PAGE_EVENTS", 5)
    await fill(shop, 8)
    one, other = shop.runner(), shop.runner()
    await asyncio.gather(one.catch_up(), other.catch_up())
    await one.close()
    await other.close()
    together = await shop.everything()
    assert len(together["orders_v2"]) == 8
    assert await rebuilt(shop) == together


async def test_a_fact_that_one_projection_cannot_take_stops_only_that_one(shop: Shop) -> None:
    await fill(shop, 3)
    poisoned = Poisoned("ord_1")
    feeding = shop.runner([stock, poisoned, orders])
    await feeding.catch_up()
    stopped = {each.name: each for each in await lag(shop.db, shop.book, BOOK, [poisoned, orders])}
    at = await position_of(shop, "order-ord_1")
    assert stopped["poisoned"].stopped_at == at
    assert stopped["poisoned"].position == at - 1
    assert stopped["poisoned"].stopped_reason == "ValueError: cannot stand this order"
    assert stopped["orders"].behind == 0
    assert stopped["orders"].stopped_at is None
    assert [row["order_id"] for row in await shop.rows("poisoned_v1")] == ["ord_0"]

    poisoned.order_id = "none any more"
    await feeding.catch_up()
    assert len(await shop.rows("poisoned_v1")) == 1, "it does not start again by itself"
    await checkpoints.retry(shop.db, BOOK, [poisoned])
    await feeding.catch_up()
    assert len(await shop.rows("poisoned_v1")) == 3
    await feeding.close()


async def test_a_fact_of_a_newer_khata_stops_everything_that_might_have_wanted_it(
    shop: Shop,
) -> None:
    await fill(shop, 1)
    at = await shop.write_raw("order-ord_0", "OrderGiftWrapped", b"{}")
    await caught_up(shop)
    for each in await lag(shop.db, shop.book, BOOK):
        assert (each.position, each.stopped_at) == (at - 1, at)
        assert each.stopped_reason is not None
        assert "OrderGiftWrapped was written by a newer Khata" in each.stopped_reason


async def test_a_newer_version_of_a_fact_stops_only_those_that_read_it(shop: Shop) -> None:
    await fill(shop, 1)
    at = await shop.write_raw("order-ord_9", "OrderPlaced", b"{}", schema_version=2)
    await shop.write(bought("2"))
    await caught_up(shop)
    places = {each.name: each for each in await lag(shop.db, shop.book, BOOK)}
    readers = {each.NAME for each in PROJECTIONS if OrderPlaced in each.HANDLES}
    assert {"orders", "sales"} <= readers
    assert {places[name].stopped_at for name in readers} == {at}
    assert {name for name, each in places.items() if each.behind == 0} == set(places) - readers


async def test_following_reaches_the_head_after_every_call(shop: Shop) -> None:
    called, rested = asyncio.Event(), asyncio.Event()

    async def wake(_: float) -> None:
        rested.set()
        await called.wait()
        called.clear()

    async def at_once(_: float) -> None:
        return

    feeding = shop.runner()
    following = asyncio.create_task(feeding.follow(wake, at_once))
    await rested.wait()
    for n in range(3):
        await shop.write([*(opening() if n == 0 else []), *bought(str(n))])
        rested.clear()
        called.set()
        await rested.wait()
        assert {each.behind for each in await lag(shop.db, shop.book, BOOK)} == {0}
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
    await feeding.close()


async def test_one_of_two_following_works_and_the_other_takes_over(shop: Shop) -> None:
    await shop.write(opening())
    first, second = shop.runner(), shop.runner()
    leads = first._line.run(first._is_leader), second._line.run(second._is_leader)  # noqa: SLF001  # who leads shows nowhere else
    assert [await each for each in leads] == [True, False]
    await first.close()
    assert await second._line.run(second._is_leader)  # noqa: SLF001  # as above
    await second.close()


async def position_of(shop: Shop, stream: str) -> int:
    found: int = await shop.db.fetchval(
        "select position from khata.events where book = $1 and stream = $2", BOOK, stream
    )
    return found
