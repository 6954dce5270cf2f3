"""`python -m tests.bench analytics`: how long the analysts' questions take on a big book.

The read models of a throw-away database are filled by SQL, as if so many orders had
been placed evenly over some days. Then each question is asked many times, alone, on
a connection like the API's; medians and the 95th percentile are printed.
"""

import argparse
import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from msgspec import Struct

from src.embedded import EnginesSettings, start_engines
from src.events.connection import Connection, connecting
from src.events.migrations import migrate
from src.projections.places import LIVE, stay_in
from src.projections.tables import prepare
from src.queries.analytics.pool import open_analytics_pool
from tests.bench import (
    analytics_journeys,
    analytics_payments,
    analytics_sales,
    analytics_stock,
)
from tests.bench.analytics_size import BOOK, Ask, Family, Size
from tests.bench.report import percentile
from tests.databases import role_of

FAMILIES: tuple[Family, ...] = (
    analytics_sales.FAMILY,
    analytics_journeys.FAMILY,
    analytics_payments.FAMILY,
    analytics_stock.FAMILY,
)
"""What there is to ask; each fills the tables of its own projections."""
ORDERS, QUICK_ORDERS, DAYS, SKUS, ROUNDS = 1_000_000, 50_000, 90, 100, 20
FILL_TIMEOUT_SECONDS = 900.0


class Measured(Struct, frozen=True, kw_only=True):
    """How long one question took, in milliseconds."""

    family: str
    name: str
    times: list[float]

    def __str__(self) -> str:
        middle, most = median(self.times), percentile(self.times, 0.95)
        return f"{self.family:12}{self.name:36}{middle:>10.1f}{most:>10.1f}"


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    wanted = _wanted(arguments)
    size = Size(orders=wanted.orders, days=DAYS, skus=SKUS)
    with TemporaryDirectory(prefix="khata-bench-") as directory:
        folder = Path(directory)
        folder.chmod(0o711)  # as root, PostgreSQL runs as somebody else
        with start_engines(EnginesSettings(home=folder / "engines", durable=False)) as engines:
            asyncio.run(migrate(engines.owner_url, role_of(engines.app_url)))
            families = [each for each in FAMILIES if each.name in wanted.families]
            asyncio.run(_measured(engines.app_url, size, families, wanted.rounds))
    return 0


def _wanted(arguments: Sequence[str]) -> argparse.Namespace:
    names = [each.name for each in FAMILIES]
    read = argparse.ArgumentParser(prog="python -m tests.bench analytics", description=__doc__)
    read.add_argument("--families", nargs="+", choices=names, default=names)
    read.add_argument("--orders", type=int, default=ORDERS)
    read.add_argument("--rounds", type=int, default=ROUNDS)
    read.add_argument(
        "--quick", action="store_const", const=QUICK_ORDERS, dest="orders", help="a small book"
    )
    return read.parse_args(arguments)


async def _measured(url: str, size: Size, families: Sequence[Family], rounds: int) -> None:
    await _fill(await connecting(url, "khata bench", FILL_TIMEOUT_SECONDS)(), size, families)
    pool = await open_analytics_pool(url)
    _say(f"{size.orders:,} orders over {size.days} days, {os.cpu_count()} cores\n")
    _say(f"{'family':12}{'question':36}{'median ms':>10}{'p95 ms':>10}")
    for family in families:
        for name, ask in family.questions:
            times = await _times(lambda ask=ask: ask(pool, size), rounds)  # type: ignore[misc]  # bound at once
            _say(str(Measured(family=family.name, name=name, times=times)))
    await pool.close()


async def _fill(db: Connection, size: Size, families: Sequence[Family]) -> None:
    """Make all tables and fill those that are asked; PostgreSQL then knows how full they are."""
    await prepare(db, BOOK)
    await stay_in(db, LIVE)
    for family in families:
        for statement in family.fill:
            began = time.perf_counter()
            await db.execute(statement.format(**size.words()))
            seconds = time.perf_counter() - began
            _say(f"filled for {family.name} in {seconds:.1f} s")
    await db.execute("vacuum analyze")
    await db.close()


async def _times(ask: Ask, rounds: int) -> list[float]:
    """Ask once to warm up, and then so often."""
    times: list[float] = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        await ask()
        times.append((time.perf_counter() - began) * 1_000)
    return times[1:]


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - it is what the bench is for
