"""`khata history`: one stream of the book, fact by fact, or what its facts add up to."""

import asyncio
from collections.abc import Callable

import msgspec

from src.cli.asked import Named, moment_of, stream_of, stream_or_number
from src.cli.complaint import Complaint
from src.cli.engines_here import with_engines
from src.cli.printing import at, put, put_all, put_line
from src.events.catalogue import EVENTS
from src.events.identifiers import Stream
from src.events.ledger import open_book
from src.queries.as_of import Standing, shown, state_at
from src.queries.history import HistoricFact, Moment, history
from src.queries.words import describe
from src.settings import Settings

Cells = tuple[str, ...]

HEADER: Cells = ("position", "v", "recorded at (UTC)", "fact", "what happened", "by")


def show_history(settings: Settings, name: str, as_of: str | None, *, as_json: bool) -> None:
    """Print the facts of a stream, up to a moment if one is given."""
    named, up_to = stream_or_number(name), moment_of("--as-of", as_of)
    with with_engines(settings) as addressed:
        asyncio.run(_facts(addressed, named, up_to, as_json=as_json))


def show_state(settings: Settings, name: str, as_of: str | None, *, as_json: bool) -> None:
    """Print what the facts of a stream add up to, or had added up to at a moment, as JSON."""
    named, up_to = stream_or_number(name), moment_of("--as-of", as_of)
    with with_engines(settings) as addressed:
        then = asyncio.run(_state(addressed, named, up_to))
    written = msgspec.json.encode(shown(then))
    put_line((written if as_json else msgspec.json.format(written)).decode())
    put_all()


def telling(*, state: bool, why: bool) -> Callable[..., None]:
    """Return what shows a stream in the way that was asked for."""
    if state and why:
        raise Complaint("--state and --why do not go together.", exit_code=2)
    if why:
        from src.cli.why import show_why  # noqa: PLC0415 - ciphers that nothing else here needs

        return show_why
    return show_state if state else show_history


async def _facts(settings: Settings, named: Named, up_to: Moment | None, *, as_json: bool) -> None:
    """Print page by page, because a stream may be longer than the memory."""
    name = await stream_of(settings, named)
    book = await open_book(settings.app_url)
    found = False
    try:
        async for facts in history(book, name, up_to):
            if as_json:
                put("".join(f"{msgspec.json.encode(fact).decode()}\n" for fact in facts))
            else:
                put(_table(facts, header=not found))
            found = True
    finally:
        await book.close()
    if not found:
        raise nothing(name, up_to)
    put_all()


async def _state(settings: Settings, named: Named, up_to: Moment | None) -> Standing:
    name = await stream_of(settings, named)
    book = await open_book(settings.app_url)
    try:
        then = await state_at(book, name, up_to)
    finally:
        await book.close()
    if then is None:
        raise nothing(name, up_to)
    return then


def nothing(name: Stream, up_to: Moment | None) -> Complaint:
    """Say that a stream has no facts, or had none then."""
    return Complaint(f"There is nothing in the stream {name}{'' if up_to is None else ' then'}.")


def _table(facts: list[HistoricFact], *, header: bool) -> str:
    """Write facts in columns as wide as they need to be; one line a fact, also in a pipe."""
    rows = [*([HEADER] if header else []), *map(_cells, facts)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADER))]
    return "".join(_row(row, widths) for row in rows)


def _row(cells: Cells, widths: list[int]) -> str:
    padded = map(str.ljust, cells, widths)
    return f"{'  '.join(padded).rstrip()}\n"


def _cells(fact: HistoricFact) -> Cells:
    event = msgspec.convert(fact.fact, EVENTS[fact.type])
    place = str(fact.position), str(fact.version)
    return *place, at(fact.recorded_at), fact.type, describe(event), fact.actor
