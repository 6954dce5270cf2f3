"""`khata replay`: the facts of the book in their order, from any moment to any moment."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime

import msgspec
import typer
from msgspec import Struct

from src.bootstrap.moments import monotonic
from src.cli.asked import Named, moment_of, stream_of, stream_or_number, types_of
from src.cli.complaint import Complaint
from src.cli.engines_here import with_engines
from src.cli.printing import at, put, put_all
from src.events.codec import recorded
from src.events.envelope import StoredEvent
from src.events.ledger import open_book
from src.queries.feed import written_event
from src.queries.history import Moment
from src.queries.replay import Span, Wanted, replay, span
from src.queries.words import describe
from src.settings import Settings


class Request(Struct, frozen=True, kw_only=True):
    """What somebody typed."""

    begin: str | None
    end: str | None
    types: Sequence[str]
    stream: str | None
    as_json: bool


class _Checked(Struct, frozen=True, kw_only=True):
    begin: Moment | None
    end: Moment | None
    types: frozenset[str]
    named: Named | None
    as_json: bool


def show_replay(settings: Settings, request: Request) -> None:
    """Print the facts, and on standard error how many there were and how fast."""
    checked = _Checked(
        begin=moment_of("--from", request.begin),
        end=moment_of("--to", request.end),
        types=types_of(request.types),
        named=None if request.stream is None else stream_or_number(request.stream),
        as_json=request.as_json,
    )
    _check_order(checked.begin, checked.end)
    with with_engines(settings) as addressed:
        asyncio.run(_replay(addressed, checked))


def _check_order(begin: Moment | None, end: Moment | None) -> None:
    """Refuse two positions, or two times, of which the last comes before the first."""
    numbers = isinstance(begin, int) and isinstance(end, int) and begin > end
    times = isinstance(begin, datetime) and isinstance(end, datetime) and begin > end
    if numbers or times:
        raise Complaint("--to is before --from: nothing lies between.", exit_code=2)


async def _replay(settings: Settings, checked: _Checked) -> None:
    named = checked.named
    of_stream = None if named is None else await stream_of(settings, named)
    book = await open_book(settings.app_url)
    try:
        within = await span(book, checked.begin, checked.end)
        tally = _Tally(within)
        wanted = Wanted(types=checked.types, stream=of_stream)
        write = _json_line if checked.as_json else _line
        async for part in replay(book, within, wanted):
            put("".join(map(write, part.events)))
            tally.note(len(part.events), part.position)
        put_all()
        tally.end()
    finally:
        await book.close()


class _Tally:
    """How far it has come, and how fast."""

    def __init__(self, within: Span) -> None:
        self._within = within
        self._began = monotonic()
        self._facts = 0
        # On one screen with the facts it would only be in their way.
        self._is_shown = sys.stderr.isatty() and not sys.stdout.isatty()

    def note(self, facts: int, position: int) -> None:
        self._facts += facts
        if self._is_shown:
            gone = position - self._within.first + 1
            words = f"\r{gone:,} of {self._within.length:,} positions, {self._rate(gone):,}/s "
            typer.echo(words, nl=False, err=True)

    def end(self) -> None:
        if self._is_shown:
            typer.echo("\r\x1b[K", nl=False, err=True)
        named = "1 fact" if self._facts == 1 else f"{self._facts:,} facts"
        seconds = monotonic() - self._began
        typer.echo(f"{named} in {seconds:.1f} s ({self._rate(self._facts):,}/s)", err=True)

    def _rate(self, count: int) -> int:
        return round(count / max(monotonic() - self._began, 1e-3))


def _line(stored: StoredEvent) -> str:
    fact = recorded(stored)
    time = at(fact.recorded_at)
    words = describe(fact.event)
    return f"{fact.position:>8}  {time}  {stored.type:<24}  {words}  [{fact.cause.actor}]\n"


def _json_line(stored: StoredEvent) -> str:
    return f"{msgspec.json.encode(written_event(stored)).decode()}\n"
