"""A guest who buys again and again: cart, item, intent, payment, and looks for the order."""

import asyncio
import time
from collections import defaultdict
from random import Random
from typing import Any

from tests.bench.wire import Wire

ORDERED_SECONDS_MAX = 20.0
FIRST_LOOK_SECONDS_MIN, LOOK_AGAIN_SECONDS = 0.004, 0.02
LEARNING = 0.1
"""How much of each new waiting time the next first look believes."""


class UnexpectedError(Exception):
    """The shop did not do what a shop does."""


class Notes:
    """What all buyers saw."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.orders = 0
        self.looks = 0
        self.failures: list[str] = []
        self.usual_wait_seconds = 0.02


class Pace:
    """Turns to begin a purchase, handed out evenly over time."""

    def __init__(self, rate: float | None) -> None:
        self._gap = None if rate is None else 1 / rate
        self._next = time.monotonic()

    async def turn(self) -> None:
        """Wait for the next turn; who comes late takes it at once and owes nothing."""
        if self._gap is not None:
            mine = max(self._next, time.monotonic())
            self._next = mine + self._gap
            await asyncio.sleep(mine - time.monotonic())


class Buyer:
    """One client: a connection to the shop, one to the sandbox, and a thing to do at a time."""

    def __init__(
        self, name: str, skus: list[str], chance: Random, notes: Notes, pace: Pace
    ) -> None:
        self._name, self._skus, self._chance = name, skus, chance
        self._notes, self._pace = notes, pace
        self._bought = 0

    async def shop_until(self, end: float, api_port: int, sandbox_port: int) -> None:
        """Buy until this moment of the monotonic clock; what was begun is finished."""
        self._api, self._sandbox = await Wire.open(api_port), await Wire.open(sandbox_port)
        try:
            while time.monotonic() < end:
                await self._pace.turn()
                await self._buy()
        except (UnexpectedError, OSError) as wrong:
            self._notes.failures.append(str(wrong) or type(wrong).__name__)
        finally:
            self._api.close()
            self._sandbox.close()

    async def _buy(self) -> None:
        sku = self._chance.choice(self._skus)
        cart = await self._ask("POST /carts", "/carts", {})
        cart_id, session = cart["cart_id"], cart["session_id"]
        path = f"/carts/{cart_id}/items/{sku}"
        await self._ask("PUT /carts/…/items/…", path, {"quantity": 1}, session)
        wish = {"cart_id": cart_id, **self._guest()}
        checkout = await self._ask("POST /orders", "/orders", wish, session)
        await self._pay(checkout["payment_intent"]["id"])
        await self._until_ordered(checkout["checkout_session_id"], session)
        self._notes.orders += 1

    def _guest(self) -> dict[str, object]:
        self._bought += 1
        return guest(f"{self._name}-{self._bought}")

    async def _pay(self, razorpay_order_id: str) -> None:
        path = f"/_sandbox/orders/{razorpay_order_id}/pay"
        status, answer = await self._sandbox.ask("POST", path, {})
        if status != 200:
            raise UnexpectedError(f"paying answered {status}: {answer}")

    async def _until_ordered(self, checkout: str, session: str) -> None:
        """Look when the order is usually there; every look costs the shop a request."""
        begun = time.monotonic()
        pause = max(FIRST_LOOK_SECONDS_MIN, self._notes.usual_wait_seconds)
        while time.monotonic() < begun + ORDERED_SECONDS_MAX:
            await asyncio.sleep(pause)
            self._notes.looks += 1
            shown = await self._ask("GET /checkout/…", f"/checkout/{checkout}", None, session)
            if shown["state"] == "ORDER_CREATED":
                self._learn(time.monotonic() - begun, at_once=pause != LOOK_AGAIN_SECONDS)
                return
            pause = LOOK_AGAIN_SECONDS
        raise UnexpectedError(f"{checkout} was paid and is no order after {ORDERED_SECONDS_MAX} s")

    def _learn(self, waited: float, *, at_once: bool) -> None:
        """Try a little earlier next time if the first look found it, else as late as it was."""
        usual = self._notes.usual_wait_seconds
        towards = usual * 0.9 if at_once else waited
        self._notes.usual_wait_seconds = usual + LEARNING * (towards - usual)
        self._notes.seconds["paid → seen as an order"].append(waited)

    async def _ask(
        self, name: str, path: str, body: object, session: str | None = None
    ) -> dict[str, Any]:
        begun = time.monotonic()
        status, answer = await self._api.ask(name.split(maxsplit=1)[0], path, body, session)
        self._notes.seconds[name].append(time.monotonic() - begun)
        if status not in {200, 201}:
            raise UnexpectedError(f"{name} answered {status}: {answer}")
        found: dict[str, Any] = answer
        return found


def guest(name: str) -> dict[str, object]:
    """Return what an invented guest fills in."""
    address = {
        "line1": "1 Example Road",
        "city": "Bengaluru",
        "state": "Karnataka",
        "postal_code": "560001",
        "country": "IN",
    }
    return {
        "email": f"{name}@example.in",
        "name": "Asha Example",
        "phone": "+919800000000",
        "shipping_address": address,
    }
