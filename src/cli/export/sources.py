"""Where rows come from: connections that only read, and never hold what they see for long."""

from contextlib import AsyncExitStack

from src.bootstrap.moments import monotonic, token_bytes
from src.bootstrap.parts import BOOK
from src.cli.complaint import Complaint
from src.cli.export.bounds import Asked, bounds_of
from src.events.book_key import master_keys_of
from src.events.connection import connecting
from src.events.key_ring import PostgresKeyRing, open_key_ring
from src.events.ledger import open_book
from src.projections.published.view import View
from src.queries.export.disclosure import Disclosure
from src.queries.export.events import EventSource
from src.queries.export.tables import MissingViewError, TableSource, columns_of, standing
from src.queries.read_pool import ReadPool, pool_of, reader_session
from src.queries.replay import Span, span
from src.settings import Settings

NAME = "khata export"
# A young table has no statistics: its index is right from the first row.
_BY_INDEX = {"enable_seqscan": "off", "enable_bitmapscan": "off"}


async def source_of_book(
    settings: Settings, said: Asked, shown: Disclosure, closing: AsyncExitStack
) -> EventSource:
    """Return the events between both ends, as the application reads them."""
    within = await _span(settings, said)
    db = await _pool(settings.app_url, settings, closing, _BY_INDEX)
    keys = await keys_of(settings, closing) if shown is Disclosure.PERSONAL else None
    return EventSource(db, BOOK, within, shown, keys)


async def source_of_view(
    settings: Settings, view: View, said: Asked, closing: AsyncExitStack
) -> TableSource:
    """Return the rows of a view between both ends, as analysts read it."""
    db = await _pool(settings.read_url, settings, closing, {})
    try:
        columns = await columns_of(db, view)
    except MissingViewError as missing:
        raise Complaint(
            f"The view {view.name} is not made yet by this version of Khata:"
            " start khata up or a worker, which make it."
        ) from missing
    bounds = bounds_of(said, view, columns, settings.time_zone)
    return TableSource(db, BOOK, view, columns, bounds, await standing(db, BOOK, view.name))


async def _span(settings: Settings, said: Asked) -> Span:
    book = await open_book(settings.app_url, BOOK)
    try:
        return await span(book, said.begin, said.end)
    finally:
        await book.close()


async def _pool(
    url: str, settings: Settings, closing: AsyncExitStack, session: dict[str, str]
) -> ReadPool:
    whole = {**reader_session(settings.read_tx_seconds), **session}
    pool = await pool_of(connecting(url, NAME, session=whole), connections_max=1)
    closing.push_async_callback(pool.close)
    return pool


async def keys_of(settings: Settings, closing: AsyncExitStack) -> PostgresKeyRing:
    """Open the key ring, which opens what was sealed of persons."""
    master = await master_keys_of(settings.app_url, settings.master_key_file, token_bytes, BOOK)
    keys = await open_key_ring(settings.app_url, master, token_bytes, monotonic, BOOK)
    closing.push_async_callback(keys.close)
    return keys
