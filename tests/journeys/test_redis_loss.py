"""Redis is lost, or silent, in the middle of a checkout; nothing is lost but speed."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from src.embedded import Engines
from tests.journeys.buyers import Buyer, ok, order_of, stock_of
from tests.redis.proxy import Proxy
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio

CHECKOUT_SECONDS_MAX = 3.0
"""Cart, intent, payment and order while Redis says nothing: a few timeouts of 250 ms at most."""
TTL_SECONDS_MAX = 1800
PERSONAL = ("asha", "example road", "9800000000", "@", "560001", "bengaluru")


@pytest.fixture
async def redis(engines: Engines) -> AsyncIterator[Redis]:
    client = Redis.from_url(engines.redis_url)
    yield client
    await client.aclose()


@pytest.fixture(scope="module")
async def wire(engines: Engines) -> AsyncIterator[Proxy]:
    """The shop's way to Redis."""
    proxy = Proxy(engines.redis_url)
    yield proxy
    proxy.speak()
    await proxy.cut()


@pytest.fixture(scope="module")
async def terms(wire: Proxy) -> dict[str, Any]:
    """A shop whose Redis can fall silent."""
    return {"REDIS_URL": await wire.open()}


async def bought(shop: ShopUnderTest, buyer: Buyer) -> None:
    pending = await buyer.intent()
    await shop.pay(order_of(pending))
    await buyer.until(pending, "ORDER_CREATED")


async def test_a_session_is_kept_in_redis_with_an_end_and_without_names(
    shop: ShopUnderTest, redis: Redis
) -> None:
    await shop.stocked("KEY", units=5)
    buyer = await Buyer.guest(shop, "asha@example.in", KEY=1)
    started = ok(await buyer.start())
    key = f"checkout:session:{started['checkout_session_id']}"
    assert 0 < await redis.ttl(key) <= TTL_SECONDS_MAX
    pending = await buyer.intent()
    kept = json.loads(await redis.get(key) or "")
    assert (kept["state"], kept["payment_intent"]["id"]) == ("PAYMENT_PENDING", order_of(pending))
    assert kept["items"] == pending["items"]
    assert 0 < await redis.ttl(key) <= TTL_SECONDS_MAX
    text = json.dumps(kept).lower()
    assert not [name for name in PERSONAL if name in text]
    assert buyer.headers["X-Session-Id"] not in text
    await shop.pay(order_of(pending))
    await buyer.until(pending, "ORDER_CREATED")


async def test_a_flush_between_any_two_steps_changes_nothing(
    shop: ShopUnderTest, redis: Redis
) -> None:
    await shop.stocked("FLUSH", units=5)
    await redis.flushall()
    buyer = await Buyer.guest(shop, FLUSH=1)
    await redis.flushall()
    started = ok(await buyer.start())
    await redis.flushall()
    key = f"checkout:session:{started['checkout_session_id']}"
    assert ok(await buyer.session(started)) == started
    assert json.loads(await redis.get(key) or "")["state"] == "CHECKOUT_STARTED"
    await redis.flushall()
    pending = await buyer.intent()
    await redis.flushall()
    await shop.pay(order_of(pending))
    await redis.flushall()
    await buyer.until(pending, "ORDER_CREATED")
    await redis.flushall()
    await shop.work()
    assert await stock_of(shop, "FLUSH") == (0, 1, 4)


async def test_a_redis_that_says_nothing_costs_little_time(
    shop: ShopUnderTest, wire: Proxy
) -> None:
    await shop.stocked("SILENCE", units=9)
    wire.fall_silent()
    try:
        begun = time.monotonic()
        buyer = await Buyer.guest(shop, SILENCE=1)
        await bought(shop, buyer)
        assert time.monotonic() - begun < CHECKOUT_SECONDS_MAX
        ready = await shop.client.get("/health/ready")
        assert ready.status_code == 200, ready.text
    finally:
        wire.speak()
    assert await stock_of(shop, "SILENCE") == (0, 1, 8)


async def test_a_redis_that_is_gone_costs_little_time(shop: ShopUnderTest, wire: Proxy) -> None:
    await shop.stocked("ABSENT", units=9)
    await wire.cut()
    try:
        begun = time.monotonic()
        await bought(shop, await Buyer.guest(shop, ABSENT=1))
        assert time.monotonic() - begun < CHECKOUT_SECONDS_MAX
        await shop.work()
    finally:
        await wire.open()
    assert await stock_of(shop, "ABSENT") == (0, 1, 8)
