"""The cost of a command does not grow with the length of its streams, and snapshots may be lost."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from src.commands import states
from src.commands.folding import PAGE_EVENTS
from src.events.identifiers import STOCK, Stream, category_of, stream
from src.events.ledger import PostgresBook, open_book
from src.events.snapshots import PostgresSnapshots
from src.events.state_codec import decode_state, encode_state
from src.events.stock import StockReceived
from tests.databases import BookDatabase, connected
from tests.factories import TEA, shop
from tests.memory import MemoryBook
from tests.processes import Process, WatchedBook

pytestmark = pytest.mark.anyio
TEA_STOCK = stream(STOCK, TEA.sku)
LONG = 10 * PAGE_EVENTS
RECEIVED = TEA_STOCK, StockReceived(sku=TEA.sku, quantity=1)


class MemorySnapshots:
    """Snapshots that are gone when the test is over, written down as PostgreSQL's are."""

    def __init__(self) -> None:
        self.kept: dict[Stream, tuple[int, bytes]] = {}

    async def find(self, stream: Stream) -> tuple[int, Any] | None:
        if stream not in self.kept:
            return None
        version, written = self.kept[stream]
        return version, decode_state(category_of(stream), written)

    def offer(self, stream: Stream, version: int, state: object) -> None:
        if version > self.kept.get(stream, (0, b""))[0]:
            self.kept[stream] = version, encode_state(state)

    async def close(self) -> None:
        """Nothing is under way."""


@pytest.fixture
async def book() -> WatchedBook:
    book = WatchedBook(MemoryBook())
    await Process(book).write("open", *shop(), *[RECEIVED] * LONG)
    return book


@pytest.fixture
def memory() -> MemorySnapshots:
    return MemorySnapshots()


async def reads_of_a_fresh_process(book: WatchedBook, snapshots: MemorySnapshots) -> int:
    before = book.reads
    process = Process(book, snapshots=snapshots)
    assert (await process.state(TEA_STOCK)).received == 10 + LONG
    return book.reads - before


async def test_a_long_stream_is_folded_from_birth_once(
    book: WatchedBook, memory: MemorySnapshots
) -> None:
    assert await reads_of_a_fresh_process(book, memory) > LONG / PAGE_EVENTS
    assert await reads_of_a_fresh_process(book, memory) <= 4


async def test_a_stream_that_grows_in_memory_leaves_snapshots_behind(
    memory: MemorySnapshots,
) -> None:
    book = WatchedBook(MemoryBook())
    process = Process(book, snapshots=memory)
    await process.write("open", *shop())
    for number in range(3 * states.SNAPSHOT_EVENTS // 100):
        await process.write(f"{number}", *[RECEIVED] * 100)
    version, _ = memory.kept[TEA_STOCK]
    assert version >= 3 * states.SNAPSHOT_EVENTS


async def test_what_was_written_since_the_snapshot_is_folded_on_top(
    book: WatchedBook, memory: MemorySnapshots
) -> None:
    await Process(book, snapshots=memory).state(TEA_STOCK)
    await Process(book).write("more", *[RECEIVED] * 7)
    late = Process(book, snapshots=memory)
    assert (await late.state(TEA_STOCK)).received == 10 + LONG + 7
    await late.write("one more", RECEIVED)
    assert (await late.state(TEA_STOCK)).received == 10 + LONG + 8


async def test_however_many_wait_for_a_long_stream_it_is_read_once(
    book: WatchedBook, memory: MemorySnapshots
) -> None:
    alone = await reads_of_a_fresh_process(book, MemorySnapshots())
    before = book.reads
    process = Process(book, snapshots=memory)
    answers = await asyncio.gather(*(process.state(TEA_STOCK) for _ in range(50)))
    assert {answer.received for answer in answers} == {10 + LONG}
    assert book.reads - before < alone + 2 * 50, "each looked, and one read it"


async def test_whoever_goes_away_while_it_is_folded_takes_nothing_along(
    book: WatchedBook, memory: MemorySnapshots
) -> None:
    process = Process(book, snapshots=memory)
    gone = asyncio.create_task(process.state(TEA_STOCK))
    stays = asyncio.create_task(process.state(TEA_STOCK))
    for _ in range(3):
        await asyncio.sleep(0)  # so far that both wait for the same pages
    gone.cancel()
    assert (await stays).received == 10 + LONG


@pytest.fixture
async def postgres(book_database: BookDatabase) -> AsyncIterator[PostgresBook]:
    opened = await open_book(book_database.app_url)
    await Process(opened).write("open", *shop(), *[RECEIVED] * LONG)
    yield opened
    await opened.close()


async def kept(database: BookDatabase) -> list[tuple[str, int]]:
    rows = await connected(
        database.app_url, lambda db: db.fetch("select stream, version from models.snapshots")
    )
    return [(row[0], row[1]) for row in rows]


async def test_postgres_keeps_the_newest_snapshot_for_the_next_process(
    postgres: PostgresBook, book_database: BookDatabase
) -> None:
    snapshots = PostgresSnapshots(book_database.app_url)
    first = Process(postgres, snapshots=snapshots)
    assert (await first.state(TEA_STOCK)).received == 10 + LONG
    await snapshots.close()
    assert await kept(book_database) == [(TEA_STOCK, 1 + LONG)]
    again = PostgresSnapshots(book_database.app_url)
    version, state = await again.find(TEA_STOCK) or (0, None)
    assert (version, state) == (1 + LONG, await first.state(TEA_STOCK))
    again.offer(TEA_STOCK, 5, state)  # somebody slow, with something old
    await again.close()
    assert await kept(book_database) == [(TEA_STOCK, 1 + LONG)]


@pytest.mark.parametrize(
    "harm",
    [
        "update models.snapshots set folded = 'older code'",
        """update models.snapshots set state = '["Stock", {"received": "many"}]'""",
        "update models.snapshots set state = '7'",
        "update models.snapshots set version = version + 1",
        """update models.snapshots set event_id = gen_random_uuid(),
            state = (select replace(state::text, '"received":', '"received":9')::json)""",
        "truncate models.snapshots",
        "drop table models.snapshots",
    ],
)
async def test_a_snapshot_that_cannot_be_used_costs_time_and_nothing_else(
    postgres: PostgresBook, book_database: BookDatabase, harm: str
) -> None:
    snapshots = PostgresSnapshots(book_database.app_url)
    await Process(postgres, snapshots=snapshots).state(TEA_STOCK)
    await snapshots.close()
    await connected(book_database.owner_url, lambda db: db.execute(harm))
    snapshots = PostgresSnapshots(book_database.app_url)
    process = Process(postgres, snapshots=snapshots)
    assert (await process.state(TEA_STOCK)).received == 10 + LONG
    await process.write("and on", RECEIVED)
    await snapshots.close()


async def test_a_snapshot_of_facts_that_the_book_lost_gives_way_to_an_older_one(
    postgres: PostgresBook, book_database: BookDatabase
) -> None:
    """As if the book had lost its end after the snapshot, and had grown again with other facts."""
    snapshots = PostgresSnapshots(book_database.app_url)
    state = await Process(postgres, snapshots=snapshots).state(TEA_STOCK)
    await snapshots.close()
    lost = "update models.snapshots set event_id = gen_random_uuid()"
    await connected(book_database.owner_url, lambda db: db.execute(lost))
    snapshots = PostgresSnapshots(book_database.app_url)
    assert await snapshots.find(TEA_STOCK) is None
    snapshots.offer(TEA_STOCK, LONG, state)
    await snapshots.close()
    assert await kept(book_database) == [(TEA_STOCK, LONG)]


async def test_a_snapshot_of_a_version_that_the_book_does_not_hold_is_not_kept(
    postgres: PostgresBook, book_database: BookDatabase
) -> None:
    snapshots = PostgresSnapshots(book_database.app_url)
    state = await Process(postgres).state(TEA_STOCK)
    snapshots.offer(TEA_STOCK, 2 + LONG, state)
    await snapshots.close()
    assert await kept(book_database) == []
