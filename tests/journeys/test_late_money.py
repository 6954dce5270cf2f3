"""Money that comes late, twice or wrong ends as an order, goes back or is a case; never silence."""

import asyncio
from typing import Any

import pytest

from src.events.money import Money
from src.events.refund import Refund, RefundCause, RefundProgress
from tests.journeys.buyers import (
    Buyer,
    cases_about,
    eventually,
    ok,
    order_of,
    plan,
    refused,
    stock_of,
)
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio


async def failed(shop: ShopUnderTest, buyer: Buyer) -> tuple[dict[str, Any], str]:
    """Let a first attempt fail; return its session and its payment."""
    pending = await buyer.intent()
    payment = await shop.pay(order_of(pending), outcome="failed")
    ended = await buyer.until(pending, "CART_PENDING", ended="failed")
    found: str = payment["razorpay_payment_id"]
    return ended, found


async def captured_late(shop: ShopUnderTest, payment: str) -> None:
    ok(await shop.sandbox.post(f"/_sandbox/payments/{payment}/authorize"))


async def one_case(shop: ShopUnderTest, razorpay_order_id: str) -> dict[str, Any]:
    """Wait for the one case about a Razorpay order."""

    async def look() -> dict[str, Any] | None:
        found = await cases_about(shop, razorpay_order_id)
        assert len(found) <= 1
        return found[0] if found else None

    found: dict[str, Any] = await eventually(look)
    return found


async def refunds_of(shop: ShopUnderTest, razorpay_order_id: str) -> list[Refund]:
    payment = await shop.parts.ledger.look(lambda view: view.payment(razorpay_order_id))
    return list(payment.refunds.values())


async def given_back(shop: ShopUnderTest, razorpay_order_id: str) -> Refund:
    """Wait until the money of a Razorpay order went back, by one refund and without a case."""

    async def look() -> Refund | None:
        found = await refunds_of(shop, razorpay_order_id)
        assert len(found) <= 1
        is_back = found and found[0].progress is RefundProgress.PROCESSED
        return found[0] if is_back else None

    found: Refund = await eventually(look)
    assert await cases_about(shop, razorpay_order_id) == []
    return found


async def test_after_a_failure_the_next_session_is_paid(shop: ShopUnderTest) -> None:
    await shop.stocked("NEXT", units=5)
    buyer = await Buyer.guest(shop, NEXT=2)
    ended, _ = await failed(shop, buyer)
    assert await stock_of(shop, "NEXT") == (0, 0, 5)
    ok(await buyer.put("NEXT", 1))
    again = await buyer.intent()
    assert again["checkout_session_id"] != ended["checkout_session_id"]
    await shop.pay(order_of(again))
    await buyer.until(again, "ORDER_CREATED")
    assert await stock_of(shop, "NEXT") == (0, 1, 4)
    refused(await buyer.put("NEXT", 3), 409, "cart-ordered")


async def test_money_after_a_failure_takes_the_stock_again_and_is_the_order(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("LATE", units=5)
    buyer = await Buyer.guest(shop, LATE=2)
    ended, payment = await failed(shop, buyer)
    ok(await buyer.put("LATE", 1))
    await captured_late(shop, payment)
    done = await buyer.until(ended, "ORDER_CREATED")
    assert done["items"][0]["quantity"] == 2
    assert await stock_of(shop, "LATE") == (0, 2, 3)
    cart = await buyer.cart()
    assert (cart["state"], cart["order_id"]) == ("ORDER_CREATED", done["order_id"])
    assert not await cases_about(shop, order_of(done))


async def test_late_money_supersedes_the_open_session_and_uses_its_stock_first(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("FIRST", units=2)
    buyer = await Buyer.guest(shop, FIRST=2)
    ended, payment = await failed(shop, buyer)
    second = await buyer.intent()
    assert await stock_of(shop, "FIRST") == (2, 0, 0)
    await captured_late(shop, payment)
    await buyer.until(ended, "ORDER_CREATED")
    await buyer.until(second, "CART_PENDING", ended="superseded")
    assert await stock_of(shop, "FIRST") == (0, 2, 0)
    await shop.pay(order_of(second))
    assert (await given_back(shop, order_of(second))).cause is RefundCause.CART_ORDERED


async def test_late_money_without_stock_goes_back_by_itself(shop: ShopUnderTest) -> None:
    await shop.stocked("GONE", units=1)
    slow, quick = await Buyer.guest(shop, GONE=1), await Buyer.guest(shop, GONE=1)
    ended, payment = await failed(shop, slow)
    pending = await quick.intent()
    await shop.pay(order_of(pending))
    await quick.until(pending, "ORDER_CREATED")
    await captured_late(shop, payment)
    entity = await payments(shop, payment)
    refund = await given_back(shop, payment_order(payment, entity))
    assert refund.cause is RefundCause.STOCK_GONE
    assert (refund.razorpay_payment_id, refund.amount) == (payment, Money(15_000, "INR"))
    entity = await payments(shop, payment)
    assert (entity["status"], entity["amount_refunded"]) == ("refunded", 15_000)
    assert await stock_of(shop, "GONE") == (0, 1, 0)
    assert ok(await slow.session(ended))["state"] == "CART_PENDING"


async def payments(shop: ShopUnderTest, payment: str) -> dict[str, Any]:
    account = shop.settings.razorpay
    credentials = (account.key_id, account.key_secret)
    return ok(await shop.sandbox.get(f"/v1/payments/{payment}", auth=credentials))


def payment_order(payment: str, entity: dict[str, Any]) -> str:
    assert entity["id"] == payment
    found: str = entity["order_id"]
    return found


async def test_two_sessions_of_one_cart_both_captured_are_one_order_and_one_refund(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("BOTH", units=50)

    async def both() -> None:
        buyer = await Buyer.guest(shop, BOTH=1)
        first = await buyer.intent()
        ok(await buyer.ask("POST", f"/checkout/{first['checkout_session_id']}/cancel"))
        second = await buyer.intent()
        await asyncio.gather(shop.pay(order_of(first)), shop.pay(order_of(second)))

        async def ordered() -> bool:
            return bool((await buyer.cart())["state"] == "ORDER_CREATED")

        await eventually(ordered)
        await settled(shop, order_of(first), order_of(second))

    await asyncio.gather(*(both() for _ in range(5)))
    assert await stock_of(shop, "BOTH") == (0, 5, 45)


async def settled(shop: ShopUnderTest, first: str, second: str) -> None:
    async def look() -> list[Refund]:
        return [*await refunds_of(shop, first), *await refunds_of(shop, second)]

    async def processed() -> bool:
        return [each.progress for each in await look()] == [RefundProgress.PROCESSED]

    await eventually(processed)
    assert [each.cause for each in await look()] == [RefundCause.CART_ORDERED]


async def test_a_second_payment_of_a_paid_cart_goes_back(shop: ShopUnderTest) -> None:
    await shop.stocked("TWICE", units=5)
    buyer = await Buyer.guest(shop, TWICE=1)
    ended, payment = await failed(shop, buyer)
    again = await buyer.intent()
    await shop.pay(order_of(again))
    await buyer.until(again, "ORDER_CREATED")
    await captured_late(shop, payment)
    entity = await payments(shop, payment)
    refund = await given_back(shop, entity["order_id"])
    assert refund.cause is RefundCause.CART_ORDERED
    assert ok(await buyer.session(ended))["state"] == "CART_PENDING"
    assert await stock_of(shop, "TWICE") == (0, 1, 4)


@pytest.mark.parametrize("amount", [14_999, 15_001, 1])
async def test_a_wrong_amount_is_a_case_and_no_order(shop: ShopUnderTest, amount: int) -> None:
    sku = await shop.stocked(f"WRONG-{amount}", units=5)
    buyer = await Buyer.guest(shop)
    ok(await buyer.put(sku, 1))
    pending = await buyer.intent()
    await plan(shop, tamper_amount=amount)
    await shop.pay(order_of(pending))
    case = await one_case(shop, order_of(pending))
    assert (case["kind"], case["amount"]["amount"]) == ("wrong-amount", amount)
    assert ok(await buyer.session(pending))["state"] == "PAYMENT_PENDING"
    assert await stock_of(shop, sku) == (1, 0, 4)


async def test_after_a_cancel_the_same_call_changes_nothing_and_money_still_counts(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("CANCEL", units=5)
    buyer = await Buyer.guest(shop, CANCEL=1)
    pending = await buyer.intent()
    path = f"/checkout/{pending['checkout_session_id']}/cancel"
    for _ in range(2):
        ended = ok(await buyer.ask("POST", path, {"reason": "too dear"}))
        assert (ended["state"], ended["ended"]) == ("CART_PENDING", "cancelled")
    assert await stock_of(shop, "CANCEL") == (0, 0, 5)
    session = {"checkout_session_id": pending["checkout_session_id"]}
    refused(await buyer.order(**session), 409, "not-possible-now")
    await shop.pay(order_of(pending))
    await buyer.until(pending, "ORDER_CREATED")
    refused(await buyer.ask("POST", path), 409, "not-possible-now")
    refused(await buyer.start(), 409, "cart-ordered")
    refused(await buyer.order(), 409, "cart-ordered")
    assert await stock_of(shop, "CANCEL") == (0, 1, 4)
