"""`khata conformance`: opens throw-away shops, runs every scenario, and prints what held."""

import asyncio
import signal
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from fnmatch import fnmatch
from types import FrameType

from msgspec import Struct
from rich.console import Console

from src.cli.complaint import Complaint
from src.cli.conformance.finding import Verdict
from src.cli.conformance.page import plain, show, table
from src.cli.conformance.report import document, report
from src.cli.conformance.row import Group, Row
from src.cli.conformance.rows.catalogue import GROUPS
from src.cli.conformance.running import Told, Visit, run_rows, visit
from src.cli.conformance.whole import BOOK, WHOLE, verified
from src.cli.demo.throw_away import ThrowAwayShop, throw_away_shop
from src.cli.printing import put_all, put_line

MISUSED = 2
TTL_SECONDS = 30
"""Longer than Razorpay can hang, short enough to see a session expire."""
SECRETS = ("conformance-now", "conformance-before")
"""The webhook secret of these shops, and the one that it replaced."""
COMMON = {
    "KHATA_CHECKOUT_TTL_SECONDS": str(TTL_SECONDS),
    "RAZORPAY_WEBHOOK_SECRETS": ",".join(SECRETS),
}
CAPTURE = {False: "automatic", True: "manual"}


class Request(Struct, frozen=True, kw_only=True):
    """What was asked for."""

    only: str | None = None
    """A pattern of ids, such as `webhook-*`."""
    listing: bool = False
    as_json: bool = False


def run_conformance(environ: Mapping[str, str], request: Request) -> int:
    """Run the scenarios that are wanted; 0 only if each of them held."""
    groups = chosen(request.only)
    if request.listing:
        _list(groups, as_json=request.as_json)
        return 0
    signal.signal(signal.SIGTERM, _interrupt)
    since, verdicts = time.monotonic(), dict[str, Verdict]()
    with _progress(sum(len(group.rows) for group in groups)) as progress:
        _run(environ, groups, verdicts, progress)
    seconds = time.monotonic() - since
    if request.as_json:
        put_line(document(report([*groups, WHOLE], verdicts, seconds)))
    else:
        _print([*groups, WHOLE], verdicts, seconds)
    put_all()
    return 0 if all(verdict.held for verdict in verdicts.values()) else 1


def chosen(only: str | None) -> list[Group]:
    """Return the groups with the scenarios that a pattern names; all without one."""
    wanted = [
        Group(group.title, tuple(row for row in group.rows if fnmatch(row.id, only or "*")))
        for group in GROUPS
    ]
    found = [group for group in wanted if group.rows]
    if not found:
        raise Complaint(f"No scenario is called {only}; --list names all.", exit_code=MISUSED)
    return found


class Progress:
    """How far it is, on a terminal only."""

    def __init__(self, rows: int, console: Console | None) -> None:
        self._rows = rows
        self._console = console
        self._done = 0

    def say(self, text: str) -> None:
        if self._console is not None:
            self._console.print(text, end="\r", highlight=False)

    def told(self, row: Row, verdict: Verdict) -> None:
        self._done += 1
        mark = "held" if verdict.held else "BROKEN"
        self.say(f"{self._done} of {self._rows}: {row.id} {mark}\x1b[K")


@contextmanager
def _progress(rows: int) -> Generator[Progress]:
    console = Console(stderr=True) if sys.stderr.isatty() else None
    yield Progress(rows, console)
    if console is not None:
        console.print("", end="\r\x1b[K")


def _run(
    environ: Mapping[str, str],
    groups: Sequence[Group],
    verdicts: dict[str, Verdict],
    progress: Progress,
) -> None:
    rows = [row for group in groups for row in group.rows]
    with ExitStack() as open_shops:
        places = dict[bool, ThrowAwayShop]()
        for manual in sorted({row.manual for row in rows}):
            progress.say("Opening a throw-away shop …")
            wishes = COMMON | {"KHATA_CAPTURE": CAPTURE[manual]}
            places[manual] = open_shops.enter_context(throw_away_shop(environ, **wishes))

        def told(row: Row, verdict: Verdict) -> None:
            verdicts[row.id] = verdict
            progress.told(row, verdict)

        asyncio.run(_all(rows, places, told))
        progress.say("khata audit verify …\x1b[K")
        verdicts[BOOK.id] = asyncio.run(verified([*places.values()]))


async def _all(rows: Sequence[Row], places: Mapping[bool, ThrowAwayShop], told: Told) -> None:
    async with AsyncExitStack() as visits:
        opened = dict[bool, Visit]()
        for manual, place in places.items():
            opened[manual] = await visits.enter_async_context(visit(place, SECRETS))
        await run_rows(rows, opened, told)


def _list(groups: Sequence[Group], *, as_json: bool) -> None:
    if as_json:
        put_line(document(report([*groups, WHOLE], {}, 0)))
    else:
        for line in table([*groups, WHOLE], {}):
            put_line(plain(line))
    put_all()


def _print(groups: Sequence[Group], verdicts: Mapping[str, Verdict], seconds: float) -> None:
    console = Console(file=sys.stdout, highlight=False)
    for line in table(groups, verdicts):
        show(console, line)
    broken = sum(not each.held for each in verdicts.values())
    checks = sum(len(each.checks) for each in verdicts.values())
    took = f"in {seconds:.0f} s; the shops are closed and gone"
    show(console, ())
    if broken:
        show(console, ((f"{broken} of {len(verdicts)} scenarios are BROKEN, {took}", "bold red"),))
    else:
        said = f"{len(verdicts)} scenarios, {checks} checks, every one held, {took}"
        show(console, ((said, "bold green"),))


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
