"""What the size of a book costs: one buyer's command in it, and the memory of its worker."""

import asyncio
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

from msgspec import Struct

from src.bootstrap import Parts, now
from src.commands.decisions.cart import set_item
from src.events.connection import Connection
from src.events.identifiers import CART, PRODUCT, stream
from tests.bench.report import percentile
from tests.bench.shop import started
from tests.bench.store.commands import cause
from tests.bench.store.place import Place
from tests.bench.store.size import Size
from tests.bench.store.stories import fill, left_cart
from tests.bench.store.table import Line
from tests.bench.store.turns import ratio
from tests.databases import BookDatabase

FLAT_MOST = 1.2
COMMANDS_AT_A_TURN = 10
CARTS = 390
"""So many of each book are changed, all over it: none is more often at hand than another's."""
LEFT_TO_READ = 10_000
"""Events that are new to every worker; the read models have the rest, as on any day."""
WORKER_SECONDS_MAX, WORKER_REST_SECONDS, LOOK_AGAIN_SECONDS = 240.0, 3.0, 0.2
STOP_SECONDS_MAX = 20.0
Tell = Callable[[str], None]


class Grown(Struct, frozen=True, kw_only=True):
    """A book of a size, with a shop on it."""

    events: int
    database: BookDatabase
    db: Connection
    """As the superuser."""
    parts: Parts
    stories: int


async def growth(place: Place, size: Size, tell: Tell) -> list[Line]:
    """Fill a book of each size, then measure beside all of them in turns."""
    books = [await _grown(place, events, tell) for events in size.books]
    seconds: dict[int, list[list[float]]] = {each.events: [] for each in books}
    chance = Random(1)
    for _ in range(size.rounds):
        for found in seconds.values():
            found.append([])
        for _ in range(size.buyer_commands // COMMANDS_AT_A_TURN):
            for each in books:
                seconds[each.events][-1] += await _commands(each, COMMANDS_AT_A_TURN, chance)
    memory = {each.events: [await _worker_memory(place, each, tell)] for each in books}
    p50, p99 = (
        {
            events: [percentile(each, part) * 1e3 for each in rounds]
            for events, rounds in seconds.items()
        }
        for part in (0.5, 0.99)
    )
    return [
        *_flat("one buyer's command, p50", p50, "ms"),
        *_flat("one buyer's command, p99", p99, "ms"),
        *_flat("memory of a worker", memory, "MB"),
    ]


async def _grown(place: Place, events: int, tell: Tell) -> Grown:
    database = await place.database(f"grown_{events}")
    db = await place.connection(database.superuser_url)
    await db.execute("set synchronous_commit = off")
    told = 0

    def tell_now_and_then(position: int) -> None:
        nonlocal told
        if position >= told + 500_000:
            told = position
            tell(f"a book of {events:,} events: {position:,} are written")

    stories = await fill(db, events, tell_now_and_then)
    parts = await place.parts(database)
    return Grown(events=events, database=database, db=db, parts=parts, stories=stories)


async def _commands(book: Grown, commands: int, chance: Random) -> list[float]:
    """Change one cart after another, each left open by somebody."""
    seconds: list[float] = []
    for _ in range(commands):
        nth = chance.randrange(CARTS)
        cart, sku = left_cart(nth * book.stories // CARTS)
        quantity = chance.randrange(2, 1_000)
        begun = time.perf_counter()
        await book.parts.ledger.transact(
            cause(f"guest:{cart}"),
            partial(set_item, cart_id=cart, sku=sku, quantity=quantity, now=now()),
            needs=[stream(CART, cart), stream(PRODUCT, sku)],
        )
        seconds.append(time.perf_counter() - begun)
    return seconds


async def _worker_memory(place: Place, book: Grown, tell: Tell) -> float:
    """Let a worker read what is new and sign everything, and return how big it is then, in MB."""
    tell(f"a worker on {book.events:,} events")
    head = await book.parts.book.head()
    await book.db.execute("update models.checkpoints set position = $1", head - LEFT_TO_READ + 1)
    log = place.folder / f"worker-{book.events}.log"
    worker = started("worker", place.environment(book.database), log)
    try:
        await asyncio.wait_for(_until_done(book.db, head, worker, log), WORKER_SECONDS_MAX)
        await asyncio.sleep(WORKER_REST_SECONDS)
        return _resident_mb(worker.pid)
    finally:
        worker.terminate()
        await asyncio.to_thread(worker.wait, STOP_SECONDS_MAX)


async def _until_done(
    db: Connection, head: int, worker: subprocess.Popen[bytes], log: Path
) -> None:
    while not await db.fetchval(_DONE, head):
        if worker.poll() is not None:
            raise RuntimeError(await asyncio.to_thread(log.read_text))
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


_DONE = """
select (select min(position) from models.checkpoints) >= $1
    and coalesce((select max(size) from khata.checkpoints), 0) >= $1
"""


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def _flat(what: str, found: dict[int, list[float]], unit: str) -> list[Line]:
    """Return a line for each larger book beside the smallest."""
    smallest, *larger = found
    lines: list[Line] = []
    for events in larger:
        compared = ratio(found[events], found[smallest])
        lines.append(
            Line(
                what=f"{what}, {events:,} events",
                figure=f"{median(found[events]):.2f} {unit}",
                beside=f"{smallest:,} events",
                other=f"{median(found[smallest]):.2f} {unit}",
                ratio=compared,
                mark=f"≤ {FLAT_MOST:g} of it",
                passed=compared <= FLAT_MOST,
            )
        )
    return lines
