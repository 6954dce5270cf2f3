"""Readers that stood still, or slowed down, for what was none of their business, elsewhere."""

import asyncio
from collections.abc import Sequence

import pytest

from src.events.connection import Connection, connecting
from src.events.envelope import StoredEvent
from src.projections import runner, stock
from src.projections.runner import Runner
from tests.databases import BookDatabase, connected
from tests.events.peer_bugs.scene import TEA, caught_up, received, rolled_back, tea, visible
from tests.processes import WatchedBook
from tests.projections.shop import BOOK, Shop

pytestmark = pytest.mark.anyio

PATIENCE_SECONDS = 20.0


async def test_marten_5125_an_advisory_lock_of_ones_own(
    shop: Shop, book_database: BookDatabase
) -> None:
    """JasperFx/marten#5125: the reader held its leadership in an open transaction with an advisory
    lock, took that transaction for a writer from before a gap, and waited for itself for ever;
    here a reader does not ask who else is there, so whatever is open stops nothing.
    """

    async def lead(connection: Connection) -> None:
        async with connection.transaction():
            await connection.execute("select pg_advisory_xact_lock($1, $2)", runner.FEEDING, BOOK)
            await rolled_back(book_database, received("regretted", 0, 1))
            await shop.book.append([received("written", 0, 10)])
            await caught_up(shop)
            assert await tea(shop) == 10

    await connected(book_database.app_url, lead)


async def test_a_transaction_in_another_database_that_stalls_those_who_read_by_xid(
    shop: Shop, book_database: BookDatabase
) -> None:
    """Stores that read below pg_snapshot_xmin stand still while any transaction of the cluster is
    open, also one of another database; here nobody reads by transaction ids, and such a
    transaction, which is shown to hold the xmin down, delays nothing.
    """

    async def hold_the_horizon(elsewhere: Connection) -> None:
        async with elsewhere.transaction():
            oldest = int(await elsewhere.fetchval("select pg_current_xact_id()::text"))
            await shop.book.append([received("written", 0, 10)])
            horizon = "select pg_snapshot_xmin(pg_current_snapshot())::text"
            assert int(await shop.db.fetchval(horizon)) <= oldest
            assert await visible(shop.book) == [(1, TEA, 1)]
            await caught_up(shop)
            assert await tea(shop) == 10

    url = book_database.superuser_url.rpartition("/")[0] + "/postgres"
    await connected(url, hold_the_horizon)


async def test_axon_2231_numbers_that_were_never_given(
    shop: Shop, book_database: BookDatabase
) -> None:
    """AxonIQ/AxonFramework#2231: other users of the sequence left 10,000 gaps, every token carried
    them along, and a replay of one more event took far longer; here nobody can use a number up, a
    cursor is one number, and a replay reads as many pages as there are events.
    """
    await shop.book.append([received("first", 0, 1)])
    for number in range(5):
        await rolled_back(book_database, received(f"regretted {number}", 1, *[1] * 2_000))
        await shop.book.append([received(f"stale {number}", 0, *[1] * 2_000)])
    await shop.book.append([received("second", 1, 1)])
    assert await visible(shop.book) == [(1, TEA, 1), (2, TEA, 2)]
    pages: list[int] = []

    class Counting(WatchedBook):
        async def read_page(
            self, after: int, length: int, *, without: Sequence[str] = ()
        ) -> Sequence[StoredEvent]:
            pages.append(after)
            return await super().read_page(after, length, without=without)

    await caught_up(shop, Counting(shop.book))
    assert (pages, await tea(shop)) == ([0], 2)


async def test_commanded_309_a_notification_that_was_lost(
    shop: Shop, book_database: BookDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """commanded/eventstore#309: the listening connection broke and came back by itself, and what
    was notified meanwhile was never delivered; here a call only saves waiting: who hears none at
    all, and whose connection breaks, looks by itself.
    """
    monkeypatch.setattr(runner, "SLOW_POLL_SECONDS", 0.01)
    monkeypatch.setattr(runner, "PACE_SECONDS", 0.0)

    async def until_there(quantity: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await tea(shop) != quantity:  # noqa: ASYNC110 - the runner tells nobody
                await asyncio.sleep(0.01)

    feeding = Runner(shop.book, connecting(book_database.app_url, "khata runner"), BOOK, [stock])
    following = asyncio.create_task(feeding.follow(wake=asyncio.sleep))  # no call ever comes
    await shop.book.append([received("before", 0, 1)])
    await until_there(1)
    broken = (
        "select count(pg_terminate_backend(pid)) from pg_stat_activity"
        " where application_name = 'khata runner' and datname = current_database()"
    )
    assert await connected(book_database.superuser_url, lambda db: db.fetchval(broken)) == 1
    await shop.book.append([received("meanwhile", 1, 10)])
    await until_there(11)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    await feeding.close()
