"""`python -m tests.bench money`: how fast money becomes an order, and whether races make two.

First some thousand guests get as far as the payment window, untimed. Then they pay, a
bounded number at once, each with its session's live events open: a thousand of whom
only Razorpay's webhooks tell the shop, a thousand whose callback races them, and some
hundred that begin evenly, at a rate that leaves the machine some air. What became of
it is read from the book.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any, TypeVar

from msgspec import Struct

from tests.bench.book import promises
from tests.bench.buyer import Pace, UnexpectedError, guest
from tests.bench.live import Live
from tests.bench.report import percentile
from tests.bench.seed import SPREAD
from tests.bench.shop import BenchShop, running_shop
from tests.bench.wire import Wire

PAYMENTS, PACED_PAYMENTS, AT_ONCE = 1_000, 400, 32
PACE_PER_SECOND = 40.0
QUICK = 10
"""So much less of all is paid in a quick run."""
SEEN_SECONDS_MAX = 30.0
T = TypeVar("T")


class Waiting(Struct, frozen=True, kw_only=True):
    """A guest before the payment window."""

    checkout: str
    secret: str
    razorpay_order: str


class Plan(Struct, frozen=True):
    """What is paid, and how."""

    name: str
    payments: int
    with_callback: bool = False
    rate: float | None = None
    """Payments begun a second, evenly; None is as many as there can be."""


class Stage(Struct, kw_only=True):
    """What came of a plan."""

    name: str
    seconds: list[float]
    """From the money's capture to the order, as its guest sees it live."""
    lasted: float = 0.0


class Till:
    """One connection to the shop and one to the sandbox."""

    def __init__(self, api: Wire, sandbox: Wire, api_port: int) -> None:
        self._api, self._sandbox, self._api_port = api, sandbox, api_port

    async def prepare(self, name: str, sku: str) -> Waiting:
        """Bring a guest as far as the payment window."""
        cart = await self._ask("POST", "/carts", {})
        cart_id, secret = cart["cart_id"], cart["session_id"]
        await self._ask("PUT", f"/carts/{cart_id}/items/{sku}", {"quantity": 1}, secret)
        wish = {"cart_id": cart_id, **guest(name)}
        checkout = await self._ask("POST", "/orders", wish, secret)
        return Waiting(
            checkout=checkout["checkout_session_id"],
            secret=secret,
            razorpay_order=checkout["payment_intent"]["id"],
        )

    async def pay(self, waiting: Waiting, *, with_callback: bool) -> float:
        """Pay, and return how long it took until the guest saw the order."""
        path = f"/checkout/{waiting.checkout}/events"
        live = await Live.open(self._api_port, path, waiting.secret)
        try:
            status, paid = await self._sandbox.ask(
                "POST", f"/_sandbox/orders/{waiting.razorpay_order}/pay", {}
            )
            if status != 200:
                raise UnexpectedError(f"paying answered {status}: {paid}")
            captured = time.monotonic()
            if with_callback:
                await self._call_back(waiting, paid)
            await asyncio.wait_for(live.until("OrderCreated"), SEEN_SECONDS_MAX)
            return time.monotonic() - captured
        finally:
            live.close()

    async def _call_back(self, waiting: Waiting, paid: dict[str, Any]) -> None:
        names = ("razorpay_order_id", "razorpay_payment_id", "razorpay_signature")
        triple = {name: paid[name] for name in names}
        shown = await self._ask("POST", "/payments/razorpay/verify", triple, waiting.secret)
        if shown["state"] != "ORDER_CREATED":
            raise UnexpectedError(f"the callback left {shown['state']}")

    async def _ask(
        self, method: str, path: str, body: object, secret: str | None = None
    ) -> dict[str, Any]:
        status, answer = await self._api.ask(method, path, body, secret)
        if status not in {200, 201}:
            raise UnexpectedError(f"{method} {path} answered {status}: {answer}")
        found: dict[str, Any] = answer
        return found

    def close(self) -> None:
        """End both connections."""
        self._api.close()
        self._sandbox.close()


def main(arguments: list[str]) -> int:
    """Measure and print; 0 if every promise held."""
    read = argparse.ArgumentParser(prog="python -m tests.bench money", description=__doc__)
    read.add_argument("--quick", action="store_true", help="a tenth of the payments")
    part = QUICK if read.parse_args(arguments).quick else 1
    plans = [
        Plan("webhooks alone", PAYMENTS // part),
        Plan("callback and webhook race", PAYMENTS // part, with_callback=True),
        Plan(f"webhooks, {PACE_PER_SECOND:g}/s", PACED_PAYMENTS // part, rate=PACE_PER_SECOND),
    ]
    with running_shop() as shop:
        stages = asyncio.run(_measured(shop, plans))
        for name in ("api", "worker", "sandbox"):
            shop.stop_part(name)
        held = asyncio.run(promises(shop.settings, sum(plan.payments for plan in plans)))
    _say(f"{os.cpu_count()} cores, everything on them; load average {os.getloadavg()[0]:.1f}")
    for stage in stages:
        _say(_told(stage))
    _say("promises, from the book")
    for promise in held:
        _say(f"  {'held  ' if promise.holds else 'BROKEN'}  {promise.text}")
    return 0 if all(promise.holds for promise in held) else 1


async def _measured(shop: BenchShop, plans: list[Plan]) -> list[Stage]:
    tills = [await _till(shop) for _ in range(AT_ONCE)]
    chance = Random(0)
    stages = []
    for plan in plans:
        waiting: list[Waiting] = []

        async def prepare(till: Till, each: tuple[str, str], to: list[Waiting] = waiting) -> None:
            to.append(await till.prepare(*each))

        names = [(_email(plan.name, n), chance.choice(SPREAD)) for n in range(plan.payments)]
        await _shared(tills, names, prepare, Pace(None))
        stages.append(await _stage(tills, plan, waiting))
    for till in tills:
        till.close()
    return stages


def _email(plan: str, number: int) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in f"{plan}-{number}")


async def _stage(tills: list[Till], plan: Plan, waiting: list[Waiting]) -> Stage:
    stage = Stage(name=plan.name, seconds=[])

    async def pay(till: Till, each: Waiting) -> None:
        stage.seconds.append(await till.pay(each, with_callback=plan.with_callback))

    begun = time.monotonic()
    await _shared(tills, waiting, pay, Pace(plan.rate))
    stage.lasted = time.monotonic() - begun
    return stage


async def _shared(
    tills: list[Till], work: list[T], do: Callable[[Till, T], Awaitable[None]], pace: Pace
) -> None:
    """Let every till take the next piece of work until there is none."""
    left = iter(work)

    async def until_done(till: Till) -> None:
        for each in left:
            await pace.turn()
            await do(till, each)

    async with asyncio.TaskGroup() as group:
        for till in tills:
            group.create_task(until_done(till))


async def _till(shop: BenchShop) -> Till:
    port = shop.settings.port
    return Till(await Wire.open(port), await Wire.open(shop.settings.sandbox_port), port)


def _told(stage: Stage) -> str:
    p50, p99 = (1_000 * percentile(stage.seconds, part) for part in (0.5, 0.99))
    rate = len(stage.seconds) / stage.lasted
    seen = f"capture to ORDER_CREATED seen live: p50 {p50:.1f} ms, p99 {p99:.1f} ms"
    return f"  {stage.name}: {len(stage.seconds)} payments, {rate:.1f}/s; {seen}"


def _say(text: str) -> None:
    print(text)  # noqa: T201 - it is what the bench is for


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
