"""Writing: commands through the whole command path, beside bare inserts and another store."""

import asyncio
from functools import partial
from statistics import median

from src.commands.group_commit import BATCH_COMMANDS_MAX
from tests.bench.store.commands import OpeningCarts, done_within, per_second, receiving_stock
from tests.bench.store.cost import Cost, Costs, in_the_middle
from tests.bench.store.other import Other, is_installed
from tests.bench.store.place import Place
from tests.bench.store.raw import Raw
from tests.bench.store.size import Size
from tests.bench.store.table import Line, beside
from tests.bench.store.turns import Measure, Rate, Rates, in_turns

WAITING = (1, 16, 256, 1_024)
MARKED = 256
"""The number of waiting commands that the marks are for."""
BATCHED_LEAST, OTHER_LEAST = 0.6, 10.0
RAW_CONNECTIONS = 16
WISHES_PER_SECOND = 40_000
"""So many ids are made before it is measured; beyond them they are made on the way."""
WRITERS, HOT_LEAST = 64, 0.5
OURS, BATCHED, SINGLES, OTHER = "ours", "raw, batched", "raw, one by one", "eventsourcing"


async def appending(place: Place, size: Size) -> list[Line]:
    """Carts are opened: one fact a command, each on a stream of its own."""
    database = await place.database("appending")
    carts = OpeningCarts(await place.parts(database))
    connections = [await place.connection(database.owner_url) for _ in range(RAW_CONNECTIONS)]
    raw = Raw(connections)
    await raw.prepare()
    costs = Costs(place.engines)
    other = Other((await place.database("other")).owner_url) if is_installed() else None
    lines: list[Line] = []
    for waiting in WAITING:
        rates = await in_turns(size.rounds, _kinds(carts, raw, other, waiting, size.seconds))
        lines += _compared(waiting, rates)
    costly = await in_turns(size.rounds, _costs(carts, raw, costs, size.seconds))
    lines.append(_cost_line(costly))
    if other is None:
        lines.append(Line(what=OTHER, figure="not installed"))
    else:
        other.close()
    return lines


def _kinds(
    carts: OpeningCarts, raw: Raw, other: Other | None, waiting: int, seconds: float
) -> dict[str, Rate]:
    batch = min(waiting, BATCH_COMMANDS_MAX)
    kinds: dict[str, Rate] = {
        OURS: partial(_opened_per_second, carts, waiting, seconds),
        BATCHED: partial(raw.batches_per_second, batch, seconds),
        SINGLES: partial(raw.singles_per_second, waiting, seconds),
    }
    if other is not None:
        kinds[OTHER] = partial(asyncio.to_thread, other.saved_per_second, waiting, seconds)
    return kinds


async def _opened_per_second(carts: OpeningCarts, waiting: int, seconds: float) -> float:
    carts.prepare(int(WISHES_PER_SECOND * seconds))
    return await per_second(carts, waiting, seconds)


def _costs(carts: OpeningCarts, raw: Raw, costs: Costs, seconds: float) -> dict[str, Measure[Cost]]:
    """What a command costs the processors: it is the same on a machine that others use too."""

    async def ours() -> Cost:
        carts.prepare(int(WISHES_PER_SECOND * seconds))
        return await costs.of(done_within(carts, MARKED, seconds))

    async def batched() -> Cost:
        return await costs.of(inserted())

    async def inserted() -> int:
        rows, _ = await raw.batches(BATCH_COMMANDS_MAX, seconds)
        return rows

    return {OURS: ours, BATCHED: batched}


def _cost_line(costs: dict[str, list[Cost]]) -> Line:
    postgres, bare = (median(each.postgres_us for each in costs[kind]) for kind in (OURS, BATCHED))
    return Line(
        what=f"CPU a command, {MARKED} waiting: Python + PostgreSQL",
        figure=in_the_middle(costs[OURS]),
        beside=f"{BATCHED}, PostgreSQL",
        other=f"{bare:.1f} µs",
        ratio=bare / postgres,
    )


def _compared(waiting: int, rates: Rates) -> list[Line]:
    what = f"commands, {waiting:,} waiting"
    marked = waiting == MARKED
    lines = [beside(what, rates, BATCHED, BATCHED_LEAST if marked else None)]
    lines.append(beside(what, rates, SINGLES))
    if OTHER in rates:
        lines.append(beside(what, rates, OTHER, OTHER_LEAST if marked else None))
    return lines


async def hot_stream(place: Place, size: Size) -> list[Line]:
    """Units of one product are counted in by many at once, beside as many products."""
    parts = await place.parts(await place.database("hot"))
    hot = await receiving_stock(parts, ["HOT-1"])
    spread = await receiving_stock(parts, [f"SPREAD-{n}" for n in range(WRITERS)])
    one, many = "one stream", f"{WRITERS} streams"
    rates = await in_turns(
        size.rounds,
        {
            one: partial(per_second, hot, WRITERS, size.seconds),
            many: partial(per_second, spread, WRITERS, size.seconds),
        },
    )
    return [beside(f"commands on one stream, {WRITERS} writers", rates, many, HOT_LEAST)]
