"""`python -m tests.bench manners`: what each manner of the API costs one request, in microseconds.

The real edge around a call that does nothing, without sockets, one request
after another, on engines of their own. All rows take turns in the same run;
figures are medians of the rounds, and what a row adds is the median of each
round's own difference from the row without manners. A row is one function
and one name in `manner_rows`.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import uvloop

from src.cli.memory import settle_down
from src.embedded import EnginesSettings, start_engines
from src.telemetry import configure_logging
from tests.bench.manner_rows import ALONE, PLAIN, REQUESTS, ROUNDS, ROWS, Once
from tests.bench.store.place import Place
from tests.bench.store.turns import Measure, in_turns

QUICK_ROUNDS, QUICK_REQUESTS = 3, 100


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    read = argparse.ArgumentParser(prog="python -m tests.bench manners", description=__doc__)
    read.add_argument("--quick", action="store_true", help="less of all")
    quick = read.parse_args(arguments).quick
    sizes = (QUICK_ROUNDS, QUICK_REQUESTS) if quick else (ROUNDS, REQUESTS)
    with TemporaryDirectory(prefix="khata-bench-") as directory, Path("/dev/null").open("w") as log:
        configure_logging(file=log)
        folder = Path(directory)
        folder.chmod(0o711)  # as root, PostgreSQL runs as somebody else
        with start_engines(EnginesSettings(home=folder / "engines")) as engines:
            found = uvloop.run(_measured(Place(engines, folder, AsyncExitStack()), *sizes))
    sys.stdout.write(_table(found))
    return 0


async def _measured(place: Place, rounds: int, requests: int) -> dict[str, list[float]]:
    async with place.closing:
        kinds = {name: _timed(await row(place), requests) for name, row in ROWS.items()}
        settle_down()  # as every process of a shop does
        for measure in kinds.values():
            await measure()
        return await in_turns(rounds, kinds)


def _timed(once: Once, requests: int) -> Measure[float]:
    """Return what says how many microseconds one of them takes."""

    async def measure() -> float:
        began = perf_counter()
        for _ in range(requests):
            await once()
        await asyncio.sleep(0)  # what was begun beside the last request belongs to it
        return (perf_counter() - began) / requests * 1e6

    return measure


def _table(found: dict[str, list[float]]) -> str:
    base = found[PLAIN]
    width = max(map(len, found))
    lines = [f"{'one request':{width}}  {'median µs':>10}  {'adds µs':>8}  {'ratio':>6}"]
    for name, each in found.items():
        line = f"{name:{width}}  {median(each):10.1f}"
        if not name.startswith(ALONE):
            adds = median(ours - plain for ours, plain in zip(each, base, strict=True))
            ratio = median(ours / plain for ours, plain in zip(each, base, strict=True))
            line += f"  {adds:8.1f}  {ratio:6.2f}"
        lines.append(line)
    return "\n".join(lines) + "\n"
