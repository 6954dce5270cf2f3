"""`as_of`: an order and a stock as they stood, at a position or at a time."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from src.events.identifiers import ORDER, PRODUCT, STOCK, stream
from tests.http.test_back_office import bought_something
from tests.shop import ShopUnderTest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio

MICROSECOND = timedelta(microseconds=1)
BAD = {
    "yesterday": "is neither a position of the book nor a time such as 2026-01-15T12:00:00Z",
    "-1": "is neither a position of the book nor a time such as 2026-01-15T12:00:00Z",
    "1.5": "is neither a position of the book nor a time such as 2026-01-15T12:00:00Z",
    "2030-01-01T00:00:00": "needs its offset, for example Z",
    "0001-01-01T00:00:00+14:00": "is beyond the calendar",
    "9" * 17: "is beyond every book",
}


async def stock_at(shop: ShopUnderTest, as_of: object) -> httpx.Response:
    return await shop.client.get(
        "/admin/stock/CHAI", params={"as_of": str(as_of)}, headers=shop.bearer("operator")
    )


def counts(answer: httpx.Response) -> tuple[int, ...]:
    assert answer.status_code == 200, answer.text
    stock: dict[str, Any] = answer.json()
    return tuple(stock[name] for name in ("received", "reserved", "committed", "available"))


async def test_a_stock_is_shown_as_it_stood(shop: ShopUnderTest) -> None:
    await bought_something(shop)
    facts = await shop.parts.book.read_stream(stream(STOCK, "CHAI"))
    expected = [(100, 0, 0, 100), (100, 1, 0, 99), (100, 0, 1, 99)]
    assert [each.type for each in facts] == ["StockReceived", "StockReserved", "StockCommitted"]
    for fact, stood in zip(facts, expected, strict=True):
        assert counts(await stock_at(shop, fact.position)) == stood
        assert counts(await stock_at(shop, fact.recorded_at.isoformat())) == stood
    for earlier, later in zip(expected, facts[1:], strict=False):
        assert counts(await stock_at(shop, later.position - 1)) == earlier
        assert counts(await stock_at(shop, later.recorded_at - MICROSECOND)) == earlier
    now = await shop.client.get("/admin/stock/CHAI", headers=shop.bearer("operator"))
    beyond = await stock_at(shop, await shop.parts.book.head() + 1_000)
    assert (beyond.json(), beyond.headers["etag"]) == (now.json(), now.headers["etag"])


async def test_a_stock_before_its_product_was_listed_is_404(shop: ShopUnderTest) -> None:
    await shop.stocked("FIRST")
    await shop.stocked("CHAI")
    [listed] = await shop.parts.book.read_stream(stream(PRODUCT, "CHAI"))
    for before in (0, listed.position - 1, listed.recorded_at - MICROSECOND):
        answer = await stock_at(shop, before)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert counts(await stock_at(shop, listed.position)) == (0, 0, 0, 0)


@pytest.mark.parametrize("bad", BAD)
async def test_a_moment_that_cannot_be_is_named_in_plain_words(
    shop: ShopUnderTest, bad: str
) -> None:
    order = await shop.client.get(
        "/orders/ord_1", params={"as_of": bad}, headers={"X-Session-Id": "s" * 43}
    )
    for answer in (await stock_at(shop, bad), order):
        assert (answer.status_code, answer.json()["code"]) == (422, "validation")
        assert answer.json()["errors"] == [{"field": "as_of", "message": BAD[bad]}]


async def test_an_order_is_there_from_the_moment_on_that_it_was_placed(
    shop: ShopUnderTest,
) -> None:
    bought, owner = await bought_something(shop)
    path = f"/orders/{bought['order_id']}"
    [placed] = await shop.parts.book.read_stream(stream(ORDER, bought["order_id"]))
    now = (await shop.client.get(path, headers=owner)).json()

    async def at(moment: int | datetime, headers: dict[str, str]) -> httpx.Response:
        return await shop.client.get(path, params={"as_of": str(moment)}, headers=headers)

    for there in (placed.position, placed.position + 99, placed.recorded_at):
        answer = await at(there, owner)
        assert (answer.status_code, answer.json()) == (200, now)
        assert (await at(there, {"X-Session-Id": "s" * 43})).status_code == 404
    for before in (0, placed.position - 1, placed.recorded_at - MICROSECOND):
        answer = await at(before, owner)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
