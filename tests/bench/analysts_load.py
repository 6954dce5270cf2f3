"""Analysts who ask and ask: the documented questions in a loop, over some connections at once."""

import asyncio
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # ships no types; its errors are all we take
from msgspec import Struct, field

from src.events.connection import connecting
from src.projections.places import LIVE, stay_in
from src.projections.tables import prepare
from tests.bench.analytics import FAMILIES
from tests.bench.analytics_size import Size

CONNECTIONS = 4
ASKING_SECONDS_MAX = 120.0
"""They go home by themselves, whatever becomes of those who called them."""
FILL_TIMEOUT_SECONDS = 120.0
PAST_BOOK = 2
_QUERIES = Path(__file__).parents[2] / "docs" / "analysts" / "queries.sql"
QUESTIONS: Sequence[str] = re.split(r"(?<=;)\n\n", _QUERIES.read_text().strip())


class Asked(Struct, kw_only=True):
    """What analysts got."""

    seconds: list[float] = field(default_factory=list)
    """Of each answer."""
    refused: int = 0
    """Questions that the database broke off, because they took too long."""


async def fill_past(app_url: str, orders: int, days: int, skus: int) -> None:
    """Give analysts something to add up: a second book, which the shop itself never looks at."""
    size = Size(orders=orders, days=days, skus=skus, book=PAST_BOOK)
    db = await connecting(app_url, "khata bench", FILL_TIMEOUT_SECONDS)()
    try:
        await prepare(db, PAST_BOOK)
        await stay_in(db, LIVE)
        for statement in (each for family in FAMILIES for each in family.fill):
            await db.execute(statement.format(**size.words()))
        await db.execute("vacuum analyze")
    finally:
        await db.close()


@contextmanager
def asking(read_url: str) -> Iterator[Asked]:
    """Let analysts ask meanwhile, in a thread of their own; all have gone home afterwards."""
    asked, stop = Asked(), threading.Event()
    failed: list[BaseException] = []

    def work() -> None:
        try:
            asyncio.run(_ask_all(read_url, asked, stop))
        except BaseException as wrong:  # noqa: BLE001  # told to whoever called, below
            failed.append(wrong)

    thread = threading.Thread(target=work, name="analysts")
    thread.start()
    try:
        yield asked
    finally:
        stop.set()
        thread.join()
    if failed:
        raise failed[0]


async def _ask_all(read_url: str, asked: Asked, stop: threading.Event) -> None:
    until = time.monotonic() + ASKING_SECONDS_MAX
    async with asyncio.TaskGroup() as group:
        for first in range(CONNECTIONS):
            group.create_task(_ask(read_url, asked, stop, until, first))


async def _ask(
    read_url: str, asked: Asked, stop: threading.Event, until: float, first: int
) -> None:
    """Ask one question after the other, each analyst beginning with another one."""
    db = await connecting(read_url, f"khata bench analyst {first}")()
    number = first
    try:
        while not stop.is_set() and time.monotonic() < until:
            began = time.monotonic()
            try:
                await db.fetch(QUESTIONS[number % len(QUESTIONS)])
                asked.seconds.append(time.monotonic() - began)
            except asyncpg.QueryCanceledError:
                asked.refused += 1
            number += 1
    finally:
        await db.close()
