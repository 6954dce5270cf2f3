"""`khata rebuild`: read models built anew beside those that serve, and put in their place."""

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import typer

from src.cli.altered_book import refuse_what_was_altered
from src.cli.complaint import Complaint
from src.cli.engines_here import with_engines
from src.events.migrated import is_migrated
from src.projections.catalogue import PROJECTIONS
from src.projections.places import OLD
from src.projections.projection import Projection
from src.projections.rebuild import status as standings
from src.projections.rebuild import work as at_work
from src.projections.rebuild.comparison import Difference
from src.projections.rebuild.status import Standing
from src.projections.rebuild.work import Rebuilt
from src.settings import Settings

SHOWN_EVERY_SECONDS = 0.1
MISUSED = 2

T = TypeVar("T")
Work = Callable[[str], Coroutine[Any, Any, T]]


def run_rebuild(  # noqa: PLR0913  # one for each option
    settings: Settings,
    names: Sequence[str],
    *,
    check: bool,
    back: bool,
    status: bool,
    anyway: bool = False,
) -> int | None:
    """Do the one thing that was asked for."""
    if check + back + status > 1:
        raise Complaint("--check, --back and --status do not go together.", exit_code=MISUSED)
    if anyway and check + back + status:
        raise Complaint("--anyway is for building only.", exit_code=MISUSED)
    if check:
        return check_read_models(settings, names)
    if back:
        bring_back(settings, names)
    elif status:
        show_status(settings, names)
    else:
        rebuild_read_models(settings, names, anyway=anyway)
    return None


def rebuild_read_models(settings: Settings, names: Sequence[str], *, anyway: bool = False) -> None:
    """Build these, or all, and swap each in; say what became of it."""
    wanted = _named(names)

    async def work(url: str) -> None:
        await refuse_what_was_altered(url, anyway=anyway)
        progress = Progress()
        await at_work.rebuild(url, wanted, progress.show, progress.tell)

    _run(settings, work)


def check_read_models(settings: Settings, names: Sequence[str]) -> int:
    """Compare these, or all, with what the book gives; 1 if anything differs, or nothing could."""
    wanted = _named(names)

    async def work(url: str) -> tuple[dict[str, list[Difference] | None], list[Standing]]:
        return await at_work.check_each(url, wanted, Progress().show), await standings.status(
            url, wanted
        )

    compared, standing = _run(settings, work)
    _clear()
    found = [each for differences in compared.values() for each in differences or ()]
    for line in (*map(str, found), *_passed_over(compared, standing)):
        typer.echo(line)
    count = sum(differences is not None for differences in compared.values())
    typer.echo(_verdict(count, sum(each.rows for each in found)))
    return 1 if found or not count else 0


def _passed_over(
    compared: Mapping[str, list[Difference] | None], standing: Sequence[Standing]
) -> Iterator[str]:
    for each in standing:
        if compared[each.projection] is None:
            yield f"{each.projection}{_of(each.book)}: not compared, {_why_not(each)}"


def _why_not(standing: Standing) -> str:
    if standing.serving is None:
        return f"version {standing.version} was never begun"
    went_back = standing.serving.position > 0
    return "it went back meanwhile" if went_back else "it has taken in nothing yet"


def _verdict(count: int, rows: int) -> str:
    if not count:
        return "no read model was compared with the book"
    models = "1 read model" if count == 1 else f"{count} read models"
    return f"{models} compared with the book: {_differing(rows)}"


def bring_back(settings: Settings, names: Sequence[str]) -> None:
    """Let what was replaced serve again."""
    if not names:
        raise Complaint("Say which read model: khata rebuild --back NAME.", exit_code=MISUSED)
    for projection in _named(names):
        _bring_back_one(settings, projection)


def _bring_back_one(settings: Settings, projection: Projection) -> None:
    positions = _run(settings, lambda url: at_work.back(url, projection, Progress().show))
    _clear()
    typer.echo(
        f"{projection.NAME}: the old one serves again, at position {_positions(positions)};"
        f" what served until now is kept in {OLD}"
    )


def show_status(settings: Settings, names: Sequence[str]) -> None:
    """Say where each stands and what is kept."""
    wanted = _named(names)
    for each in _run(settings, lambda url: standings.status(url, wanted)):
        typer.echo(_line(each))


def _run(settings: Settings, work: Work[T]) -> T:
    with with_engines(settings) as addressed:
        return asyncio.run(_checked(addressed.app_url, work))


async def _checked(url: str, work: Work[T]) -> T:
    if not await is_migrated(url):
        raise Complaint("The database is of another version of Khata; khata migrate mends that.")
    return await work(url)


def _named(names: Sequence[str]) -> list[Projection]:
    known = {each.NAME: each for each in PROJECTIONS}
    for name in names:
        if name not in known:
            raise Complaint(
                f"There is no read model {name}; there are {', '.join(known)}.", exit_code=MISUSED
            )
    return [known[name] for name in dict.fromkeys(names)] or list(PROJECTIONS)


class Progress:
    """What a person sees meanwhile, and the line that remains."""

    def __init__(self) -> None:
        self._began = self._shown = time.monotonic()

    def show(self, done: int, total: int) -> None:
        """Show how far it is and how fast it goes, on a terminal, now and then."""
        now = time.monotonic()
        if sys.stderr.isatty() and now - self._shown >= SHOWN_EVERY_SECONDS:
            self._shown = now
            line = f"\r{done:,} of {total:,} events, {self._rate(done):,.0f} a second "
            typer.echo(line, nl=False, err=True)

    def tell(self, rebuilt: Rebuilt) -> None:
        """Say what became of one read model."""
        _clear()
        for each in rebuilt.differences or ():
            typer.echo(str(each))
        events = sum(rebuilt.positions.values())
        seconds = time.monotonic() - self._began
        typer.echo(
            f"{rebuilt.projection}: {_count(rebuilt.rows, 'row')} from {_count(events, 'event')}"
            f" in {seconds:.1f} s ({self._rate(events):,.0f} a second), {_compared(rebuilt)};"
            f" {_fate(rebuilt)}"
        )

    def _rate(self, events: int) -> float:
        return events / max(time.monotonic() - self._began, SHOWN_EVERY_SECONDS)


def _clear() -> None:
    if sys.stderr.isatty():
        typer.echo("\r\x1b[K", nl=False, err=True)


def _compared(rebuilt: Rebuilt) -> str:
    if rebuilt.differences is None:
        return "nothing to compare with"
    return _differing(sum(each.rows for each in rebuilt.differences))


def _fate(rebuilt: Rebuilt) -> str:
    if rebuilt.serves:
        kept = f"the old one is kept in {OLD}" if rebuilt.kept else "there is no old one to keep"
        return f"it serves, {kept}"
    return f"version {rebuilt.version} serves as soon as this Khata is started"


def _line(each: Standing) -> str:
    said = f"{each.projection}{_of(each.book)}, version {each.version}: "
    if each.serving is None:
        said += "never begun"
    else:
        behind = max(0, each.head - each.serving.position)
        said += f"at position {each.serving.position:,}, {behind:,} behind"
        if each.serving.stopped_at is not None:
            said += f", stopped at {each.serving.stopped_at:,} ({each.serving.stopped_reason})"
    if each.building is not None:
        said += f"; a new one is at {each.building.position:,}"
    return said + ("" if each.kept is None else f"; an old one is kept at {each.kept.position:,}")


def _of(book: int) -> str:
    return "" if book == 1 else f" of book {book}"


def _positions(positions: dict[int, int]) -> str:
    if len(positions) == 1:
        return f"{next(iter(positions.values())):,}"
    return ", ".join(f"{position:,} of book {book}" for book, position in positions.items())


def _differing(rows: int) -> str:
    return (
        f"{_count(rows, 'row')} {'differs' if rows == 1 else 'differ'}"
        if rows
        else "no differences"
    )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
