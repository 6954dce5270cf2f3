"""A buyer who repeats every request with the same key until it is answered."""

import asyncio
import time
from collections import Counter
from itertools import count
from random import Random
from typing import Any

import httpx
from msgspec import Struct

from tests.journeys.killing import RealShop
from tests.shop import guest

RETRY_SECONDS = 0.05
TIMEOUT_SECONDS = 5.0
SKUS = ("KILL-A", "KILL-B", "KILL-C")
AGAIN = {"request-in-progress", "busy", "outcome-unknown", "payment-provider-unavailable"}


class Acknowledged(Struct, frozen=True):
    """What an answer said that was written."""

    position: int
    fact: str
    stream: str


class Notes:
    """What the buyers were told."""

    def __init__(self) -> None:
        self.written: list[Acknowledged] = []
        self.paid: list[tuple[str, str, dict[str, str]]] = []
        """Session, Razorpay order and headers of every checkout that was paid."""
        self.retries = 0
        self.statuses: Counter[int] = Counter()


class Buyer:
    """Buys until the time is over, and repeats with the same key whatever was not answered."""

    def __init__(self, shop: RealShop, notes: Notes, name: int) -> None:
        self._shop, self._notes, self._name = shop, notes, name
        self._keys = count()
        self._chance = Random(name)

    async def buy_until(self, end: float) -> None:
        """Buy again and again."""
        limits = httpx.Limits(max_keepalive_connections=1)
        async with httpx.AsyncClient(
            timeout=TIMEOUT_SECONDS, trust_env=False, limits=limits
        ) as self._client:
            while time.monotonic() < end:
                await self._buy()

    async def _buy(self) -> None:
        cart = await self._send("POST", "/carts", {}, {})
        session = {"X-Session-Id": cart["session_id"]}
        for sku in self._chance.sample(SKUS, 2):
            path = f"/carts/{cart['cart_id']}/items/{sku}"
            await self._send("PUT", path, {"quantity": 1}, session)
        who = guest(f"killed-{self._name}@example.in", cart_id=cart["cart_id"])
        checkout = await self._send("POST", "/orders", who, session)
        order = checkout["payment_intent"]["id"]
        outcome = self._chance.choice(["captured", "captured", "captured", "failed"])
        pay = f"{self._shop.settings.sandbox_url}/_sandbox/orders/{order}/pay"
        paid = await self._client.post(pay, json={"outcome": outcome})
        assert paid.status_code == httpx.codes.OK, paid.text
        if outcome == "captured":
            self._notes.paid.append((checkout["checkout_session_id"], order, session))

    async def _send(
        self, method: str, path: str, body: object, headers: dict[str, str]
    ) -> dict[str, Any]:
        key = {"Idempotency-Key": f"{self._name}-{next(self._keys)}"}
        url = self._shop.settings.api_url + path
        while True:
            try:
                answer = await self._client.request(
                    method, url, json=body, headers={**headers, **key}
                )
            except httpx.HTTPError:
                self._notes.retries += 1
                await asyncio.sleep(RETRY_SECONDS)
                continue
            self._notes.statuses[answer.status_code] += 1
            if answer.status_code in {409, 502, 503}:
                assert answer.json()["code"] in AGAIN, answer.text
                self._notes.retries += 1
                await asyncio.sleep(RETRY_SECONDS)
                continue
            assert answer.is_success, answer.text
            found: dict[str, Any] = answer.json()
            self._note(path, found, int(answer.headers["khata-position"]))
            return found

    def _note(self, path: str, found: dict[str, Any], position: int) -> None:
        cart = f"cart-{found['cart_id']}"
        fact, stream = {
            "/carts": ("CartOpened", cart),
            "/orders": ("PaymentIntentCreated", f"checkout-{found.get('checkout_session_id')}"),
        }.get(path, ("CartItemSet", cart))
        self._notes.written.append(Acknowledged(position, fact, stream))
