"""`khata history`: one stream of the book, fact by fact."""

import asyncio
import sys
from typing import Any

import msgspec
import typer

from src.cli.complaint import Complaint
from src.cli.engines_here import with_engines
from src.events.catalogue import EVENTS, FOLDS
from src.events.identifiers import (
    CART,
    CHECKOUT,
    CUSTOMER,
    ORDER,
    PAYMENT,
    WEBHOOK,
    Stream,
    category_of,
    key_of,
    stream,
)
from src.events.ledger import open_book
from src.queries.history import BadMoment, HistoricFact, Moment, history, moment
from src.queries.words import describe
from src.settings import Settings

PIPE_COLUMNS = 1_000_000
BARE_IDS = {
    "ord": ORDER,
    "cart": CART,
    "cs": CHECKOUT,
    "cust": CUSTOMER,
    "wh": WEBHOOK,
    "order": PAYMENT,
}
"""Whose stream an id names that answers show; `order_…` is Razorpay's, so the payment's."""


def show_history(settings: Settings, name: str, as_of: str | None, *, as_json: bool) -> None:
    """Print the facts of a stream, up to a moment if one is given."""
    named, up_to = _stream(name), _moment(as_of)
    with with_engines(settings) as addressed:
        facts = asyncio.run(_facts(addressed, named, up_to))
    if not facts:
        raise Complaint(f"There is nothing in the stream {named}{' then' if as_of else ''}.")
    if as_json:
        for fact in facts:
            typer.echo(msgspec.json.encode(fact))
    else:
        _print_table(facts)


async def _facts(settings: Settings, name: Stream, up_to: Moment | None) -> list[HistoricFact]:
    book = await open_book(settings.app_url)
    try:
        return await history(book, name, up_to)
    finally:
        await book.close()


def _stream(name: str) -> Stream:
    prefix, _, bare = name.partition("_")
    if bare and prefix in BARE_IDS:
        return stream(BARE_IDS[prefix], name)
    whole = Stream(name)
    if category_of(whole) not in FOLDS or not key_of(whole):
        kinds = ", ".join(sorted(FOLDS))
        raise Complaint(f"A stream is called KIND-ID; the kinds are {kinds}.", exit_code=2)
    return whole


def _moment(as_of: str | None) -> Moment | None:
    try:
        return None if as_of is None else moment(as_of)
    except BadMoment as wrong:
        raise Complaint(f"--as-of: {wrong}.", exit_code=2) from wrong


def _print_table(facts: list[HistoricFact]) -> None:
    from rich.console import Console  # noqa: PLC0415 - not for --json
    from rich.table import Table  # noqa: PLC0415 - the same

    table = Table("position", "v", "recorded at (UTC)", "fact", "what happened", "by", box=None)
    for fact in facts:
        table.add_row(*map(str, _cells(fact)))
    # A pipe has no width, and what is broken over lines there no program finds again.
    Console(width=None if sys.stdout.isatty() else PIPE_COLUMNS).print(table)


def _cells(fact: HistoricFact) -> tuple[Any, ...]:
    event = msgspec.convert(fact.fact, EVENTS[fact.type])
    time = f"{fact.recorded_at:%Y-%m-%d %H:%M:%S.%f}"[:-3]
    return fact.position, fact.version, time, fact.type, describe(event), fact.actor
