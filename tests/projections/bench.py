"""How fast the read models are fed; run as `python -m tests.projections.bench [events]`.

Prints the wall and the process's own CPU time per fact, with the whole book
written before; at the end with one page per order, as on a quiet day.
"""

import asyncio
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from src.embedded import Engines
from src.events.connection import connecting
from src.events.ledger import open_book
from src.events.migrations import migrate
from src.projections.tables import prepare
from tests.databases import role_of
from tests.engines import start_throw_away_engines
from tests.projections.facts import Fact, bought, opening
from tests.projections.shop import BOOK, Shop

EVENTS = 50_000
ORDERS_A_BATCH = 40
SINGLE_ORDERS = 200


async def measure(engines: Engines, events: int) -> None:
    """Write, feed, print."""
    await migrate(engines.owner_url, role_of(engines.app_url))
    connect = connecting(engines.app_url, "khata bench")
    book, db = await open_book(engines.app_url, BOOK), await connect()
    await prepare(db, BOOK)
    shop = Shop(book, db, connect)
    head = await shop.write(opening(50))
    n = 0
    while head < events:
        batch = [fact for i in range(n, n + ORDERS_A_BATCH) for fact in order(i)]
        head, n = await shop.write(batch), n + ORDERS_A_BATCH
    runner = shop.runner()
    wall, cpu = time.perf_counter(), time.process_time()
    await runner.catch_up()
    told("whole book", head, time.perf_counter() - wall, time.process_time() - cpu)
    wall = cpu = 0.0
    for i in range(n, n + SINGLE_ORDERS):
        await shop.write(order(i))
        began, used = time.perf_counter(), time.process_time()
        await runner.catch_up()
        wall, cpu = wall + time.perf_counter() - began, cpu + time.process_time() - used
    told("order by order", SINGLE_ORDERS * len(order(0)), wall, cpu)
    await runner.close()
    await db.close()
    await book.close()


def order(n: int) -> list[Fact]:
    return bought(str(n), (n % 50, (n + 7) % 50))


def told(what: str, facts: int, wall: float, cpu: float) -> None:
    each = f"{wall / facts * 1e6:.1f} us wall, {cpu / facts * 1e6:.1f} us CPU a fact"
    print(f"{what}: {facts} facts, {facts / wall:,.0f} facts/s, {each}")  # noqa: T201  # it is what the bench is for


if __name__ == "__main__":
    with (
        TemporaryDirectory() as home,
        start_throw_away_engines(Path(home)) as started,
    ):
        asyncio.run(measure(started, int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS))
