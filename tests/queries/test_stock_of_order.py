"""What an order moved: its own units alone, and found without reading the book around it twice."""

import pytest

from src.queries.stock_of_order import NEIGHBOURS, StockMove, stock_of_order
from src.queries.timeline import story
from tests.projections.facts import asked_for_money, begun, paid
from tests.queries.test_why import CountedBook, OldBook, opened_book

pytestmark = pytest.mark.anyio


async def moved(old: OldBook) -> list[StockMove]:
    facts = await story(old.book, "ord_a")
    assert facts is not None
    return await stock_of_order(old.book, facts)


async def others_buy(old: OldBook, count: int) -> None:
    for n in range(count):
        await old.write([*begun(f"b{n}"), *asked_for_money(f"b{n}")], "guest:cart_b")


@pytest.mark.parametrize("others", [0, 1, NEIGHBOURS // 4], ids=["none", "one", "a crowd"])
async def test_an_order_moved_its_own_units_whoever_bought_meanwhile(others: int) -> None:
    old = await opened_book()
    await others_buy(old, others)
    await old.write(paid("a"), "khata:settler")
    found = await moved(old)
    assert [each.event for each in found] == ["StockReserved"] * 2 + ["StockCommitted"] * 2
    assert [each.position for each in found] == sorted({each.position for each in found})
    assert {each.sku for each in found[:2]} == {each.sku for each in found[2:]}


async def test_the_book_around_an_order_is_read_once_where_its_facts_stand_close() -> None:
    book = CountedBook()
    old = await opened_book(book=book)
    await old.write(paid("a"), "khata:settler")
    book.pages.clear()
    assert await moved(old)
    assert len(book.pages) == 1
