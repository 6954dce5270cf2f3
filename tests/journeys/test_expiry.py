"""A session's time runs out: its stock is free again, and money that comes later still counts."""

import asyncio
from typing import Any

import pytest

from tests.journeys.buyers import (
    Buyer,
    all_cases,
    eventually,
    ok,
    order_of,
    refused,
    stock_of,
)
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def terms() -> dict[str, Any]:
    """A shop that keeps stock for one second."""
    return {"KHATA_CHECKOUT_TTL_SECONDS": "1"}


async def expired(shop: ShopUnderTest, buyer: Buyer, checkout: dict[str, Any]) -> dict[str, Any]:
    """Let the worker do its work until the session has expired."""

    async def look() -> dict[str, Any] | None:
        await shop.work()
        answer = await buyer.session(checkout)
        return refused(answer, 410, "session-expired") if answer.status_code == 410 else None

    found: dict[str, Any] = await eventually(look)
    return found


async def test_an_expired_session_frees_stock_and_cart_and_late_money_completes_it(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("TIME", units=5)
    buyer = await Buyer.guest(shop, TIME=2)
    pending = await buyer.intent()
    assert await stock_of(shop, "TIME") == (2, 0, 3)
    problem = await expired(shop, buyer, pending)
    assert problem["cart_id"] == buyer.cart_id
    assert await stock_of(shop, "TIME") == (0, 0, 5)
    assert (await buyer.cart())["state"] == "CART_PENDING"
    ok(await buyer.put("TIME", 1))
    session = {"checkout_session_id": pending["checkout_session_id"]}
    refused(await buyer.order(**session), 410, "session-expired")
    path = f"/checkout/{pending['checkout_session_id']}/cancel"
    refused(await buyer.ask("POST", path), 410, "session-expired")
    await shop.pay(order_of(pending))
    done = await buyer.until(pending, "ORDER_CREATED")
    assert done["order_id"]
    assert await stock_of(shop, "TIME") == (0, 2, 3)
    assert not await all_cases(shop)


async def test_a_write_that_meets_an_overdue_session_lets_it_expire_first(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("MEET", units=3)
    buyers = [await Buyer.guest(shop, MEET=1) for _ in range(3)]
    pending = [await buyer.intent() for buyer in buyers]
    first, second, third = buyers

    await asyncio.sleep(1.1)  # past everybody's expires_at; nobody has said so in the book
    ok(await first.put("MEET", 2))
    refused(await first.session(pending[0]), 410, "session-expired")
    again = ok(await second.start())
    assert again["checkout_session_id"] != pending[1]["checkout_session_id"]
    refused(await second.session(pending[1]), 410, "session-expired")
    named = {"checkout_session_id": pending[2]["checkout_session_id"]}
    refused(await third.order(**named), 410, "session-expired")
    assert (await third.cart())["state"] == "CART_PENDING"


async def test_a_capture_before_the_fact_of_expiry_is_a_normal_capture(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("JUST", units=1)
    buyer = await Buyer.guest(shop, JUST=1)
    pending = await buyer.intent()
    await asyncio.sleep(1.1)  # past expires_at; nobody has said so in the book
    await shop.pay(order_of(pending))
    await buyer.until(pending, "ORDER_CREATED")
    await shop.work()
    assert ok(await buyer.session(pending))["state"] == "ORDER_CREATED"
    assert await stock_of(shop, "JUST") == (0, 1, 0)


async def test_expiry_and_capture_race_and_the_stock_is_right_either_way(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("RACES", units=10)
    buyers = [await Buyer.guest(shop, RACES=1) for _ in range(10)]
    pending = await asyncio.gather(*(buyer.intent() for buyer in buyers))
    await asyncio.sleep(1.1)  # all of them are due
    await shop.parts.runner.catch_up()
    await asyncio.gather(shop.work(), *(shop.pay(order_of(each)) for each in pending))
    for buyer, each in zip(buyers, pending, strict=True):
        await buyer.until(each, "ORDER_CREATED")
    assert await stock_of(shop, "RACES") == (0, 10, 0)
    assert not await all_cases(shop)
