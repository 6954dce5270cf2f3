"""A client sees what it wrote, writes only over what it saw, and writes once."""

import asyncio

import pytest

from tests.journeys.buyers import Buyer, ok, order_of, orders_at_razorpay, refused, stock_of
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio

AT_ONCE = 50


async def test_every_write_is_seen_by_the_next_read(shop: ShopUnderTest) -> None:
    await shop.stocked("SEEN", units=50)
    buyer = await Buyer.guest(shop)
    for quantity in (1, 7, 3):
        answer = await buyer.put("SEEN", quantity)
        assert await buyer.cart() == ok(answer)
        again = await buyer.ask("GET", f"/carts/{buyer.cart_id}")
        assert again.headers["etag"] == answer.headers["etag"]
        assert int(answer.headers["khata-position"]) > 0
    pending = await buyer.intent()
    assert ok(await buyer.session(pending))["state"] == "PAYMENT_PENDING"
    assert (await buyer.cart())["checkout_session_id"] == pending["checkout_session_id"]
    assert await stock_of(shop, "SEEN") == (3, 0, 47)


async def test_a_list_is_as_new_as_the_position_that_is_asked_for(shop: ShopUnderTest) -> None:
    admin = shop.bearer("admin")
    listed = {"name": "New", "price": {"amount": 500, "currency": "INR"}}
    answer = await shop.client.put("/admin/products/NEWEST", json=listed, headers=admin)
    position = answer.headers["khata-position"]
    behind = await shop.client.get("/products", headers={"Khata-Position": position})
    refused(behind, 503, "read-model-behind")
    assert behind.headers["retry-after"]
    await shop.work()
    found = ok(await shop.client.get("/products", headers={"Khata-Position": position}))
    assert "NEWEST" in [product["sku"] for product in found["items"]]
    for wrong in ("-1", "x", "9" * 30):
        answer = await shop.client.get("/products", headers={"Khata-Position": wrong})
        refused(answer, 422, "validation")


async def test_if_match_guards_a_write_and_if_none_match_saves_a_read(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("TAG", units=50)
    buyer = await Buyer.guest(shop, TAG=1)
    path = f"/carts/{buyer.cart_id}"
    tag = (await buyer.ask("GET", path)).headers["etag"]
    same = await buyer.ask("GET", path, headers={"If-None-Match": tag})
    assert (same.status_code, same.content) == (304, b"")
    item, body = f"{path}/items/TAG", {"quantity": 2}
    taken = await buyer.ask("PUT", item, body, headers={"If-Match": tag})
    assert taken.status_code == 200
    late = await buyer.ask("PUT", item, {"quantity": 3}, headers={"If-Match": tag})
    refused(late, 412, "version-moved")
    assert (await buyer.ask("GET", path, headers={"If-None-Match": tag})).status_code == 200
    assert (await buyer.cart())["items"][0]["quantity"] == 2
    racing = taken.headers["etag"]
    answers = await asyncio.gather(
        *(
            buyer.ask("PUT", item, {"quantity": n}, headers={"If-Match": racing})
            for n in range(3, 13)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 9


async def repeated(buyer: Buyer, method: str, path: str, body: object, key: str) -> list[object]:
    """Send the same thing many times at once until each was answered; return the answers."""

    async def one() -> object:
        while True:
            answer = await buyer.ask(method, path, body, key)
            if answer.status_code != 409 or answer.json()["code"] != "request-in-progress":
                assert answer.is_success, answer.text
                return answer.json()
            assert int(answer.headers["retry-after"]) >= 1
            await asyncio.sleep(0.02)  # sooner than it says, to be a nuisance

    return await asyncio.gather(*(one() for _ in range(AT_ONCE)))


async def test_the_same_key_fifty_times_at_once_has_one_effect(shop: ShopUnderTest) -> None:
    await shop.stocked("FIFTY", units=100)
    nobody = Buyer(shop, "", {}, {})
    carts = await repeated(nobody, "POST", "/carts", {}, "fifty-carts")
    assert all(cart == carts[0] for cart in carts)
    buyer = await Buyer.guest(shop, FIFTY=1)
    wish = {"cart_id": buyer.cart_id}
    sessions = await repeated(buyer, "POST", "/checkout", wish, "fifty-sessions")
    assert all(session == sessions[0] for session in sessions)
    intents = await repeated(buyer, "POST", "/orders", {**wish, **buyer.who}, "fifty-intents")
    assert all(intent == intents[0] for intent in intents)
    pending = await buyer.intent()
    receipt = pending["checkout_session_id"]
    assert await orders_at_razorpay(shop, receipt) == [order_of(pending)]
    assert await stock_of(shop, "FIFTY") == (1, 0, 99)


async def test_a_key_is_for_one_wish(shop: ShopUnderTest) -> None:
    await shop.stocked("WISHES", units=100)
    buyer = await Buyer.guest(shop, WISHES=1)
    first = await buyer.order(key="one-wish")
    again = await buyer.order(key="one-wish")
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["khata-position"] == first.headers["khata-position"]
    other = await buyer.order(key="one-wish", shipping_method="standard")
    refused(other, 422, "idempotency-key-reused")
    stranger = await Buyer.guest(shop, WISHES=1)
    assert (await stranger.order(key="one-wish")).status_code == 201
    for key in ("", "x" * 256, "two words"):
        refused(await buyer.order(key=key), 422, "validation")
