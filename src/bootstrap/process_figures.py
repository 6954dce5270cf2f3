"""The figures of all processes of one machine on one page, each under the name of its process.

Whoever asks for /metrics reaches any one of the API's processes, and never the
worker. So each writes down what it counts, beside a lock that it holds while it
lives, and any of them reads what the others wrote. Machines are asked one by one.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import ExitStack, asynccontextmanager, suppress
from io import TextIOWrapper
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from src.telemetry import RequestFigures

FOLDER = "figures"
WRITE_SECONDS = 5.0
"""So old may the figures of another process be."""
PROCESSES_MAX = 128
PROCESS = "process"
"""The label: api-1, api-2, …, worker-1; a process takes the first name that is free."""


class ProcessFigures(RequestFigures):
    """The figures of this process, and on its page those of the others that live."""

    def __init__(self, registry: CollectorRegistry, home: Path, part: str) -> None:
        super().__init__(registry)
        self._folder = home / FOLDER
        self._part = part
        self._name = ""
        self._held = ExitStack()

    @asynccontextmanager
    async def shared(self) -> AsyncGenerator[None]:
        """Write them down again and again until the end of the block."""
        self._name = self._claim()
        writing = asyncio.create_task(self._write_for_ever())
        try:
            yield
        finally:
            writing.cancel()
            self._path(self._name).unlink(missing_ok=True)
            self._held.close()

    def page(self) -> bytes:
        """Return the figures of every process that lives, this one's as they are now."""
        pages: dict[str, str] = {}
        for name in self._others():
            with suppress(FileNotFoundError):  # It ended just now.
                pages[name] = self._path(name).read_text()
        pages[self._name or self._part] = generate_latest(self.registry).decode()
        merged = CollectorRegistry()
        merged.register(_Merged(pages))
        return generate_latest(merged)

    def write(self) -> None:
        """Write them down, whole or not at all."""
        whole = self._folder / f"{self._name}.new"
        whole.write_bytes(generate_latest(self.registry))
        whole.replace(self._path(self._name))

    async def _write_for_ever(self) -> None:
        while True:
            with suppress(OSError):  # The doctor tells of a disk that is full.
                self.write()
            await asyncio.sleep(WRITE_SECONDS)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.prom"

    def _claim(self) -> str:
        """Take the first name that no living process has."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number in range(1, PROCESSES_MAX + 1):
            name = f"{self._part}-{number}"
            lock = _locked(self._folder / f"{name}.lock")
            if lock is not None:
                self._held.enter_context(lock)
                return name
        return f"{self._part}-{os.getpid()}"

    def _others(self) -> Iterator[str]:
        """Name the processes that live and have written; what a dead one left does not count."""
        for path in sorted(self._folder.glob("*.prom")):
            if path.stem == self._name:
                continue
            lock = _locked(self._folder / f"{path.stem}.lock")
            if lock is None:
                yield path.stem
            else:
                lock.close()


def _locked(path: Path) -> TextIOWrapper | None:
    """Return the lock, or None while somebody else has it."""
    lock = path.open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


class _Merged(Collector):
    """Families of many pages, each sample under the name of its process."""

    def __init__(self, pages: dict[str, str]) -> None:
        self._pages = pages

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for process, page in self._pages.items():
            for found in text_string_to_metric_families(page):
                family = families.setdefault(
                    found.name, Metric(found.name, found.documentation, found.type)
                )
                family.samples += [
                    each._replace(labels={**each.labels, PROCESS: process})
                    for each in found.samples
                ]
        return families.values()
