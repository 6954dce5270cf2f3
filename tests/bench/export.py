"""`python -m tests.bench export`: how fast files are written, and how much memory that takes.

A throw-away but durable book of purchases, and the read models that follow from it.
Each file is written by a process of its own, as a person would start it; its peak
memory is what the system says of it when it has ended. A tenth of the book is
exported as well: memory does not grow with the number of rows.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

from src.embedded import Engines, EnginesSettings, start_engines
from src.events.connection import connecting
from src.events.ledger import open_book
from src.projections.catalogue import PROJECTIONS
from src.projections.runner import Runner
from src.projections.tables import prepare
from tests.bench.store.place import Place
from tests.bench.store.stories import fill
from tests.databases import BookDatabase

EVENTS = 500_000
TOLD_EVERY_EVENTS = 500_000
FORMATS = ("parquet", "csv", "jsonl")
TABLES = ("orders", "stock_movements")
SMALL_PART = 10
BOOK = 1
ROOT = Path(__file__).parents[2]


class Written(Struct, frozen=True, kw_only=True):
    """A file that was written, and what it took."""

    what: str
    rows: int
    seconds: float
    cpu_seconds: float
    """Of the process alone; the database works beside it."""
    size: int
    peak_mb: float

    def __str__(self) -> str:
        rate = self.rows / self.seconds
        return (
            f"{self.what:34}{self.rows:>12,}{self.seconds:>9.1f}{rate:>10,.0f}"
            f"{self.cpu_seconds:>9.1f}{self.size / 1e6:>10,.1f}{self.peak_mb:>10,.0f}"
        )


HEAD = f"{'':34}{'rows':>12}{'seconds':>9}{'rows/s':>10}{'CPU s':>9}{'MB':>10}{'peak MB':>10}"


def main(arguments: Sequence[str]) -> int:
    """Fill a book, write the files, and print."""
    read = argparse.ArgumentParser(prog="python -m tests.bench export", description=__doc__)
    read.add_argument("--events", type=int, default=EVENTS)
    wanted = read.parse_args(arguments)
    with TemporaryDirectory(prefix="khata-bench-") as directory:
        folder = Path(directory)
        folder.chmod(0o711)  # as root, PostgreSQL runs as somebody else
        with start_engines(EnginesSettings(home=folder / "engines")) as engines:
            environment = asyncio.run(_filled(engines, folder, wanted.events))
            _say(f"{os.cpu_count()} cores, everything on them\n{HEAD}")
            for each in _measured(folder, environment, wanted.events):
                _say(str(each))
    return 0


async def _filled(engines: Engines, folder: Path, events: int) -> dict[str, str]:
    """Return the environment of a shop with so many events, its read models up to date."""
    async with AsyncExitStack() as closing:
        place = Place(engines, folder, closing)
        database = await place.database("exported")
        db = await place.connection(database.superuser_url)
        await db.execute("set synchronous_commit = off")
        begun = time.monotonic()
        await fill(db, events, _now_and_then(events))
        await _project(database)
        await db.execute("vacuum analyze")
        _tell(f"the book is there after {time.monotonic() - begun:.0f} s")
        return place.environment(database)


async def _project(database: BookDatabase) -> None:
    connect = connecting(database.app_url, "khata bench")
    book, db = await open_book(database.app_url, BOOK), await connect()
    await prepare(db, BOOK)
    await db.close()
    runner = Runner(book, connect, BOOK, PROJECTIONS)
    await runner.catch_up()
    await runner.close()
    await book.close()


def _measured(folder: Path, environment: dict[str, str], events: int) -> list[Written]:
    part = events // SMALL_PART
    found = [_written(folder, environment, "events", form, part) for form in FORMATS]
    found += [_written(folder, environment, "events", form) for form in FORMATS]
    found += [_written(folder, environment, table, form) for table in TABLES for form in FORMATS]
    return found


def _written(
    folder: Path, environment: dict[str, str], table: str, form: str, last: int | None = None
) -> Written:
    """Let a process write a file, and ask the system what it took."""
    output = folder / f"{table}-{last}.{form}"
    command = [sys.executable, "-P", "-m", "src", "export", table]
    command += ["--format", form, "--output", str(output)]
    command += [] if last is None else ["--to", str(last)]
    path = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT)}
    begun = time.monotonic()
    with subprocess.Popen(
        command, env={**path, **environment}, stdout=subprocess.PIPE, text=True, cwd=folder
    ) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}: {said}")
    return Written(
        what=f"{table}, {form}",
        rows=int(said.split()[1].replace(",", "")),
        seconds=time.monotonic() - begun,
        cpu_seconds=used.ru_utime + used.ru_stime,
        size=output.stat().st_size,
        peak_mb=used.ru_maxrss / 1024,
    )


def _now_and_then(events: int) -> Callable[[int], None]:
    told = 0

    def tell(position: int) -> None:
        nonlocal told
        if position >= told + TOLD_EVERY_EVENTS:
            told = position
            _tell(f"{position:,} of {events:,} events are written")

    return tell


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - how it goes on, beside the table


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - it is what the bench is for
