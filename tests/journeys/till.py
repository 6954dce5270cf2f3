"""A till: a process that sells through the real commands, and writes down what it was told.

`python -m tests.journeys.till NAME DATABASE_URL NOTES` sells until its input
ends, repeats every command that was not answered, and adds a line to its notes
for every one that was.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from functools import partial
from itertools import count
from pathlib import Path
from random import Random

import msgspec
from msgspec import Struct

from src.commands.decisions.cart import open_cart, set_item
from src.commands.view import Decide
from src.commands.wish import Busy
from src.events.identifiers import CART, WEBHOOK, Stream, stream
from src.events.ledger import PostgresBook, open_book
from src.events.ports import DatabaseUnavailableError, OutcomeUnknownError
from src.events.snapshots import PostgresSnapshots
from src.projections.faults import PASSING
from tests.factories import CUP, NOW, PIN, TEA
from tests.processes import Process, cause, simply
from tests.projections.facts import delivered
from tests.purchases import Purchase

BUYERS = 6
RETRY_SECONDS = 0.02
STREAMS_MAX = 60
"""Few states at hand: most are read from the book again and again."""
UNANSWERED = (OutcomeUnknownError, DatabaseUnavailableError, Busy)
BUSY = "busy"


class Note(Struct, frozen=True, kw_only=True):
    """A command was acknowledged, or told to come back later."""

    command: str
    position: int
    attempts: int


class Till:
    """What all buyers of this process share."""

    def __init__(self, name: str, process: Process, notes: int) -> None:
        self.name = name
        self._process = process
        self._notes = notes

    async def ask(self, name: str, decide: Decide, begins: Sequence[Stream] = ()) -> None:
        """Send a command until it is answered; one write a note, so that a kill tears none."""
        for attempt in count(1):
            try:
                held = await self._process.ledger.transact(cause(name), decide, begins=begins)
            except UNANSWERED as error:
                if isinstance(error, Busy):
                    self._note(Note(command=BUSY, position=0, attempts=attempt))
                await asyncio.sleep(RETRY_SECONDS)
                continue
            self._note(Note(command=name, position=held.position, attempts=attempt))
            return

    def _note(self, note: Note) -> None:
        os.write(self._notes, msgspec.json.encode(note) + b"\n")


async def buy(till: Till, name: str, chance: Random) -> None:
    """Fill a cart, check out, and pay, or not."""
    wants = tuple((product, 1) for product in chance.sample((TEA, CUP, PIN), 2))
    purchase = Purchase(name=name, cart=name, wants=wants, email=f"{name}@example.in")
    cart = [stream(CART, purchase.cart_id)]
    await till.ask(
        f"open {name}", lambda view: open_cart(view, purchase.cart_id, None, "INR"), cart
    )
    for product, quantity in wants:
        wanted = partial(set_item, cart_id=purchase.cart_id, sku=product.sku, now=NOW)
        await till.ask(f"set {product.sku} {name}", partial(wanted, quantity=quantity))
    await till.ask(f"start {name}", purchase.start(), [purchase.checkout])
    ending = chance.choice(["captured", "captured", "failed", "cancel", "expire", "leave"])
    if ending == "cancel":
        await till.ask(f"cancel {name}", purchase.cancel())
        return
    await till.ask(f"request {name}", purchase.request())
    await till.ask(f"record {name}", purchase.record())
    if ending == "expire":
        await till.ask(f"expire {name}", purchase.expire())
    elif ending != "leave":
        told = simply(*((Stream(on), fact) for on, fact in delivered(name, ending)))
        await till.ask(f"webhook {name}", told, [stream(WEBHOOK, f"{ending}-{name}")])
        await till.ask(f"{ending} {name}", purchase.report(ending))


async def sell(name: str, url: str, notes: Path) -> None:
    """Sell until the input ends; what was begun is finished."""
    book = await opened(url)
    snapshots = PostgresSnapshots(url)
    process = Process(book, STREAMS_MAX, snapshots)
    written = os.open(notes, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    till, chance, over = Till(name, process, written), Random(name), asyncio.Event()

    async def keep_buying(buyer: int) -> None:
        for number in count():
            if over.is_set():
                return
            await buy(till, f"{name}-{buyer}-{number}", chance)

    buyers = asyncio.gather(*map(keep_buying, range(BUYERS)))
    await asyncio.to_thread(sys.stdin.read)
    over.set()
    await buyers
    await process.ledger.finish()
    await snapshots.close()
    await book.close()
    os.close(written)


async def opened(url: str) -> PostgresBook:
    """Open the book as soon as there is one."""
    while True:
        try:
            return await open_book(url)
        except PASSING:
            await asyncio.sleep(RETRY_SECONDS)


def main() -> None:
    """Sell, once the database is there."""
    name, url, notes = sys.argv[1:]
    asyncio.run(sell(name, url, Path(notes)))


if __name__ == "__main__":
    main()
