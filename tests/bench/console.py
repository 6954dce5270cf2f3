"""`bench console`: how long each page of the console takes, in a shop with a past.

The past is that of `khata sample`. Server and client share one process and the
machine with PostgreSQL, so a page costs a little less than what is printed. Pictures
are measured twice: drawn for the first time, and sent again.
"""

import argparse
import asyncio
import os
import re
import statistics
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from src.bootstrap.moments import now
from src.cli.sample_history.request import Request
from src.cli.sample_history.run import make
from src.embedded import Engines, EnginesSettings, start_engines
from src.events.migrations import migrate
from src.telemetry import configure_logging
from tests.databases import BookDatabase, role_of
from tests.shop import ShopUnderTest, opened_shop

ORDERS, DAYS, ROUNDS = 500, 60, 40
QUICK_ORDERS, QUICK_ROUNDS = 100, 10
PERCENTILE = 95
PAGES = (
    *("/console", "/console/orders", "/console/cases", "/console/webhooks", "/console/stock"),
    *("/console/charts/sales", "/console/charts/funnel", "/console/charts/payments"),
    *("/console/charts/late-money", "/console/live", "/console/book", "/console/models"),
    *("/console/proofs", "/console/proofs?position=1"),
)
INSIDE = ("/console/orders/", "/console/stock/")
"""Of these lists, the first thing on them is opened as well."""


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    read = argparse.ArgumentParser(prog="python -m tests.bench console", description=__doc__)
    read.add_argument("--quick", action="store_true", help="a small shop, and few rounds")
    read.add_argument("--orders", type=int)
    read.add_argument("--rounds", type=int)
    wanted = read.parse_args(arguments)
    orders = wanted.orders or (QUICK_ORDERS if wanted.quick else ORDERS)
    rounds = wanted.rounds or (QUICK_ROUNDS if wanted.quick else ROUNDS)
    with TemporaryDirectory(prefix="khata-bench-") as directory, Path("/dev/null").open("w") as log:
        configure_logging(file=log)
        folder = Path(directory)
        folder.chmod(0o711)  # as root, PostgreSQL runs as somebody else
        with start_engines(EnginesSettings(home=folder / "engines")) as engines:
            asyncio.run(_measured(engines, folder, orders, rounds))
    return 0


async def _measured(engines: Engines, folder: Path, orders: int, rounds: int) -> None:
    await migrate(engines.owner_url, role_of(engines.app_url))
    database = BookDatabase(engines.app_url, engines.owner_url, engines.superuser_url)
    async with opened_shop(engines, database, folder) as shop:
        asked = Request(orders=orders, days=DAYS, seed=1, until=now() - timedelta(hours=1))
        made = await make(shop.settings, asked, lambda _: None)
        await shop.parts.runner.catch_up()
        await shop.parts.analysts_runner.catch_up()
        await shop.notarise()
        _say(f"{orders:,} orders in {DAYS} days, {made.position:,} facts, {os.cpu_count()} cores\n")
        _say(f"{'page':44}{'median ms':>10}{'p95 ms':>10}{'kB':>8}")
        for path in [*PAGES, *await _inside(shop)]:
            await _row(shop, path, rounds)
        await _pictures(shop, rounds)


async def _inside(shop: ShopUnderTest) -> list[str]:
    """Return the first order's page and the first SKU's."""
    found: list[str] = []
    for path in INSIDE:
        page = (await _asked(shop, path.rstrip("/")))[1]
        links = re.findall(rf'href="({path}[^"?]+)"', page)
        found += links[:1]
    return found


async def _row(shop: ShopUnderTest, path: str, rounds: int) -> None:
    """Ask once to warm up, and then so often."""
    await _asked(shop, path)
    answers = [await _asked(shop, path) for _ in range(rounds)]
    _tell(path, [each[0] for each in answers], len(answers[0][1]))


async def _pictures(shop: ShopUnderTest, rounds: int) -> None:
    """Draw a picture of other days each time, and then send one again and again."""
    drawn: list[float] = []
    path, size = "", 0
    for days in range(20, 20 + rounds):
        since = (now() - timedelta(days=days)).date()
        page = (await _asked(shop, f"/console/charts/sales?from={since}"))[1]
        path = re.findall('<img src="([^"]+pictures[^"]+)"', page)[0].replace("&amp;", "&")
        seconds, picture = await _asked(shop, path)
        drawn.append(seconds)
        size = len(picture)
    _tell("a picture, drawn", drawn, size)
    again = [(await _asked(shop, path))[0] for _ in range(rounds)]
    _tell("a picture, sent again", again, size)


async def _asked(shop: ShopUnderTest, path: str) -> tuple[float, str]:
    """Return how many milliseconds a page took, and the page; it must be there."""
    began = time.perf_counter()
    answer = await shop.client.get(path, headers=shop.bearer("admin"))
    took = (time.perf_counter() - began) * 1_000
    assert answer.status_code == 200, (path, answer.status_code)
    return took, answer.text


def _tell(name: str, times: list[float], size: int) -> None:
    ninety_fifth = statistics.quantiles(times, n=100, method="inclusive")[PERCENTILE - 1]
    shown = name if len(name) <= 43 else f"{name[:40]}..."
    median = statistics.median(times)
    _say(f"{shown:44}{median:>10.1f}{ninety_fifth:>10.1f}{size / 1_000:>8.1f}")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - it is what the bench is for
