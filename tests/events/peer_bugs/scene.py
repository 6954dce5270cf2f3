"""Appends that have run and are not committed, and whoever has to wait for them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from msgspec import structs

from src.events.batch import APPEND, arguments
from src.events.codec import encode
from src.events.connection import Connection, connecting
from src.events.envelope import Appended, Entry, Outcome, StoredEvent
from src.events.ledger import PostgresBook
from src.events.ports import Book
from src.events.stock import StockReceived
from src.projections import stock
from src.projections.runner import Runner
from tests.databases import BookDatabase, connected
from tests.events.entries import entry
from tests.projections.shop import BOOK, Shop

POLL_SECONDS = 0.01
WAIT_SECONDS_MAX = 15.0
PAYLOADS = 16
"""Where the payloads stand among the arguments of an append."""

SKU = "tea"
TEA = f"stock-{SKU}"

_WAITING = """
select count(*) from pg_stat_activity
where datname = current_database() and application_name = 'khata' and wait_event_type = 'Lock'
"""


def received(command: str, after: int, *quantities: int) -> Entry:
    """One command that receives tea so many times, behind this version of its stock."""
    given = entry(command, (TEA, after, len(quantities)))
    kind = StockReceived.__name__
    events = [
        structs.replace(event, type=kind, payload=encode(StockReceived(sku=SKU, quantity=quantity)))
        for event, quantity in zip(given.events, quantities, strict=True)
    ]
    return structs.replace(given, events=events)


def run_append(connection: Connection, given_entry: Entry) -> Any:  # noqa: ANN401 - the coroutine of a row
    """Append on a connection that nobody prepared for bytes."""
    given: list[Any] = list(arguments(1, [given_entry]))
    given[PAYLOADS] = [payload.decode() for payload in given[PAYLOADS]]
    return connection.fetchrow(APPEND, *given)


@asynccontextmanager
async def unfinished(database: BookDatabase, given: Entry) -> AsyncIterator[None]:
    """An append is in flight: it has run, and commits at the end of the block."""
    connection = await connecting(database.app_url, "khata tests")()
    try:
        async with connection.transaction():
            await run_append(connection, given)
            yield
    finally:
        await connection.close()


async def rolled_back(database: BookDatabase, given: Entry) -> None:
    """Run an append and take it back."""

    async def work(connection: Connection) -> None:
        await connection.execute("begin")
        await run_append(connection, given)
        await connection.execute("rollback")

    await connected(database.app_url, work)


async def stand_still(database: BookDatabase, *tasks: asyncio.Task[Any]) -> None:
    """Return when all of these wait for a lock, or one is done in spite of it."""

    async def look(connection: Connection) -> None:
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            while not any(task.done() for task in tasks):
                if await connection.fetchval(_WAITING) >= len(tasks):
                    return
                await asyncio.sleep(POLL_SECONDS)

    await connected(database.superuser_url, look)


async def visible(book: PostgresBook) -> list[tuple[int, str, int]]:
    """Return what a reader sees: position, stream and version of every event."""
    page = await book.read_page(0, 10_000)
    return [(event.position, event.stream, event.version) for event in page]


def outcomes(answers: Sequence[Appended]) -> list[Outcome]:
    return [verdict.outcome for answer in answers for verdict in answer.verdicts]


def commands(events: Sequence[StoredEvent]) -> list[object]:
    return [event.command_id for event in events]


async def caught_up(shop: Shop, source: Book | None = None) -> None:
    """Feed the read model of the stock until it is at the head."""
    feeding = Runner(source or shop.book, shop.connect, BOOK, [stock])
    await feeding.catch_up()
    await feeding.close()


async def tea(shop: Shop) -> int:
    """Return how much tea the read model has."""
    return sum(row["received"] for row in await shop.rows("stock") if row["sku"] == SKU)
