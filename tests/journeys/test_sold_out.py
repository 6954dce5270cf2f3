"""A hundred buyers want twenty units at once."""

import asyncio

import pytest

from tests.journeys.buyers import (
    Buyer,
    all_cases,
    all_projections_stand_at_the_head,
    ok,
    order_of,
    refused,
    stock_of,
)
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio

BUYERS, UNITS = 100, 20


async def test_a_hundred_buyers_for_twenty_units_are_twenty_orders_and_eighty_refusals(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("SCARCE", units=UNITS)
    await shop.stocked("PLENTY", units=10_000)
    buyers = await asyncio.gather(*(Buyer.guest(shop, SCARCE=1, PLENTY=1) for _ in range(BUYERS)))
    answers = await asyncio.gather(*(buyer.order(key=f"k{n}") for n, buyer in enumerate(buyers)))
    winners = [pair for pair in zip(buyers, answers, strict=True) if pair[1].status_code == 201]
    assert len(winners) == UNITS
    for answer in answers:
        if answer.status_code != 201:
            problem = refused(answer, 409, "inventory-unavailable")
            assert problem["lines"] == [{"sku": "SCARCE", "requested": 1, "available": 0}]
    assert await stock_of(shop, "SCARCE") == (UNITS, 0, 0)
    assert await stock_of(shop, "PLENTY") == (UNITS, 0, 10_000 - UNITS)
    await asyncio.gather(*(shop.pay(order_of(ok(answer))) for _, answer in winners))
    done = await asyncio.gather(
        *(buyer.until(ok(answer), "ORDER_CREATED") for buyer, answer in winners)
    )
    assert len({each["order_id"] for each in done}) == UNITS
    assert await stock_of(shop, "SCARCE") == (0, UNITS, 0)
    assert await stock_of(shop, "PLENTY") == (0, UNITS, 10_000 - UNITS)
    assert not await all_cases(shop)
    listed = await shop.client.get("/admin/orders?limit=100", headers=shop.bearer("operator"))
    assert len(ok(listed)["items"]) == UNITS
    await all_projections_stand_at_the_head(shop)


async def test_every_short_line_is_named_and_nothing_is_held(shop: ShopUnderTest) -> None:
    await shop.stocked("SHORT-A", units=1)
    await shop.stocked("SHORT-B", units=2)
    await shop.stocked("ENOUGH", units=9)
    buyer = await Buyer.guest(shop, SHORT_A=2, SHORT_B=3, ENOUGH=1)
    for answer in (await buyer.start(), await buyer.order()):
        problem = refused(answer, 409, "inventory-unavailable")
        assert sorted(line["sku"] for line in problem["lines"]) == ["SHORT-A", "SHORT-B"]
        assert {line["available"] for line in problem["lines"]} == {1, 2}
    assert await stock_of(shop, "ENOUGH") == (0, 0, 9)
    assert (await buyer.cart())["state"] == "CART_PENDING"
    ok(await buyer.put("SHORT-A", 1))
    ok(await buyer.put("SHORT-B", 2))
    pending = await buyer.intent()
    headers = shop.bearer("admin")
    path = "/admin/stock/SHORT-A/adjustments"
    answer = await shop.client.post(path, json={"delta": -1, "reason": "lost"}, headers=headers)
    problem = refused(answer, 409, "stock-is-promised")
    holds = problem["holds"]
    assert [hold["checkout_session_id"] for hold in holds] == [pending["checkout_session_id"]]
