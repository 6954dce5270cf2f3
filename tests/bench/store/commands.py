"""Commands the way that the API sends them, from so many who each await one after another."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import count

from src.bootstrap import Parts, new_id
from src.commands.decisions.cart import open_cart
from src.commands.decisions.catalogue import list_product, receive_stock
from src.events.envelope import Cause
from src.events.identifiers import CART, PRODUCT, STOCK, derived, public_id, stream
from src.events.money import Money
from src.events.product import Product

COMMAND_SECONDS_MAX = 30.0
Command = Callable[[], Awaitable[object]]


def cause(actor: str = "staff:admin:bench") -> Cause:
    """Return a new wish of nobody in particular."""
    command = new_id()
    return Cause(command_id=command, correlation_id=command, actor=actor)


async def per_second(command: Command, waiting: int, seconds: float) -> float:
    """Return how many commands were done a second by so many who each await one after another."""
    begun = time.perf_counter()
    return await done_within(command, waiting, seconds) / (time.perf_counter() - begun)


async def done_within(command: Command, waiting: int, seconds: float) -> int:
    """Return how many commands were done, all that were begun in this time."""
    end = time.perf_counter() + seconds
    done = count()

    async def one_after_another() -> None:
        while time.perf_counter() < end:
            await command()
            next(done)

    async with asyncio.timeout(seconds + COMMAND_SECONDS_MAX):
        await asyncio.gather(*(one_after_another() for _ in range(waiting)))
    return next(done)


class OpeningCarts:
    """A command that opens a cart: one fact on a stream of its own."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._wishes: list[tuple[Cause, str]] = []

    def prepare(self, wishes: int) -> None:
        """Make ids, which is the work of whoever sends a command."""
        self._wishes += [_cart_wish() for _ in range(wishes - len(self._wishes))]

    async def __call__(self) -> None:
        """Open one cart."""
        wish, cart = self._wishes.pop() if self._wishes else _cart_wish()
        await self._parts.ledger.transact(
            wish, lambda view: open_cart(view, cart, None, "INR"), begins=[stream(CART, cart)]
        )


def _cart_wish() -> tuple[Cause, str]:
    command = new_id()
    cart = public_id("cart", derived(command, "cart"))
    return Cause(command_id=command, correlation_id=command, actor=f"guest:{cart}"), cart


async def receiving_stock(parts: Parts, skus: list[str]) -> Command:
    """List some products; return a command that counts units of the next one in."""
    for sku in skus:
        product = Product(sku=sku, name=sku, price=Money(10_000, "INR"), weight_grams=500)
        await parts.ledger.transact(cause(), partial(list_product, product=product))
    turn = count()

    async def receive_one() -> None:
        sku = skus[next(turn) % len(skus)]
        needs = [stream(PRODUCT, sku), stream(STOCK, sku)]
        await parts.ledger.transact(
            cause(), lambda view: receive_stock(view, sku, 1, None), needs=needs
        )

    return receive_one
