"""`khata rebuild`: beside a running shop and without one, and what it says."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from src.cli.complaint import Complaint
from src.cli.rebuild import run_rebuild
from src.events.envelope import Cause, Entry, Expected, NewEvent
from src.events.identifiers import KHATA_NAMESPACE, Stream
from src.projections.catalogue import PROJECTIONS
from tests.cli.commands import khata
from tests.journeys.buyers import Buyer, ok, order_of
from tests.shop import ShopUnderTest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio

NAMES = [each.NAME for each in PROJECTIONS]
TABLES = [table for each in PROJECTIONS for table in each.TABLES]


async def one_order(shop: ShopUnderTest) -> tuple[Buyer, dict[str, Any]]:
    """Let a guest buy; return the guest and the session, which has its order."""
    await shop.stocked("A")
    buyer = await Buyer.guest(shop, A=2)
    checkout = await buyer.intent()
    await shop.pay(order_of(checkout))
    ordered = await buyer.until(checkout, "ORDER_CREATED")
    await shop.work()
    return buyer, ordered


async def rows(shop: ShopUnderTest) -> dict[str, list[Any]]:
    """Every row of every read model, as PostgreSQL writes it."""
    found: dict[str, list[Any]] = {}
    for table in TABLES:
        statement = f"select t::text from models.{table} as t order by 1"  # noqa: S608  # our own names
        found[table] = [row[0] for row in await shop.parts.reads.fetch(statement)]
    return found


async def ran(shop: ShopUnderTest, *names: str, **wish: bool) -> int | None:
    options = {"check": False, "back": False, "status": False, **wish}
    return await asyncio.to_thread(run_rebuild, shop.settings, names, **options)


def without_time(session: dict[str, Any]) -> dict[str, Any]:
    """Leave out how many seconds are left to pay: they pass."""
    intent = {
        name: said for name, said in session["payment_intent"].items() if name[:8] != "checkout"
    }
    return session | {"payment_intent": intent}


async def changed_by_hand(shop: ShopUnderTest, statement: str) -> None:
    """Change a read model as the application, which owns it."""
    await shop.parts.runner._line.run(lambda db: db.execute(statement))  # noqa: SLF001  # a connection that may


async def test_lost_read_models_and_a_lost_redis_come_back_byte_for_byte(
    shop: ShopUnderTest,
) -> None:
    buyer, ordered = await one_order(shop)
    before = await rows(shop)
    assert before["orders_v2"]
    assert shop.settings.redis_url is not None
    async with Redis.from_url(shop.settings.redis_url) as redis:
        await redis.flushdb()
    await changed_by_hand(shop, f"truncate {', '.join(TABLES)}, checkpoints")
    assert (await rows(shop))["orders_v2"] == []
    assert await ran(shop) is None
    assert await rows(shop) == before
    assert without_time(ok(await buyer.session(ordered))) == without_time(ordered)


async def test_each_read_model_is_told_with_its_rows_and_where_the_old_one_is(
    shop: ShopUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    await one_order(shop)
    capsys.readouterr()
    assert await ran(shop) is None
    told = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in told] == NAMES
    assert told[0].startswith("orders: 1 row from ")
    assert told[0].endswith(", no differences; it serves, the old one is kept in models_old")
    await ran(shop, "stock", status=True)
    (line,) = capsys.readouterr().out.splitlines()
    assert ", 0 behind; an old one is kept at " in line


async def test_a_check_finds_what_was_altered_and_a_rebuild_mends_it(
    shop: ShopUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    await one_order(shop)
    assert await ran(shop, check=True) == 0
    before = await rows(shop)
    await changed_by_hand(shop, "update orders_v2 set total_minor = 1")
    capsys.readouterr()
    assert await ran(shop, check=True) == 1
    said = capsys.readouterr().out
    assert said.startswith("orders: 1 row differs in orders_v2: ord_")
    assert said.endswith(f"{len(NAMES)} read models compared with the book: 1 row differs\n")
    assert await ran(shop, "orders") is None
    assert await rows(shop) == before
    await ran(shop, "orders", back=True)
    assert "orders: the old one serves again, at position " in capsys.readouterr().out
    assert await rows(shop) != before


async def test_what_was_never_begun_is_not_counted_as_compared_nor_told_as_kept(
    shop: ShopUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    """As after a book was restored, which brings no read model along."""
    await one_order(shop)
    for name in TABLES:
        await changed_by_hand(shop, f"drop table models.{name} cascade")
    await changed_by_hand(shop, "delete from models.checkpoints")
    capsys.readouterr()
    assert await ran(shop, check=True) == 1
    said = capsys.readouterr().out.splitlines()
    assert said == [
        *(
            f"{each.NAME}: not compared, version {each.VERSION} was never begun"
            for each in PROJECTIONS
        ),
        "no read model was compared with the book",
    ]
    await ran(shop, "orders")
    assert capsys.readouterr().out.endswith(
        ", nothing to compare with; it serves, there is no old one to keep\n"
    )
    assert await ran(shop, "orders", "stock", check=True) == 0
    assert capsys.readouterr().out == (
        "stock: not compared, version 1 was never begun\n"
        "1 read model compared with the book: no differences\n"
    )


async def test_an_altered_book_is_built_from_only_if_that_is_wanted_anyway(
    shop: ShopUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    await one_order(shop)
    await ran(shop, "orders")
    await changed_by_hand(shop, "update orders_v2 set total_minor = 1")
    before = await rows(shop)
    await changed_by_hand(shop, "select notary.alarm(1, 3, 'the event at 3 was changed')")
    capsys.readouterr()
    told = "book 1 was altered at position 3, where its notary stopped: build nothing from it"
    with pytest.raises(Complaint, match=told) as error:
        await ran(shop, "orders")
    assert error.value.exit_code == 1
    assert await rows(shop) == before
    await ran(shop, "orders", check=True)
    capsys.readouterr()
    await ran(shop, "orders", anyway=True)
    said = capsys.readouterr()
    assert f"khata: {told}" in said.err
    assert "orders: 1 row from " in said.out
    assert await rows(shop) != before


async def test_what_is_asked_wrongly_is_a_complaint(shop: ShopUnderTest) -> None:
    with pytest.raises(
        Complaint, match=r"no read model baskets; there are orders, stock, "
    ) as error:
        await ran(shop, "baskets")
    assert error.value.exit_code == 2
    with pytest.raises(Complaint, match="do not go together"):
        await ran(shop, check=True, status=True)
    with pytest.raises(Complaint, match="for building only"):
        await ran(shop, check=True, anyway=True)
    with pytest.raises(Complaint, match="Say which read model"):
        await ran(shop, back=True)


async def test_a_fact_that_cannot_be_taken_is_named_and_the_shop_serves_on(
    shop: ShopUnderTest,
) -> None:
    await one_order(shop)
    before = await rows(shop)
    cause = Cause(command_id=KHATA_NAMESPACE, correlation_id=KHATA_NAMESPACE, actor="khata:test")
    event = NewEvent(
        stream=Stream("order-x"),
        version=1,
        type="OrderGiftWrapped",
        schema_version=1,
        event_id=KHATA_NAMESPACE,
        payload=b"{}",
    )
    entry = Entry(cause=cause, expected=[Expected(Stream("order-x"), 0)], events=[event])
    await shop.parts.book.append([entry])
    settings = shop.settings
    assert settings.database_url is not None
    assert settings.redis_url is not None
    urls = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
    done = await asyncio.to_thread(khata, settings.home, "rebuild", "stock", **urls)
    assert (done.returncode, done.stdout) == (1, "")
    head = await shop.parts.book.head()
    assert f"khata: stock cannot take the fact at position {head} of book 1" in done.stderr
    assert "OrderGiftWrapped was written by a newer Khata" in done.stderr
    assert await rows(shop) == before


def test_it_works_where_nothing_runs(home: Path) -> None:
    file = home.parent / "catalogue.csv"
    file.write_text("sku,name,price,opening_stock\nCHAI,Chai,100,5\n", encoding="utf-8")
    assert khata(home, "import", "catalogue", str(file)).returncode == 0
    done = khata(home, "rebuild", "products", "stock")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.partition(" from ")[0] for line in done.stdout.splitlines()] == [
        "products: 1 row",
        "stock: 1 row",
    ]
    done = khata(home, "rebuild", "--back", "cases")
    assert (done.returncode, done.stderr) == (1, "khata: of cases no older one is kept\n")
