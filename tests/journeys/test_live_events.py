"""A buyer watches the session live."""

import asyncio
from typing import Any

import pytest
from httpx import Response

from tests.journeys.buyers import PATIENCE_SECONDS, Buyer, ok, order_of, refused
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio

STORY = [
    "CheckoutStarted",
    "PaymentIntentRequested",
    "PaymentIntentCreated",
    "PaymentConfirmed",
    "OrderCreated",
]


async def read(response: Response, wanted: int) -> list[tuple[int, str]]:
    """Read so many facts of a stream: position and name."""
    found: list[tuple[int, str]] = []
    fields: dict[str, str] = {}
    async with asyncio.timeout(PATIENCE_SECONDS):
        async for line in response.aiter_lines():
            if line and not line.startswith(":"):
                name, _, value = line.partition(":")
                fields[name] = value.strip()
            elif not line and "event" in fields:
                found.append((int(fields["id"]), fields["event"]))
                fields = {}
            if len(found) == wanted:
                return found
    raise AssertionError(f"the stream ended after {found}")


async def watch(buyer: Buyer, checkout: dict[str, Any], wanted: int, after: int = 0) -> Any:  # noqa: ANN401  # positions and names
    headers = {**buyer.headers, **({"Last-Event-ID": str(after)} if after else {})}
    path = f"/checkout/{checkout['checkout_session_id']}/events"
    async with buyer.shop.client.stream("GET", path, headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        return await read(response, wanted)


async def test_facts_come_live_in_order_and_again_after_the_last_one_seen(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("WATCH", units=5)
    buyer = await Buyer.guest(shop, WATCH=1)
    started = ok(await buyer.start())
    watching = asyncio.create_task(watch(buyer, started, len(STORY)))
    pending = await buyer.intent()
    await shop.pay(order_of(pending))
    await buyer.until(pending, "ORDER_CREATED")
    seen = await watching
    assert [name for _, name in seen] == STORY
    assert [at for at, _ in seen] == sorted({at for at, _ in seen})
    assert await watch(buyer, started, 2, after=seen[2][0]) == seen[3:]


async def test_nobody_else_watches(shop: ShopUnderTest) -> None:
    await shop.stocked("PRIVATE", units=5)
    buyer, other = await Buyer.guest(shop, PRIVATE=1), await Buyer.guest(shop, PRIVATE=1)
    started = ok(await buyer.start())
    path = f"/checkout/{started['checkout_session_id']}/events"
    refused(await other.ask("GET", path), 404, "not-found")
    refused(await shop.client.get(path), 401, "unauthenticated")
