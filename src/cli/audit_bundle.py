"""`khata audit bundle`: events, their proof, checkpoint and key, in one file to take home."""

import asyncio
from pathlib import Path

import typer
from msgspec import Struct

from src.cli.asked import Named, OrderNumber, stream_of, stream_or_number
from src.cli.complaint import Complaint
from src.cli.engines_here import with_engines
from src.cli.notarised import notarised
from src.events.checkpoint_notes import BadNoteError
from src.events.identifiers import ORDER, Stream, category_of, key_of
from src.events.ledger import open_book
from src.events.subtrees import MissingSubtreeError
from src.queries.audit_walk import Audited
from src.queries.bundle import NothingToBundleError, bundle_of_order, bundle_of_range
from src.queries.proofs import BookAlteredError
from src.settings import Settings

ALTERED = (BookAlteredError, MissingSubtreeError, BadNoteError)


class Wanted(Struct, frozen=True):
    """What is to be taken home: an order's story, or the events from a position to another."""

    order: str | None
    first: int | None
    last: int | None


def write_bundle(settings: Settings, wanted: Wanted, output: Path) -> None:
    """Write the bundle into a new file."""
    by_place = wanted.first is not None and wanted.last is not None
    half = wanted.first is not None or wanted.last is not None
    if by_place is (wanted.order is not None) or by_place is not half:
        raise Complaint("Say --order ID, or --from N and --to M.", exit_code=2)
    named = None if wanted.order is None else _order_named(wanted.order)
    with with_engines(settings) as addressed:
        content = asyncio.run(_bundle(addressed, wanted, named))
    try:
        with output.open("xb") as file:
            file.write(content)
    except OSError as error:
        raise Complaint(f"{output} cannot be written: {error.strerror}.") from error
    typer.echo(f"{output}: {len(content):,} bytes; verify_bundle.py checks it without Khata")


def _order_named(name: str) -> Named:
    named = stream_or_number(name)
    is_order = isinstance(named, str) and category_of(named) == ORDER
    if not is_order and not isinstance(named, OrderNumber):
        raise Complaint("--order takes an order's id, ord_…, or its number.", exit_code=2)
    return named


async def _bundle(settings: Settings, wanted: Wanted, named: Named | None) -> bytes:
    order = None if named is None else await stream_of(settings, named)
    async with notarised(settings) as audited:
        try:
            return await _of(settings, audited, wanted, order)
        except NothingToBundleError as error:
            raise Complaint(f"Nothing was written: {error}.") from error
        except ALTERED as error:
            raise Complaint(f"The book was altered: {error}. See `khata audit verify`.") from error


async def _of(settings: Settings, audited: Audited, wanted: Wanted, order: Stream | None) -> bytes:
    db, number, key = audited.db, audited.book, audited.key
    if order is None:
        return await bundle_of_range(db, number, key, wanted.first or 0, wanted.last or 0)
    book = await open_book(settings.app_url, number)
    try:
        return await bundle_of_order(book, db, number, key, key_of(order))
    finally:
        await book.close()
