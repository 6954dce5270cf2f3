"""The payment provider fails in every way; the checkout does not."""

import asyncio
import time
from typing import Any

import pytest

from tests.journeys.buyers import (
    Buyer,
    fault,
    ok,
    order_of,
    orders_at_razorpay,
    refused,
    stock_of,
)
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio

LOGIN_SECONDS_MAX = 1.5
"""What a login may take while every question to the provider hangs: argon2 on a busy machine."""
PATIENCE_SECONDS = 2.0
PROVIDER_SECONDS_MAX = PATIENCE_SECONDS + 1.0
"""One deadline of the gateway, and a little."""


@pytest.fixture(scope="module")
def terms() -> dict[str, Any]:
    """A shop that does not wait long for its provider."""
    return {"patience_seconds": PATIENCE_SECONDS}


@pytest.mark.parametrize("kind", ["http_500", "html_502", "http_429", "reset", "commit_then_drop"])
async def test_a_provider_that_fails_is_asked_again_and_makes_one_order(
    shop: ShopUnderTest, kind: str
) -> None:
    sku = await shop.stocked(f"FAIL-{kind.replace('_', '-')}", units=5)
    buyer = await Buyer.guest(shop)
    ok(await buyer.put(sku, 1))
    await fault(shop, "order.create", kind)
    problem = refused(await buyer.order(key=kind), 502, "payment-provider-unavailable")
    session = problem["checkout_session_id"]
    assert problem["expires_at"]
    assert await stock_of(shop, sku) == (1, 0, 4)
    shown = ok(await buyer.session({"checkout_session_id": session}))
    assert shown["payment_intent"] is None
    retried = await buyer.order(key=kind)
    assert retried.status_code == 201
    pending = ok(retried)
    assert pending["checkout_session_id"] == session
    assert await orders_at_razorpay(shop, session) == [order_of(pending)]
    await shop.pay(order_of(pending))
    await buyer.until(pending, "ORDER_CREATED")
    assert await stock_of(shop, sku) == (0, 1, 4)


async def test_a_provider_that_hangs_keeps_nobody_else_waiting(shop: ShopUnderTest) -> None:
    await shop.stocked("HANG", units=50)
    account = {"email": "quick@example.in", "password": "six chai before noon"}
    await shop.sent("POST", "/customers", {**account, "name": "Asha Example"})
    buyers = [await Buyer.guest(shop, HANG=1) for _ in range(20)]
    await fault(shop, "order.create", "hang", times=20)
    waiting = [asyncio.create_task(buyer.order()) for buyer in buyers]
    await asyncio.sleep(0.2)  # let them hang; a login is quick before and after as well
    begun = time.monotonic()
    await shop.sent("POST", "/customers/login", account)
    assert time.monotonic() - begun < LOGIN_SECONDS_MAX
    assert ok(await shop.client.get("/products/HANG"))["available"] == 30
    answers = await asyncio.gather(*waiting)
    assert time.monotonic() - begun < PROVIDER_SECONDS_MAX
    for answer in answers:
        refused(answer, 502, "payment-provider-unavailable")
    ok(await shop.sandbox.post("/_sandbox/reset"))
    pending = [await buyer.intent() for buyer in buyers[:3]]
    for buyer, each in zip(buyers, pending, strict=False):
        receipt = each["checkout_session_id"]
        assert await orders_at_razorpay(shop, receipt) == [order_of(each)]
        await shop.pay(order_of(each))
        await buyer.until(each, "ORDER_CREATED")


async def test_many_ask_for_one_intent_at_once_and_the_provider_hears_one(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("ONE", units=5)
    buyer = await Buyer.guest(shop, ONE=1)
    answers = await asyncio.gather(*(buyer.order() for _ in range(10)))
    assert {order_of(ok(answer)) for answer in answers} == {order_of(ok(answers[0]))}
    receipt = ok(answers[0])["checkout_session_id"]
    assert len(await orders_at_razorpay(shop, receipt)) == 1
    assert await stock_of(shop, "ONE") == (1, 0, 4)


async def test_a_callback_while_the_provider_is_silent_leaves_the_session_pending(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("SILENT", units=5)
    buyer = await Buyer.guest(shop, SILENT=1)
    pending = await buyer.intent()
    paid = await shop.pay(order_of(pending), deliver=False)
    await fault(shop, "order.payments", "http_500")
    assert ok(await buyer.bring_back(paid))["state"] == "PAYMENT_PENDING"
    ok(await shop.sandbox.post("/_sandbox/webhooks/flush"))
    await buyer.until(pending, "ORDER_CREATED")
