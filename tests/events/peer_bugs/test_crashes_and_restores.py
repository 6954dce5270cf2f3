"""What a crash, a restore and a redelivery did to numbers and sums elsewhere."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress

import pytest

from src.embedded import Engines
from src.embedded.binaries import postgres_install
from src.embedded.postgres import CLUSTER, postmaster_pid
from src.events import leaf
from src.events.connection import Connection, connecting
from src.events.envelope import Outcome
from src.events.ledger import PostgresBook, open_book
from src.events.migrations import migrate
from src.events.ports import DatabaseUnavailableError
from src.projections import stock
from src.projections.faults import PASSING
from src.projections.runner import Runner
from tests.cut_wire import Cut, CutWire
from tests.databases import BookDatabase, as_superuser, connected, role_of
from tests.events.entries import entry
from tests.events.peer_bugs.scene import POLL_SECONDS, outcomes, received, visible
from tests.projections.shop import BOOK, Shop

pytestmark = pytest.mark.anyio

XIDS_APART = 1_000
REVIVED_SECONDS_MAX = 60.0
SEQUENCE_JUMP = 32


@pytest.fixture
def own_cluster(other_cluster: Engines) -> Iterator[BookDatabase]:
    """An empty database in the other cluster, where no test but this one is disturbed."""
    name = "khata_apart"
    owner = role_of(other_cluster.owner_url)
    asyncio.run(as_superuser(other_cluster, f"create database {name} owner {owner}"))
    urls = (other_cluster.app_url, other_cluster.owner_url, other_cluster.superuser_url)
    yield BookDatabase(*(url.rpartition("/")[0] + f"/{name}" for url in urls))
    asyncio.run(as_superuser(other_cluster, f"drop database {name} with (force)"))


async def test_marten_3865_a_sequence_that_jumps_in_a_crash(
    own_cluster: BookDatabase, other_cluster: Engines
) -> None:
    """JasperFx/marten#3865: when PostgreSQL goes down at once a sequence comes back up to 32 ahead,
    and a reader's mark that followed it stood above events that were still to come; here the same
    crash moves a sequence and leaves the head of the book where the last commit put it.
    """
    await migrate(own_cluster.owner_url, role_of(own_cluster.app_url))
    book = await open_book(own_cluster.app_url)
    await book.append([received("before", 0, 1, 1)])
    feeding = Runner(book, connecting(own_cluster.app_url, "khata tests"), BOOK, [stock])
    await feeding.catch_up()

    async def jump(owner: Connection) -> int:
        await owner.execute("create sequence if not exists public.numbers")
        number: int = await owner.fetchval("select nextval('public.numbers')")
        return number

    before = await connected(own_cluster.owner_url, jump)
    await _crash(other_cluster)
    assert await connected(own_cluster.owner_url, jump) > before + SEQUENCE_JUMP - 1
    (verdict,) = (await book.append([received("after", 2, 10)])).verdicts
    assert (verdict.outcome, verdict.position) == (Outcome.WRITTEN, 3)
    await feeding.catch_up()
    row = "select received, version from models.stock_v1"
    found = await connected(own_cluster.app_url, lambda db: db.fetchrow(row))
    assert tuple(found) == (12, 3)
    await feeding.close()
    await book.close()


async def _crash(engines: Engines) -> None:
    """Let PostgreSQL go down at once, and wait until its supervisor has it up again."""
    pid_file = engines.data_directory / CLUSTER
    before = postmaster_pid(pid_file)
    assert before is not None
    os.kill(before, signal.SIGQUIT)
    async with asyncio.timeout(REVIVED_SECONDS_MAX):
        while True:
            with suppress(DatabaseUnavailableError):
                if postmaster_pid(pid_file) not in {before, None}:
                    await connected(engines.app_url, lambda db: db.execute("select"))
                    return
            await asyncio.sleep(POLL_SECONDS)


async def test_sliceworkz_143_a_restore_into_a_younger_cluster(
    book: PostgresBook, book_database: BookDatabase, own_cluster: BookDatabase
) -> None:
    """sliceworkz/eventstore#143: a dump restored into a new cluster carried transaction ids from
    its future, so the old events lay above the visibility barrier and new ones sorted before them;
    here no table keeps such an id, and the restored book is read, chained and continued as it was.
    """
    await _grow_older(book_database, than=own_cluster)
    await book.append([entry("one", ("cart-1", 0, 2)), entry("two", ("cart-2", 0, 1))])
    assert await connected(book_database.superuser_url, lambda db: db.fetch(_BOUND)) == []
    _copy(book_database, own_cluster)
    restored = await open_book(own_cluster.app_url)
    assert await visible(restored) == await visible(book)
    repeated = entry("two", ("cart-2", 0, 1))
    answer = await restored.append([repeated, entry("three", ("cart-1", 2, 1))])
    assert outcomes([answer]) == [Outcome.ALREADY_WRITTEN, Outcome.WRITTEN]
    assert await visible(restored) == [*await visible(book), (4, "cart-1", 3)]
    leaves = [leaf.leaf(BOOK, event) for event in await restored.read_page(0, 100)]
    chain = leaf.EMPTY_CHAIN
    for first, last in ((1, 3), (4, 4)):
        chain = leaf.chain(chain, leaf.root(leaves[first - 1 : last]), first, last)
    head = await connected(
        own_cluster.app_url, lambda db: db.fetchrow("select position, chain from khata.books")
    )
    assert tuple(head) == (4, chain)
    await restored.close()


_BOUND = """
select attrelid::regclass, attname from pg_attribute join pg_class on pg_class.oid = attrelid
where relnamespace in (
        select oid from pg_namespace where nspname in ('khata', 'keys', 'edge', 'read', 'models'))
    and attnum > 0
    and (relkind = 'S' or atttypid in ('xid'::regtype, 'xid8'::regtype, 'pg_snapshot'::regtype,
                                       'txid_snapshot'::regtype, 'pg_lsn'::regtype))
"""
"""What would be bound to the cluster that it was made in."""


async def _grow_older(database: BookDatabase, *, than: BookDatabase) -> None:
    """Use up transaction ids, as years do."""
    now = "select pg_current_xact_id()::text::bigint"
    theirs = await connected(than.superuser_url, lambda db: db.fetchval(now))
    ours = await connected(database.superuser_url, lambda db: db.fetchval(now))
    missing = max(theirs + XIDS_APART - ours, 0)
    use_up = (
        f"do $$ begin for i in 1..{missing} loop"
        " perform pg_current_xact_id(); commit; end loop; end $$"
    )
    await connected(database.superuser_url, lambda db: db.execute(use_up))
    assert await connected(database.superuser_url, lambda db: db.fetchval(now)) > theirs


def _copy(source: BookDatabase, target: BookDatabase) -> None:
    """Dump a database and restore it, as an operator does."""
    tools = postgres_install() / "bin"
    dump = [str(tools / "pg_dump"), "--dbname", source.superuser_url]
    restore = [str(tools / "psql"), "-q", "-v", "ON_ERROR_STOP=1", "-d", target.superuser_url]
    written = subprocess.run(dump, check=True, capture_output=True)
    subprocess.run(restore, check=True, capture_output=True, input=written.stdout)


@pytest.mark.parametrize("cut", list(Cut))
async def test_protean_adr_0017_a_page_that_is_delivered_twice(
    shop: Shop, book_database: BookDatabase, cut: Cut
) -> None:
    """proteanhq/protean ADR-0017: a read model had committed and its acknowledgement was lost, so
    the event came again and was counted twice, which no comparison with a fold of the same
    deliveries showed; here the checkpoint is in the page's own transaction, and the sum is known
    beforehand, wherever the connection breaks.
    """
    quiet = CutWire(book_database.app_url, {})
    url = await quiet.open()
    await shop.book.append([received("before", 0, 1)])
    await _feed(shop, url)
    asked = quiet.questions
    await quiet.close()
    for question in range(1, asked + 1):
        await shop.book.append([received(f"more {question}", question, 1_000)])
        wire = CutWire(book_database.app_url, {question: cut})
        url = await wire.open()
        with suppress(*PASSING):
            await _feed(shop, url)
        await wire.close()
        assert wire.made == [cut]
        await _feed(shop, book_database.app_url)
        assert await _counted(shop) == (1 + 1_000 * question, 1 + question)


async def _feed(shop: Shop, url: str) -> None:
    feeding = Runner(shop.book, connecting(url, "khata tests"), BOOK, [stock])
    try:
        await feeding.catch_up()
    finally:
        await feeding.close()


async def _counted(shop: Shop) -> tuple[int, int]:
    (row,) = await shop.rows("stock")
    return row["received"], row["version"]
