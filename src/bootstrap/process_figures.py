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
from threading import Lock

from prometheus_client import CollectorRegistry, generate_latest

from src.bootstrap.moments import unix_seconds
from src.telemetry import RequestFigures, logger

FOLDER = "figures"
WRITE_SECONDS = 5.0
"""So old may the figures of another process be."""
STALE_SECONDS = 60.0
"""A process that writes no more hangs, or has no room to write: no figure is better than this."""
PROCESSES_MAX = 128
PROCESS = "process"
"""The label: api-1, api-2, …, worker-1; a process takes the first name that is free."""
_FAMILY = "\n# HELP "

log = logger("figures")


class ProcessFigures(RequestFigures):
    """The figures of this process, and on its page those of the others that live."""

    def __init__(self, registry: CollectorRegistry, home: Path, part: str) -> None:
        super().__init__(registry)
        self._folder = home / FOLDER
        self._part = part
        self._name = ""
        self._held = ExitStack()
        self._writing = Lock()

    @asynccontextmanager
    async def shared(self) -> AsyncGenerator[None]:
        """Write them down again and again until the end of the block, where that can be done."""
        try:
            self._name = self._claim()
        except OSError as error:
            log.warning("figures are not shared", folder=FOLDER, error=type(error).__name__)
            yield
            return
        writing = asyncio.create_task(self._write_for_ever())
        try:
            yield
        finally:
            writing.cancel()
            self._let_go()

    def page(self) -> bytes:
        """Return the figures of every process that lives, this one's as they are now."""
        return _joined([self._own(), *self._of_others()]).encode()

    def write(self) -> None:
        """Write them down, whole or not at all, while the name is ours."""
        with self._writing:
            if self._name:
                whole = self._folder / f"{self._name}.new"
                whole.write_text(self._own())
                whole.replace(self._path(self._name))

    def _own(self) -> str:
        name = self._name or f"{self._part}-{os.getpid()}"
        return _named(generate_latest(self.registry).decode(), name)

    async def _write_for_ever(self) -> None:
        while True:
            with suppress(OSError):  # The doctor tells of a disk that is full.
                await asyncio.to_thread(self.write)  # Thousands of lines would stop requests.
            await asyncio.sleep(WRITE_SECONDS)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.prom"

    def _claim(self) -> str:
        """Take the first name that no living process has; raises OSError where none can be had."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number in range(1, PROCESSES_MAX + 1):
            name = f"{self._part}-{number}"
            lock = (self._folder / f"{name}.lock").open("a")
            if _locks(lock, fcntl.LOCK_EX):
                self._held.enter_context(lock)
                self._path(name).unlink(missing_ok=True)  # Of somebody dead; it is not ours.
                return name
            lock.close()
        raise FileExistsError

    def _let_go(self) -> None:
        """Give the name back, once nobody writes under it any more."""
        with self._writing:
            with suppress(OSError):  # Without its lock it counts no more.
                self._path(self._name).unlink(missing_ok=True)
            self._name = ""
            self._held.close()

    def _of_others(self) -> Iterator[str]:
        """Read what those wrote that live; what a dead one left does not count."""
        for path in sorted(self._folder.glob("*.prom")):
            if path.stem != self._name:
                with suppress(OSError):  # It ended just now, or it is somebody else's.
                    if _is_held(path.with_suffix(".lock")) and not _is_stale(path):
                        yield path.read_text(errors="replace")


def _is_held(path: Path) -> bool:
    """Say whether a living process has this lock; those who ask do not disturb each other."""
    with path.open() as lock:
        return not _locks(lock, fcntl.LOCK_SH)


def _is_stale(path: Path) -> bool:
    return unix_seconds() - path.stat().st_mtime > STALE_SECONDS


def _locks(lock: TextIOWrapper, how: int) -> bool:
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _named(page: str, process: str) -> str:
    """Put the process among the labels of each sample."""
    label = f'{PROCESS}="{process}"}}'
    return "\n".join(_sample(line, label) for line in page.split("\n"))


def _sample(line: str, label: str) -> str:
    if not line or line.startswith("#"):
        return line
    labels, end, value = line.rpartition("} ")
    if end:
        return f"{labels},{label} {value}"
    name, _, value = line.partition(" ")
    return f"{name}{{{label} {value}"


def _joined(pages: Iterable[str]) -> str:
    """Return the families of many pages, each with the samples of all."""
    families: dict[str, list[str]] = {}
    for page in pages:
        for family in f"\n{page}".removesuffix("\n").split(_FAMILY)[1:]:
            about, _, rest = family.partition("\n")
            kind, _, samples = rest.partition("\n")
            found = families.setdefault(about.partition(" ")[0], [f"{_FAMILY}{about}", kind])
            found += [samples] if samples else []
    return "\n".join(part for family in families.values() for part in family)[1:] + "\n"
