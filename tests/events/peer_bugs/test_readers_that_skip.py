"""Readers that skipped what was committed, or read it in another order, elsewhere."""

import asyncio
from collections.abc import Sequence
from itertools import count

import pytest

from src.events.connection import Connection, connecting
from src.events.envelope import StoredEvent
from src.events.identifiers import Stream
from src.events.ledger import PostgresBook
from src.events.lines import Line
from tests.databases import BookDatabase, connected
from tests.events.entries import entry
from tests.events.peer_bugs.scene import (
    TEA,
    caught_up,
    received,
    rolled_back,
    run_append,
    stand_still,
    tea,
    unfinished,
    visible,
)
from tests.processes import WatchedBook
from tests.projections.shop import BOOK, Shop

pytestmark = pytest.mark.anyio


async def test_marten_4964_a_hole_where_the_reader_begins(
    shop: Shop, book_database: BookDatabase
) -> None:
    """JasperFx/marten#4964: a number that was rolled back made a hole where the detection began,
    the gap above it could not be seen, and the mark moved over an append in flight that was then
    never read; here what is rolled back leaves no hole, and above what is in flight is nothing.
    """
    await rolled_back(book_database, received("regretted", 0, 1, 1, 1))
    async with unfinished(book_database, received("in flight", 0, 10)):
        later = asyncio.create_task(shop.book.append([entry("later", ("cart-1", 0, 1))]))
        await stand_still(book_database, later)
        await caught_up(shop)
        assert await shop.db.fetchval("select max(position) from models.checkpoints") == 0
    await later
    await caught_up(shop)
    assert await tea(shop) == 10
    assert await visible(shop.book) == [(1, TEA, 1), (2, "cart-1", 1)]


async def test_marten_4977_commits_between_the_readers_statements(shop: Shop) -> None:
    """JasperFx/marten#4977: the reader asked for its mark in three statements, each with a
    snapshot of its own, and commits between them put the mark above what had been read; here the
    mark is the last position of the very page that was read.
    """
    versions = count()

    class Meddling(WatchedBook):
        async def read_page(
            self, after: int, length: int, *, without: Sequence[str] = ()
        ) -> Sequence[StoredEvent]:
            await self._one_more()
            page = await super().read_page(after, length, without=without)
            await self._one_more()
            return page

        async def _one_more(self) -> None:
            after = next(versions)
            await shop.book.append([received(f"tea {after}", after, 2**after)])

    meddling = Meddling(shop.book)
    for _ in range(5):
        await caught_up(shop, meddling)
    await caught_up(shop)
    written = next(versions)
    assert await tea(shop) == 2**written - 1, "each power of two once"


async def test_dba_342896_a_younger_transaction_with_the_lower_number(
    shop: Shop, book_database: BookDatabase
) -> None:
    """dba.stackexchange 342896 (a fork of SQLStreamStore): a gap was trusted when all transaction
    ids around it were below xmin, but a younger transaction had taken the lower number, and its
    event was skipped; here ids and positions may cross as they like, since no reader compares them.
    """
    seen: list[int] = []

    async def read_on() -> None:
        page = await shop.book.read_page(seen[-1] if seen else 0, 100)
        seen.extend(event.position for event in page)

    async def older(connection: Connection) -> None:
        async with connection.transaction():
            await connection.execute("select pg_current_xact_id()")
            await shop.book.append([entry("younger, and first", ("cart-1", 0, 1))])
            await read_on()
            assert seen == [1]
            await run_append(connection, entry("older, and second", ("cart-2", 0, 1)))
            await read_on()
            assert seen == [1]

    await connected(book_database.app_url, older)
    await read_on()
    assert seen == [1, 2]
    xids = await shop.db.fetch("select xmin::text::bigint from khata.events order by position")
    assert xids[0][0] > xids[1][0], "the ids do cross"


async def test_emmett_239_rows_in_whatever_order_they_lie(
    book: PostgresBook, book_database: BookDatabase
) -> None:
    """event-driven-io/emmett#239: streams were read without "order by", which went well as long as
    the planner took the index; here the order is asked for, and rows that lie the other way round
    are read in order without any index.
    """
    for number in range(4):
        await book.append([entry(f"{number}", ("cart-1", number, 1), ("cart-2", number, 1))])
    await _turn_round(book_database)
    unplanned = _without_indexes(book_database)
    cart, other = Stream("cart-1"), Stream("cart-2")
    assert [event.version for event in await unplanned.read_stream(cart)] == [1, 2, 3, 4]
    both = await unplanned.read_streams({other: 1, cart: 1})
    assert [event.position for event in both] == [3, 4, 5, 6, 7, 8]
    assert [event.position for event in await unplanned.read_page(0, 100)] == [*range(1, 9)]
    moved = await unplanned.append([entry("late", ("cart-1", 0, 1))])
    assert [event.version for event in moved.tails] == [1, 2, 3, 4]
    await unplanned.close()


async def _turn_round(database: BookDatabase) -> None:
    """Put the newest row first on the disk."""

    async def work(superuser: Connection) -> None:
        await superuser.execute(
            "create temp table kept as select * from khata.events;"
            "alter table khata.events disable trigger append_only;"
            "truncate khata.events;"
            "insert into khata.events select * from kept order by position desc;"
            "alter table khata.events enable always trigger append_only"
        )
        lying = await superuser.fetchval("select position from khata.events limit 1")
        assert lying == 8

    await connected(database.superuser_url, work)


def _without_indexes(database: BookDatabase) -> PostgresBook:
    async def prepare(connection: Connection) -> None:
        for way in ("indexscan", "indexonlyscan", "bitmapscan"):
            await connection.execute(f"set enable_{way} = off")
        await connection.set_type_codec(
            "json", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary"
        )

    connect = connecting(database.app_url, "khata")
    return PostgresBook(Line(connect, prepare), [Line(connect, prepare)], BOOK)
