"""Where the shop takes promised money itself, it holds everything first and then takes it once."""

from typing import Any

import pytest

from src.bootstrap.errands import GRACE, ErrandRounds
from src.bootstrap.moments import now
from src.events.payment import Attempt, Progress, Taking
from tests.journeys.buyers import (
    Buyer,
    cases_about,
    eventually,
    fault,
    ok,
    order_of,
    plan,
    refused,
    stock_of,
)
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio
PATIENCE_SECONDS = 1.0
CAPTURE_WINDOW_SECONDS = 3 * 24 * 60 * 60 + 1


@pytest.fixture(scope="module")
def terms() -> dict[str, Any]:
    """A shop that takes its money itself, and does not wait long for its provider."""
    return {"patience_seconds": PATIENCE_SECONDS, "KHATA_CAPTURE": "manual"}


async def until_ordered(shop: ShopUnderTest, buyer: Buyer, pending: dict[str, Any]) -> None:
    """Wait for the order; the worker does its rounds meanwhile."""

    async def look() -> bool:
        await shop.parts.runner.catch_up()
        await ErrandRounds(shop.parts).round(now() + GRACE)
        return bool(ok(await buyer.session(pending))["state"] == "ORDER_CREATED")

    await eventually(look)


async def attempt_of(shop: ShopUnderTest, paid: dict[str, Any]) -> Attempt | None:
    order, payment_id = paid["razorpay_order_id"], paid["razorpay_payment_id"]
    payment = await shop.parts.ledger.look(lambda view: view.payment(order))
    return payment.attempts.get(payment_id)


async def test_the_browser_that_comes_back_finds_its_order(shop: ShopUnderTest) -> None:
    await shop.stocked("BACK", units=5)
    buyer = await Buyer.guest(shop, BACK=1)
    pending = await buyer.intent()
    paid = await shop.pay(order_of(pending), outcome="authorized", deliver=False)
    shown = ok(await buyer.bring_back(paid))
    assert shown["state"] == "ORDER_CREATED"
    assert await stock_of(shop, "BACK") == (0, 1, 4)


async def test_the_webhook_alone_is_enough(shop: ShopUnderTest) -> None:
    await shop.stocked("WEBHOOK", units=5)
    buyer = await Buyer.guest(shop, WEBHOOK=1)
    pending = await buyer.intent()
    await plan(shop, duplicate=3)
    await shop.pay(order_of(pending), outcome="authorized")
    await buyer.until(pending, "ORDER_CREATED")
    assert await stock_of(shop, "WEBHOOK") == (0, 1, 4)


@pytest.mark.parametrize("kind", ["http_500", "reset", "hang", "commit_then_drop"])
async def test_whatever_razorpay_answers_the_money_is_taken_once(
    shop: ShopUnderTest, kind: str
) -> None:
    sku = await shop.stocked(f"TAKE-{kind.replace('_', '-')}", units=5)
    buyer = await Buyer.guest(shop)
    ok(await buyer.put(sku, 1))
    pending = await buyer.intent()
    await fault(shop, "payment.capture", kind)
    paid = await shop.pay(order_of(pending), outcome="authorized", deliver=False)
    shown = ok(await buyer.bring_back(paid))
    assert shown["state"] == "PAYMENT_PENDING"
    path = f"/checkout/{pending['checkout_session_id']}/cancel"
    refused(await buyer.ask("POST", path), 409, "not-possible-now")
    await until_ordered(shop, buyer, pending)
    assert await stock_of(shop, sku) == (0, 1, 4)
    assert await cases_about(shop, order_of(pending)) == []


async def test_money_promised_after_a_cancel_takes_the_stock_again_first(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("AGAIN", units=1)
    buyer = await Buyer.guest(shop, AGAIN=1)
    pending = await buyer.intent()
    ok(await buyer.ask("POST", f"/checkout/{pending['checkout_session_id']}/cancel"))
    await shop.pay(order_of(pending), outcome="authorized")
    await buyer.until(pending, "ORDER_CREATED")
    assert await stock_of(shop, "AGAIN") == (0, 1, 0)


async def test_money_promised_when_the_stock_is_gone_is_never_taken(shop: ShopUnderTest) -> None:
    await shop.stocked("NEVER", units=1)
    slow, quick = await Buyer.guest(shop, NEVER=1), await Buyer.guest(shop, NEVER=1)
    pending = await slow.intent()
    ok(await slow.ask("POST", f"/checkout/{pending['checkout_session_id']}/cancel"))
    bought = await quick.intent()
    paid = await shop.pay(order_of(pending), outcome="authorized")

    async def left_alone() -> bool:
        attempt = await attempt_of(shop, paid)
        return attempt is not None and attempt.taking is Taking.DECLINED

    await eventually(left_alone)
    await shop.pay(order_of(bought), outcome="authorized")
    await quick.until(bought, "ORDER_CREATED")
    ok(await shop.sandbox.post("/_sandbox/clock", json={"advance_seconds": CAPTURE_WINDOW_SECONDS}))

    async def came_back() -> bool:
        attempt = await attempt_of(shop, paid)
        return attempt is not None and attempt.progress is Progress.RETURNED

    await eventually(came_back)
    assert await cases_about(shop, order_of(pending)) == []
    assert ok(await slow.session(pending))["state"] == "CART_PENDING"
