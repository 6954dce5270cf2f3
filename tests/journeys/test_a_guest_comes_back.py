"""A client that kept nothing but a cart's id and secret finds its way, whatever became of it."""

from pathlib import Path
from typing import Any

import pytest

from src.embedded import Engines
from tests.databases import BookDatabase
from tests.journeys.buyers import Buyer, eventually, ok, order_of, refused
from tests.shop import ShopUnderTest, opened_shop

pytestmark = pytest.mark.anyio


class Returned:
    """The same guest in another tab, another day: all that was kept are two strings."""

    def __init__(self, left: Buyer) -> None:
        self.buyer = Buyer(left.shop, left.cart_id, dict(left.headers), left.who)

    async def finds(self, state: str) -> dict[str, Any]:
        """Return the cart, which must be in this state and hold what was put in."""
        cart = await self.buyer.cart()
        assert cart["state"] == state
        assert [(each["sku"], each["quantity"]) for each in cart["items"]] == [("BACK", 2)]
        return cart


async def left(shop: ShopUnderTest) -> Buyer:
    await shop.stocked("BACK", units=1_000)
    return await Buyer.guest(shop, BACK=2)


async def begins_anew(buyer: Buyer, cart: dict[str, Any], before: str) -> None:
    """Nothing is open any more: the cart can be changed, and checked out again."""
    assert (cart["checkout_session_id"], cart["order_id"]) == (None, None)
    ok(await buyer.put("BACK", 3))
    started = await buyer.start()
    assert started.status_code == 201
    assert ok(started)["checkout_session_id"] != before


async def test_an_open_cart_is_found_as_it_was_left(shop: ShopUnderTest) -> None:
    returned = Returned(await left(shop))
    cart = await returned.finds("CART_PENDING")
    await begins_anew(returned.buyer, cart, "")


async def test_a_checkout_that_was_started_goes_on(shop: ShopUnderTest) -> None:
    before = await left(shop)
    session = ok(await before.start())["checkout_session_id"]
    returned = Returned(before)
    cart = await returned.finds("CHECKOUT_STARTED")
    assert cart["checkout_session_id"] == session
    again = await returned.buyer.start()
    assert (again.status_code, ok(again)["checkout_session_id"]) == (200, session)
    refused(await returned.buyer.put("BACK", 3), 409, "cart-locked")
    assert (await returned.buyer.intent())["checkout_session_id"] == session


async def test_a_payment_that_is_pending_can_still_be_made(shop: ShopUnderTest) -> None:
    before = await left(shop)
    pending = await before.intent()
    returned = Returned(before)
    cart = await returned.finds("PAYMENT_PENDING")
    assert cart["checkout_session_id"] == pending["checkout_session_id"]
    for again in (await returned.buyer.start(), await returned.buyer.order()):
        assert again.status_code == 200
        assert order_of(ok(again)) == order_of(pending)
    await shop.pay(order_of(pending))
    await returned.buyer.until(cart, "ORDER_CREATED")


async def test_after_a_failed_payment_the_cart_is_open_again(shop: ShopUnderTest) -> None:
    before = await left(shop)
    pending = await before.intent()
    await shop.pay(order_of(pending), outcome="failed")
    await before.until(pending, "CART_PENDING", ended="failed")
    returned = Returned(before)
    cart = await returned.finds("CART_PENDING")
    await begins_anew(returned.buyer, cart, pending["checkout_session_id"])


async def test_an_ordered_cart_leads_to_its_order(shop: ShopUnderTest) -> None:
    before = await left(shop)
    pending = await before.intent()
    await shop.pay(order_of(pending))
    done = await before.until(pending, "ORDER_CREATED")
    returned = Returned(before)
    cart = await returned.finds("ORDER_CREATED")
    assert cart["order_id"] == done["order_id"]
    problem = refused(await returned.buyer.start(), 409, "cart-ordered")
    assert problem["order_id"] == done["order_id"]
    order = ok(await returned.buyer.ask("GET", f"/orders/{done['order_id']}"))
    assert order["order_number"] == done["order_number"]


@pytest.mark.parametrize("is_noticed", [True, False], ids=["by the worker", "by nobody yet"])
async def test_after_a_session_expired_the_next_one_begins(
    engines: Engines, book_database: BookDatabase, tmp_path: Path, *, is_noticed: bool
) -> None:
    async with opened_shop(
        engines, book_database, tmp_path, KHATA_CHECKOUT_TTL_SECONDS="1"
    ) as brief:
        before = await left(brief)
        pending = await before.intent()
        returned = Returned(before)

        async def look() -> dict[str, Any] | None:
            if is_noticed:
                await brief.work()
                cart = await returned.buyer.cart()
                return cart if cart["state"] == "CART_PENDING" else None
            started = await returned.buyer.start()
            return ok(started) if started.status_code == 201 else None

        found = await eventually(look)
        if is_noticed:
            await begins_anew(returned.buyer, found, pending["checkout_session_id"])
        else:
            assert found["checkout_session_id"] != pending["checkout_session_id"]
            refused(await returned.buyer.session(pending), 410, "session-expired")
