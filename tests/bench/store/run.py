"""`python -m tests.bench book`: the event store beside what it stands on, and the marks.

Durable engines of its own (fsync and synchronous_commit on). Kinds that are compared
take turns in the same run; figures are medians, ratios are medians of the rounds'
own. A mark that is missed is said, and is no error.
"""

import argparse
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from src.cli.memory import settle_down
from src.embedded import Engines, EnginesSettings, start_engines
from tests.bench.store.appending import appending, hot_stream
from tests.bench.store.growth import growth
from tests.bench.store.long_reader import long_reader
from tests.bench.store.machine import BusyElsewhere, sync_ms
from tests.bench.store.place import Place
from tests.bench.store.replaying import replaying
from tests.bench.store.size import FULL, QUICK, USUAL, Size
from tests.bench.store.table import Line, table

Row = Callable[[Place, Size], Awaitable[list[Line]]]


async def _growth(place: Place, size: Size) -> list[Line]:
    return await growth(place, size, tell)


ROWS: dict[str, Row] = {
    "appending": appending,
    "hot": hot_stream,
    "replaying": replaying,
    "growth": _growth,
    "reader": long_reader,
}


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    wanted = _wanted(arguments)
    with TemporaryDirectory(prefix="khata-bench-") as directory:
        folder = Path(directory)
        folder.chmod(0o711)  # as root, PostgreSQL runs as somebody else
        with start_engines(EnginesSettings(home=folder / "engines")) as engines:
            uvloop.run(_measured(engines, folder, wanted))
    return 0


def _wanted(arguments: Sequence[str]) -> argparse.Namespace:
    read = argparse.ArgumentParser(prog="python -m tests.bench book", description=__doc__)
    how = read.add_mutually_exclusive_group()
    how.add_argument("--quick", action="store_const", const=QUICK, dest="size", help="less of all")
    how.add_argument("--full", action="store_const", const=FULL, dest="size", help="5M events too")
    read.add_argument("--rows", nargs="+", choices=list(ROWS), default=list(ROWS))
    read.set_defaults(size=USUAL)
    return read.parse_args(arguments)


async def _measured(engines: Engines, folder: Path, wanted: argparse.Namespace) -> None:
    tell(f"{os.cpu_count()} cores, a page is on the disk after {sync_ms(folder):.2f} ms")
    lines: list[Line] = []
    settle_down()  # as every process of a shop does
    with BusyElsewhere() as elsewhere:
        for name in wanted.rows:
            tell(f"measuring {name}")
            async with AsyncExitStack() as closing:
                lines += await ROWS[name](Place(engines, folder, closing), wanted.size)
    print(table(lines))  # noqa: T201 - it is what the bench is for
    busy = f"{os.cpu_count()} cores, everything on them, {elsewhere.cores:.2f} busy elsewhere"
    print(f"\n{busy}; a page is on the disk after {sync_ms(folder):.2f} ms")  # noqa: T201 - as above


def tell(text: str) -> None:
    """Say how it goes on, beside the table."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - as above
