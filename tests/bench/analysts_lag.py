"""How far the runners are behind: facts are written evenly, and the checkpoints are looked at.

The facts are those of whole purchases, appended through the book as a process of the
shop does it, which tells the worker at once that there is more.
"""

import asyncio
import time
from bisect import bisect_left
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from uuid import uuid4

from msgspec import Struct

from src.bootstrap import Parts, open_parts
from src.events.connection import Connection, connecting
from src.events.envelope import StoredEvent
from src.projections.catalogue import ANALYSTS, SERVING
from src.settings import Settings
from tests.bench.analysts_load import asking
from tests.bench.analytics_size import BOOK
from tests.bench.buyer import Pace
from tests.projections.facts import bought, opening
from tests.projections.shop import Shop

FACTS_PER_SECOND, FACTS_A_PURCHASE = 500.0, 23
PAGE_EVENTS = 5_000
LOOK_SECONDS = 0.005
ARRIVE_SECONDS_MAX = 60.0
"""So long may the last fact take until every read model has it."""


class Lag(Struct, frozen=True, kw_only=True):
    """How long facts waited: each from when it was recorded until all of a runner's models had it.

    In seconds; the time between two looks at the checkpoints is in it.
    """

    is_asked: bool
    """Whether analysts asked meanwhile."""
    facts_per_second: float
    serving: list[float]
    analysts: list[float]


class Look(Struct, frozen=True):
    """Up to where everybody had come at a moment."""

    at: datetime
    serving: int
    analysts: int


async def measured_lags(
    settings: Settings, read_url: str, seconds: float, rounds: int
) -> list[Lag]:
    """Write for so long without analysts and with them, in turns."""
    assert settings.database_url is not None
    connect = connecting(settings.database_url, "khata bench")
    parts, db = await open_parts(settings), await connect()
    try:
        shop = Shop(settings.database_url, parts.book, db, connect)
        await shop.write(opening())
        return [
            await _lag(parts, shop, seconds, read_url if is_asked else None)
            for number in range(rounds)
            for is_asked in ((False, True) if number % 2 == 0 else (True, False))
        ]
    finally:
        await db.close()
        await parts.close()


async def _lag(parts: Parts, shop: Shop, seconds: float, read_url: str | None) -> Lag:
    before = await parts.book.head()
    written = asyncio.Event()
    with nullcontext() if read_url is None else asking(read_url):
        async with asyncio.timeout(seconds + ARRIVE_SECONDS_MAX), asyncio.TaskGroup() as group:
            watching = group.create_task(_watch(parts, shop.db, written))
            began = time.monotonic()
            await _write(parts, shop, began + seconds)
            lasted = time.monotonic() - began
            written.set()
    facts, looks = await _facts(parts, before), watching.result()
    return Lag(
        is_asked=read_url is not None,
        facts_per_second=len(facts) / lasted,
        serving=_waited(facts, looks, [look.serving for look in looks]),
        analysts=_waited(facts, looks, [look.analysts for look in looks]),
    )


async def _write(parts: Parts, shop: Shop, end: float) -> None:
    """Write purchases at an even rate, and tell of each."""
    pace = Pace(FACTS_PER_SECOND / FACTS_A_PURCHASE)
    while time.monotonic() < end:
        await pace.turn()
        parts.wake.announce(await shop.write(bought(uuid4().hex)))


async def _watch(parts: Parts, db: Connection, written: asyncio.Event) -> list[Look]:
    """Look again and again, until all that was written has been taken in by all."""
    names = [[each.NAME for each in projections] for projections in (SERVING, ANALYSTS)]
    looks: list[Look] = []
    while True:
        is_over = written.is_set()
        head = await parts.book.head() if is_over else 0
        row = await db.fetchrow(_CHECKPOINTS, BOOK, *names)
        assert row is not None
        looks.append(Look(*row))
        if is_over and min(looks[-1].serving, looks[-1].analysts) >= head:
            return looks
        await asyncio.sleep(LOOK_SECONDS)


async def _facts(parts: Parts, after: int) -> list[StoredEvent]:
    facts: list[StoredEvent] = []
    for start in range(after, await parts.book.head(), PAGE_EVENTS):
        facts += await parts.book.read_page(start, PAGE_EVENTS)
    return facts


def _waited(
    facts: Sequence[StoredEvent], looks: Sequence[Look], positions: Sequence[int]
) -> list[float]:
    """For each fact take the first look at which everybody had come as far; these only go up."""
    seen = [bisect_left(positions, fact.position) for fact in facts]
    return [
        (looks[number].at - fact.recorded_at).total_seconds()
        for fact, number in zip(facts, seen, strict=True)
        if number < len(looks)
    ]


_CHECKPOINTS = """
select clock_timestamp(),
    min(position) filter (where projection = any($2::text[])),
    min(position) filter (where projection = any($3::text[]))
from models.checkpoints where book = $1
"""
