"""A process that wants one hot stream again and again, or reads many streams to write one.

`python -m tests.commands.rush hot|reader NAME DATABASE_URL` answers with one
line: what its commands came to. The reader sends so many and ends; the hot ones
go on until their input ends.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import count

import msgspec

from src.commands.view import Decide, Fact, View
from src.events.identifiers import STOCK, Stream, stream
from src.events.ledger import open_book
from src.events.stock import StockReceived
from tests.processes import Process, cause

HOT, OWN = "hot", "own"
CUSTOMERS = 8
"""So many commands of a hot process wait at a time."""
READS = 20
"""Commands of the reader, one after another."""
STREAMS_READ = 40
READ = [HOT, *(f"cold-{n}" for n in range(STREAMS_READ))]


def one_more(sku: str) -> Fact:
    return stream(STOCK, sku), StockReceived(sku=sku, quantity=1)


def take_hot(view: View) -> list[Fact]:
    """Add to the hot stream."""
    view.stock(HOT)
    return [one_more(HOT)]


def read_many(view: View) -> list[Fact]:
    """Add to a stream of one's own, on what all the others say."""
    for sku in READ:
        view.stock(sku)
    return [one_more(OWN)]


async def rush(kind: str, name: str, url: str) -> Counter[str]:
    """Send commands, and count what they came to."""
    book = await open_book(url)
    process, came_to = Process(book), Counter[str]()

    async def send(number: object, decide: Decide) -> None:
        try:
            await process.ledger.transact(cause(f"{name} {number}"), decide, needs=_needs(kind))
            came_to["held"] += 1
        except Exception as error:  # noqa: BLE001 - what it was is what the test looks at
            came_to[type(error).__name__] += 1

    if kind == "reader":
        for number in range(READS):
            await send(number, read_many)
    else:
        await _until_told(lambda customer, number: send(f"{customer} {number}", take_hot))
    await process.ledger.finish()
    await book.close()
    return came_to


def _needs(kind: str) -> list[Stream]:
    return [stream(STOCK, sku) for sku in (READ if kind == "reader" else [HOT])]


async def _until_told(send: Callable[[int, int], Awaitable[None]]) -> None:
    """Let every customer send one command after another until the input ends."""
    over = asyncio.Event()

    async def keep_sending(customer: int) -> None:
        for number in count():
            if over.is_set():
                return
            await send(customer, number)

    customers = asyncio.gather(*map(keep_sending, range(CUSTOMERS)))
    await asyncio.to_thread(sys.stdin.read)
    over.set()
    await customers


def main() -> None:
    """Rush, and say what came of it."""
    came_to = asyncio.run(rush(*sys.argv[1:]))
    sys.stdout.write(msgspec.json.encode(came_to).decode())


if __name__ == "__main__":
    main()
