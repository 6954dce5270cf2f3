"""Whoever logs in finds what they put into a cart before: all of it, and once."""

import asyncio
from itertools import count
from typing import Any

import httpx
import pytest

from src.events.connection import connecting
from src.events.identifiers import CART, stream
from tests.databases import BookDatabase
from tests.journeys.buyers import Buyer, ok, order_of, refused
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio

LOGINS = 200
CHANGES = 20
PASSWORD = "six chai before noon"
_numbers = count(1)


class Person:
    """Somebody with an account, who fills carts before they log in."""

    def __init__(self, shop: ShopUnderTest, email: str, customer_id: str) -> None:
        self.shop = shop
        self.email = email
        self.headers = shop.bearer("customer", customer_id)
        self.customer_id = customer_id

    @classmethod
    async def registered(cls, shop: ShopUnderTest) -> "Person":
        """Open an account."""
        email = f"brings-{next(_numbers)}@example.in"
        body = {"email": email, "password": PASSWORD, "name": "Asha Example"}
        opened = await shop.sent("POST", "/customers", body)
        return cls(shop, email, opened["customer_id"])

    async def cart(self, **quantities: int) -> Buyer:
        """Open a cart of the account's own."""
        opened = await self.shop.sent("POST", "/carts", {}, self.headers)
        buyer = Buyer(self.shop, opened["cart_id"], self.headers, {})
        for sku, quantity in quantities.items():
            ok(await buyer.put(sku, quantity))
        return buyer

    async def log_in(
        self, cart: Buyer | None = None, api: httpx.AsyncClient | None = None, **more: object
    ) -> dict[str, Any]:
        """POST /customers/login, with a guest's cart if there is one."""
        named = {} if cart is None else {"cart_id": cart.cart_id}
        body = {"email": self.email, "password": PASSWORD, **named, **more}
        headers = {} if cart is None else cart.headers
        return ok(
            await (api or self.shop.client).post("/customers/login", json=body, headers=headers)
        )

    async def bring(self, cart: Buyer, **headers: str) -> httpx.Response:
        """POST /customers/me/cart."""
        sent = {**cart.headers, **self.headers, **headers}
        body = {"cart_id": cart.cart_id}
        return await self.shop.client.post("/customers/me/cart", json=body, headers=sent)

    async def own(self) -> httpx.Response:
        """GET /customers/me/cart."""
        return await self.shop.client.get("/customers/me/cart", headers=self.headers)


def goods(cart: dict[str, Any]) -> dict[str, int]:
    return {each["sku"]: each["quantity"] for each in cart["items"]}


async def stocked(shop: ShopUnderTest) -> None:
    for sku in ("BOTH", "OWNS", "GUESTS"):
        await shop.stocked(sku, units=10_000)


async def test_a_login_takes_the_guests_cart_and_the_secret_opens_it_no_longer(
    shop: ShopUnderTest,
) -> None:
    await stocked(shop)
    asha, cart = await Person.registered(shop), await Buyer.guest(shop, BOTH=2)
    assert (await asha.log_in())["cart_id"] is None
    refused(await asha.own(), 404, "not-found")
    answered = await asha.log_in(cart)
    assert answered["cart_id"] == cart.cart_id
    shown = ok(await asha.own())
    assert (shown["cart_id"], goods(shown)) == (cart.cart_id, {"BOTH": 2})
    refused(await cart.ask("GET", f"/carts/{cart.cart_id}"), 404, "not-found")
    refused(await cart.start(), 404, "not-found")
    mine = Buyer(shop, cart.cart_id, asha.headers, cart.who)
    pending = await mine.intent()
    assert ok(await asha.own())["state"] == "PAYMENT_PENDING"
    await shop.pay(order_of(pending))
    done = await mine.until(pending, "ORDER_CREATED")
    path = f"/orders/{done['order_id']}"
    assert ok(await mine.ask("GET", path))["customer_id"] == asha.customer_id
    refused(await cart.ask("GET", path), 404, "not-found")
    refused(await cart.ask("GET", f"{path}/timeline"), 404, "not-found")
    refused(await cart.ask("POST", f"{path}/cancel", {}), 404, "not-found")
    refused(await asha.own(), 404, "not-found")


async def test_a_login_merges_both_carts_and_the_secret_shows_where_it_went(
    shop: ShopUnderTest,
) -> None:
    await stocked(shop)
    asha = await Person.registered(shop)
    own, cart = await asha.cart(BOTH=3, OWNS=1), await Buyer.guest(shop, BOTH=2, GUESTS=1)
    seen = ok(await asha.own())
    answered = await asha.log_in(cart)
    assert answered["cart_id"] == own.cart_id
    merged = ok(await asha.own())
    assert goods(merged) == {"BOTH": 5, "OWNS": 1, "GUESTS": 1}
    assert merged["totals"]["total"]["amount"] == 7 * 10_000
    assert seen["cart_id"] == merged["cart_id"]
    over = await cart.cart()
    assert (over["state"], over["items"], over["merged_into"]) == ("CART_PENDING", [], own.cart_id)
    for refusal in (await cart.put("BOTH", 1), await cart.start(), await cart.order()):
        assert refused(refusal, 409, "cart-merged")["cart_id"] == own.cart_id
    again = await asha.log_in(cart)
    assert again["cart_id"] == own.cart_id
    assert goods(ok(await asha.own())) == goods(merged)


async def test_a_wrong_secret_or_cart_keeps_nobody_from_logging_in(shop: ShopUnderTest) -> None:
    await stocked(shop)
    asha, ravi = await Person.registered(shop), await Person.registered(shop)
    cart, others = await Buyer.guest(shop, BOTH=2), await Buyer.guest(shop, BOTH=1)
    await ravi.log_in(others)
    stolen = Buyer(shop, cart.cart_id, others.headers, {})
    unsaid = Buyer(shop, cart.cart_id, {}, {})
    for tried in (stolen, unsaid, others):
        assert (await asha.log_in(tried))["cart_id"] is None
        refused(await asha.bring(tried), 404, "not-found")
    assert (await asha.log_in(cart, cart_id="cart_none"))["cart_id"] is None
    assert goods(await cart.cart()) == {"BOTH": 2}
    assert goods(ok(await ravi.own())) == {"BOTH": 1}


async def test_a_checkout_that_runs_stays_the_guests_and_what_it_ordered_too(
    shop: ShopUnderTest,
) -> None:
    await stocked(shop)
    asha, cart = await Person.registered(shop), await Buyer.guest(shop, BOTH=2)
    pending = await cart.intent()
    assert (await asha.log_in(cart))["cart_id"] is None
    problem = refused(await asha.bring(cart), 409, "cart-locked")
    assert problem["checkout_session_id"] == pending["checkout_session_id"]
    await shop.pay(order_of(pending))
    done = await cart.until(pending, "ORDER_CREATED")
    assert (await asha.log_in(cart))["cart_id"] is None
    refused(await asha.bring(cart), 409, "cart-ordered")
    assert ok(await cart.ask("GET", f"/orders/{done['order_id']}"))["customer_id"]


async def test_a_cart_can_be_brought_after_the_login_and_bringing_it_again_is_the_same(
    shop: ShopUnderTest,
) -> None:
    await stocked(shop)
    asha = await Person.registered(shop)
    own, cart = await asha.cart(OWNS=1), await Buyer.guest(shop, GUESTS=4)
    version = (await asha.own()).headers["etag"]
    stale = version.replace('"2-', '"1-')
    refused(await asha.bring(cart, **{"If-Match": stale}), 412, "version-moved")
    keys = {"Idempotency-Key": "bring", "If-Match": version}
    first, replayed = [await asha.bring(cart, **keys) for _ in range(2)]
    again = await asha.bring(cart)
    assert ok(first)["cart_id"] == own.cart_id
    assert goods(ok(first)) == goods(ok(again)) == {"OWNS": 1, "GUESTS": 4}
    assert (ok(replayed), replayed.headers["idempotent-replayed"]) == (ok(first), "true")
    seen = await asha.own()
    assert seen.headers["etag"] == again.headers["etag"]
    tag = {**asha.headers, "If-None-Match": seen.headers["etag"]}
    assert (await shop.client.get("/customers/me/cart", headers=tag)).status_code == 304


async def test_late_money_for_a_merged_cart_is_its_order_and_leaves_the_rest_in_the_other(
    shop: ShopUnderTest,
) -> None:
    await stocked(shop)
    asha = await Person.registered(shop)
    own, cart = await asha.cart(BOTH=3), await Buyer.guest(shop, BOTH=2, GUESTS=1)
    pending = await cart.intent()
    payment = (await shop.pay(order_of(pending), outcome="failed"))["razorpay_payment_id"]
    await cart.until(pending, "CART_PENDING", ended="failed")
    assert (await asha.log_in(cart))["cart_id"] == own.cart_id
    assert goods(ok(await asha.own())) == {"BOTH": 5, "GUESTS": 1}
    ok(await shop.sandbox.post(f"/_sandbox/payments/{payment}/authorize"))
    done = await cart.until(pending, "ORDER_CREATED")
    assert goods(ok(await cart.ask("GET", f"/orders/{done['order_id']}"))) == {
        "BOTH": 2,
        "GUESTS": 1,
    }
    assert goods(ok(await asha.own())) == {"BOTH": 3}


async def test_many_logins_at_once_and_changes_of_both_carts_lose_nothing(
    shop: ShopUnderTest, apis: list[httpx.AsyncClient]
) -> None:
    await stocked(shop)
    asha = await Person.registered(shop)
    own = await asha.cart(BOTH=3, OWNS=1)
    cart = await Buyer.guest(shop, BOTH=2, GUESTS=1)
    taken = [1]

    async def guest_changes() -> None:
        for quantity in range(2, CHANGES):
            answer = await cart.put("GUESTS", quantity)
            if not answer.is_success:
                refused(answer, 409, "cart-merged")
                return
            taken.append(quantity)

    async def owner_changes() -> None:
        for quantity in range(2, CHANGES):
            ok(await own.put("OWNS", quantity))

    logins = [asha.log_in(cart, apis[number % 2]) for number in range(LOGINS)]
    answers = await asyncio.gather(guest_changes(), owner_changes(), *logins)
    assert {answer["cart_id"] for answer in answers if answer} == {own.cart_id}
    whole = {"BOTH": 5, "OWNS": CHANGES - 1, "GUESTS": taken[-1]}
    assert goods(ok(await asha.own())) == whole
    events = await shop.parts.book.read_stream(stream(CART, cart.cart_id))
    assert [event.type for event in events].count("CartMerged") == 1
    assert events[-1].actor == f"customer:{asha.customer_id}"


async def test_many_logins_at_once_take_a_cart_once(
    shop: ShopUnderTest, apis: list[httpx.AsyncClient]
) -> None:
    await stocked(shop)
    asha, cart = await Person.registered(shop), await Buyer.guest(shop, GUESTS=1)
    logins = [asha.log_in(cart, apis[number % 2]) for number in range(LOGINS // 10)]
    answers = await asyncio.gather(*logins)
    assert {answer["cart_id"] for answer in answers} == {cart.cart_id}
    events = await shop.parts.book.read_stream(stream(CART, cart.cart_id))
    assert [event.type for event in events].count("CartTaken") == 1


async def test_a_book_that_takes_nothing_keeps_nobody_from_logging_in(
    shop: ShopUnderTest, shared_database: BookDatabase
) -> None:
    await stocked(shop)
    asha, cart = await Person.registered(shop), await Buyer.guest(shop, GUESTS=2)
    own = await asha.cart(OWNS=1)
    blocker = await connecting(shared_database.superuser_url, "khata tests")()
    async with blocker.transaction():
        # The book can be read and not written, so that the cart has to stay where it is.
        await blocker.execute("lock table khata.events in share row exclusive mode")
        answered = await asha.log_in(cart)
        assert answered["cart_id"] == own.cart_id
        assert goods(ok(await asha.own())) == {"OWNS": 1}
    await blocker.close()
    assert goods(ok(await asha.bring(cart))) == {"OWNS": 1, "GUESTS": 2}


async def test_two_accounts_at_once_cannot_both_have_a_cart(shop: ShopUnderTest) -> None:
    await stocked(shop)
    both = [await Person.registered(shop) for _ in range(2)]
    await both[0].cart(OWNS=1)
    cart = await Buyer.guest(shop, GUESTS=1)
    await asyncio.gather(*(person.log_in(cart) for person in both))
    seen = [await person.own() for person in both]
    held = [goods(answer.json()).get("GUESTS", 0) for answer in seen if answer.is_success]
    assert sum(held) == 1
