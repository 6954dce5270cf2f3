"""Two API processes, a few carts and many hands that do everything at the same time."""

import asyncio
from collections import Counter
from random import Random
from typing import Any

import httpx
import pytest

from tests.independent_reading import IndependentReading
from tests.journeys.buyers import Buyer, all_projections_stand_at_the_head, eventually, ok
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio

CARTS, HANDS, STEPS = 3, 4, 30
SKUS = ("AT-ONCE-A", "AT-ONCE-B")
CODES = {
    "cart-locked",
    "cart-ordered",
    "cart-empty",
    "inventory-unavailable",
    "coupon-not-applicable",
    "not-possible-now",
    "intent-exists",
    "request-in-progress",
}
"""What may be refused here."""


class Hand:
    """Does one thing after another to one cart, through either process."""

    def __init__(
        self, buyer: Buyer, apis: list[httpx.AsyncClient], chance: Random, seen: Counter[str]
    ) -> None:
        self._buyer, self._apis, self._chance, self._seen = buyer, apis, chance, seen
        self._known: dict[str, Any] = {}

    async def work(self) -> None:
        things = [self._put, self._coupon, self._start, self._order, self._cancel, self._look]
        things += [self._order, self._pay]
        for _ in range(STEPS):
            await self._chance.choice(things)()

    async def _ask(self, method: str, path: str, body: object = None) -> None:
        api = self._chance.choice(self._apis)
        answer = await api.request(method, path, json=body, headers=self._buyer.headers)
        found = answer.json()
        name = f"{method} /{path.split('/')[1]} {answer.status_code} {found.get('code', '')}"
        self._seen[name] += 1
        assert answer.is_success or found["code"] in CODES, answer.text
        if "checkout_session_id" in found and answer.is_success:
            self._known = {**self._known, **{k: v for k, v in found.items() if v is not None}}

    async def _put(self) -> None:
        sku, quantity = self._chance.choice(SKUS), self._chance.randint(0, 2)
        path = f"/carts/{self._buyer.cart_id}/items/{sku}"
        await self._ask("PUT", path, {"quantity": quantity})

    async def _coupon(self) -> None:
        path = f"/carts/{self._buyer.cart_id}/coupon"
        if self._chance.random() < 0.5:
            await self._ask("PUT", path, {"code": "FEW"})
        else:
            await self._ask("DELETE", path)

    async def _start(self) -> None:
        await self._ask("POST", "/checkout", {"cart_id": self._buyer.cart_id})

    async def _order(self) -> None:
        wish = {"cart_id": self._buyer.cart_id, **self._buyer.who}
        await self._ask("POST", "/orders", wish)

    async def _cancel(self) -> None:
        if session := self._known.get("checkout_session_id"):
            await self._ask("POST", f"/checkout/{session}/cancel")

    async def _look(self) -> None:
        await self._ask("GET", f"/carts/{self._buyer.cart_id}")

    async def _pay(self) -> None:
        if intent := self._known.get("payment_intent"):
            outcome = self._chance.choice(["captured", "failed", "failed"])
            await self._buyer.shop.sandbox.post(
                f"/_sandbox/orders/{intent['id']}/pay", json={"outcome": outcome}
            )


@pytest.mark.parametrize("seed", range(4))
async def test_many_hands_on_the_same_carts_keep_every_promise(
    shop: ShopUnderTest, apis: list[httpx.AsyncClient], seed: int
) -> None:
    for sku in SKUS:
        await shop.stocked(sku, units=6)
    few = {"kind": "percent", "value": 10, "limit_total": 2, "limit_per_customer": 1}
    await shop.sent("PUT", "/admin/coupons/FEW", few, shop.bearer("admin"))
    buyers = [await Buyer.guest(shop, AT_ONCE_A=1) for _ in range(CARTS)]
    seen: Counter[str] = Counter()
    hands = [
        Hand(buyer, apis, Random(f"{seed}/{number}/{hand}"), seen)
        for number, buyer in enumerate(buyers)
        for hand in range(HANDS)
    ]
    await asyncio.gather(*(hand.work() for hand in hands))
    await everything_delivered(shop)
    await all_projections_stand_at_the_head(shop)
    reading = IndependentReading()
    reading.read(await shop.parts.book.read_page(0, 100_000))
    assert reading.orders
    assert {name.split()[0] for name in seen} == {"GET", "PUT", "DELETE", "POST"}


async def everything_delivered(shop: ShopUnderTest) -> None:
    """Wait until the sandbox has delivered and the shop has settled all that happened."""

    async def look() -> bool:
        found = ok(await shop.sandbox.get("/_sandbox/webhooks"))["items"]
        await shop.work()
        listed = await shop.client.get(
            "/admin/webhooks?status=received&limit=100", headers=shop.bearer("operator")
        )
        return all(each["state"] == "delivered" for each in found) and not ok(listed)["items"]

    await eventually(look)
