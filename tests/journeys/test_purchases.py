"""The straight ways from a cart to an order."""

import asyncio
from typing import Any

import pytest

from tests.accounts import bearer, opened
from tests.journeys.buyers import (
    Buyer,
    all_cases,
    deliveries_of,
    ok,
    order_of,
    orders_at_razorpay,
    plan,
    refused,
    stock_of,
)
from tests.shop import ShopUnderTest, guest

pytestmark = pytest.mark.anyio

RACES = 30


async def test_a_guest_buys_and_only_webhooks_say_so(shop: ShopUnderTest) -> None:
    await shop.stocked("HOOK", units=5)
    buyer = await Buyer.guest(shop, HOOK=2)
    started = ok(await buyer.start())
    assert started["state"] == "CHECKOUT_STARTED"
    assert await stock_of(shop, "HOOK") == (2, 0, 3)
    pending = await buyer.intent(checkout_session_id=started["checkout_session_id"])
    assert pending["state"] == "PAYMENT_PENDING"
    assert pending["payment_intent"]["amount"] == pending["totals"]["total"]["amount"] == 25_000
    await shop.pay(order_of(pending))
    done = await buyer.until(pending, "ORDER_CREATED")
    assert await stock_of(shop, "HOOK") == (0, 2, 3)
    order = ok(await buyer.ask("GET", f"/orders/{done['order_id']}"))
    assert order["order_number"] == done["order_number"]
    story = ok(await buyer.ask("GET", f"/orders/{done['order_id']}/timeline"))
    assert story["items"]
    assert (await buyer.cart())["order_id"] == done["order_id"]


async def test_a_guest_buys_and_only_the_callback_says_so(shop: ShopUnderTest) -> None:
    await shop.stocked("BACK", units=5)
    buyer = await Buyer.guest(shop, BACK=1)
    pending = await buyer.intent()
    paid = await shop.pay(order_of(pending), deliver=False)
    answer = await buyer.bring_back(paid)
    done = ok(answer)
    assert done["state"] == "ORDER_CREATED"
    assert answer.headers["khata-position"]
    assert await stock_of(shop, "BACK") == (0, 1, 4)
    assert ok(await buyer.bring_back(paid))["order_id"] == done["order_id"]
    forged = {**paid, "razorpay_signature": "0" * 64}
    refused(await buyer.bring_back(forged), 401, "invalid-signature")


async def test_a_callback_after_authorization_waits_for_the_capture(shop: ShopUnderTest) -> None:
    await shop.stocked("AUTH", units=5)
    buyer = await Buyer.guest(shop, AUTH=1)
    pending = await buyer.intent()
    paid = await shop.pay(order_of(pending), outcome="authorized")
    assert ok(await buyer.bring_back(paid))["state"] == "PAYMENT_PENDING"
    ok(await shop.sandbox.post(f"/_sandbox/payments/{paid['razorpay_payment_id']}/capture"))
    await buyer.until(pending, "ORDER_CREATED")


async def test_callback_and_webhook_race_and_every_race_is_one_order(shop: ShopUnderTest) -> None:
    await shop.stocked("RACE", units=RACES)

    async def race() -> str:
        buyer = await Buyer.guest(shop, RACE=1)
        pending = await buyer.intent()
        await plan(shop, duplicate=2)
        paid = await shop.pay(order_of(pending))
        answers = await asyncio.gather(buyer.bring_back(paid), buyer.bring_back(paid))
        assert all(answer.status_code == 200 for answer in answers)
        done = await buyer.until(pending, "ORDER_CREATED")
        found: str = done["order_id"]
        return found

    orders = await asyncio.gather(*(race() for _ in range(RACES)))
    assert len(set(orders)) == RACES
    assert not await all_cases(shop)
    assert await stock_of(shop, "RACE") == (0, RACES, 0)


async def test_a_customer_buys_with_an_address_that_was_kept(shop: ShopUnderTest) -> None:
    await shop.stocked("KEPT", units=5)
    headers = bearer(await opened(shop, "kept@example.in"))
    address = guest()["shipping_address"]
    kept = await shop.sent("POST", "/customers/me/addresses", address, headers)
    cart = await shop.sent("POST", "/carts", {}, headers)
    assert "session_id" not in cart
    who: dict[str, object] = {"shipping_address_id": kept["address_id"]}
    buyer = Buyer(shop, cart["cart_id"], headers, who)
    ok(await buyer.put("KEPT", 1))
    pending = await buyer.intent(billing_address_id=kept["address_id"])
    await shop.pay(order_of(pending))
    done = await buyer.until(pending, "ORDER_CREATED")
    await shop.work()
    listed = ok(await shop.client.get("/orders", headers=headers))
    assert [each["order_id"] for each in listed["items"]] == [done["order_id"]]
    order = ok(await buyer.ask("GET", f"/orders/{done['order_id']}"))
    assert order["shipping_address"]["postal_code"] == "560001"
    other = {"shipping_address_id": "addr_unknown"}
    refused(await Buyer(shop, cart["cart_id"], headers, dict(other)).order(), 404, "not-found")


async def test_asking_again_answers_200_with_the_same_intent(shop: ShopUnderTest) -> None:
    await shop.stocked("AGAIN", units=5)
    buyer = await Buyer.guest(shop, AGAIN=1)
    first = await buyer.order()
    assert first.status_code == 201
    pending = ok(first)
    again = await asyncio.gather(
        buyer.order(),
        buyer.order(checkout_session_id=pending["checkout_session_id"]),
        buyer.order(expected_total=pending["totals"]["total"]),
    )
    assert [answer.status_code for answer in again] == [200, 200, 200]
    assert {order_of(ok(answer)) for answer in again} == {order_of(pending)}
    receipt = pending["checkout_session_id"]
    assert await orders_at_razorpay(shop, receipt) == [order_of(pending)]
    assert (await buyer.start()).status_code == 200


OTHER_WISHES: list[dict[str, Any]] = [
    {"email": "somebody.else@example.in"},
    {"name": "Another Name"},
    {"phone": "+919811111111"},
    {"shipping_address": {**dict(guest()["shipping_address"]), "line1": "2 Other Road"}},  # type: ignore[call-overload]  # it is one
    {"billing_address": guest()["shipping_address"]},
    {"shipping_method": "express"},
]


async def test_other_wishes_for_the_same_session_are_refused(shop: ShopUnderTest) -> None:
    await shop.stocked("WISH", units=5)
    await express(shop)
    buyer = await Buyer.guest(shop, WISH=1)
    pending = await buyer.intent()
    for other in OTHER_WISHES:
        problem = refused(await buyer.order(**other), 409, "intent-exists")
        assert problem["checkout_session_id"] == pending["checkout_session_id"]
    ok(await buyer.ask("POST", f"/checkout/{pending['checkout_session_id']}/cancel"))
    assert await stock_of(shop, "WISH") == (0, 0, 5)
    renewed = await buyer.intent(**OTHER_WISHES[0])
    assert order_of(renewed) != order_of(pending)


async def express(shop: ShopUnderTest) -> None:
    rates = [{"price": {"amount": 20_000, "currency": "INR"}}]
    body = {"name": "Express", "rates": rates}
    await shop.sent("PUT", "/admin/shipping-methods/express", body, shop.bearer("admin"))


async def test_shipping_is_the_cheapest_or_the_chosen_one(shop: ShopUnderTest) -> None:
    await shop.stocked("SHIP", units=5)
    await express(shop)
    cheapest = await (await Buyer.guest(shop, SHIP=1)).intent()
    assert cheapest["totals"]["shipping"]["amount"] == 5_000
    chosen = await (await Buyer.guest(shop, SHIP=1)).intent(shipping_method="express")
    assert chosen["totals"]["shipping"]["amount"] == 20_000
    third = await Buyer.guest(shop, SHIP=1)
    started = ok(await third.start(postal_code="560001", shipping_method="express"))
    assert started["totals"]["total"]["amount"] == 30_000
    refused(await third.order(shipping_method="pigeon"), 422, "shipping-not-available")
    query = f"/shipping-methods?cart_id={third.cart_id}&postal_code=560001"
    choices = ok(await third.ask("GET", query))["items"]
    assert [each["code"] for each in choices] == ["standard", "express"]


async def test_a_parcel_that_nothing_carries_is_refused_and_holds_no_stock(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("HEAVY", units=5)
    buyer = await Buyer.guest(shop, HEAVY=1)
    abroad = {**dict(guest()["shipping_address"]), "country": "US", "postal_code": "94107"}  # type: ignore[call-overload]  # it is one
    refused(await buyer.order(shipping_address=abroad), 422, "shipping-not-available")
    assert await stock_of(shop, "HEAVY") == (0, 0, 5)
    assert (await buyer.cart())["state"] == "CART_PENDING"


async def test_a_total_that_drifted_is_refused_with_the_new_one(shop: ShopUnderTest) -> None:
    await shop.stocked("DRIFT", units=5)
    buyer = await Buyer.guest(shop, DRIFT=1)
    seen = {"amount": 15_000, "currency": "INR"}
    dearer = {"name": "Dearer", "price": {"amount": 11_000, "currency": "INR"}}
    await shop.sent("PUT", "/admin/products/DRIFT", dearer, shop.bearer("admin"))
    problem = refused(await buyer.order(expected_total=seen), 409, "total-changed")
    assert problem["totals"]["total"] == {"amount": 16_000, "currency": "INR"}
    assert await stock_of(shop, "DRIFT") == (0, 0, 5)
    assert (await buyer.cart())["state"] == "CART_PENDING"
    goods = {"amount": 10_000, "currency": "INR"}
    refused(await buyer.start(expected_total=goods), 409, "total-changed")
    pending = await buyer.intent(expected_total=problem["totals"]["total"])
    assert len(await deliveries_of(shop, order_of(pending))) == 0
