"""What only the book in PostgreSQL can promise: crashes, races, roles, bytes and hashes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # ships no types
import pytest
from msgspec import structs

from src.events import held_append, leaf
from src.events.batch import APPEND, arguments
from src.events.connection import Connection, connecting
from src.events.envelope import Entry, Outcome
from src.events.identifiers import Stream
from src.events.ledger import PostgresBook, open_book
from src.events.ports import DatabaseUnavailableError, Reread
from tests.databases import BookDatabase, connected
from tests.events.entries import entry

pytestmark = pytest.mark.anyio

RACERS = 2
APPENDS_EACH = 60
APPENDS_PER_KILL = 5
KILL = (
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where application_name = 'khata' and datname = current_database()"
)


@pytest.fixture
async def book(book_database: BookDatabase) -> AsyncIterator[PostgresBook]:
    opened = await open_book(book_database.app_url)
    yield opened
    await opened.close()


async def run(url: str, *statements: str) -> Any:  # noqa: ANN401  # the last one's rows
    async def work(connection: Connection) -> object:
        for statement in statements:
            rows = await connection.fetch(statement)
        return rows

    return await connected(url, work)


async def keep_appending(book: PostgresBook, name: str, stream: str) -> None:
    """Write to a stream that others write to as well, until it is done so many times."""
    version = 0
    for number in range(APPENDS_EACH):
        while True:
            # The racers' own streams decide nothing; the shared one decides it all.
            tried = entry(f"{name} {number}", (stream, version, 1), (f"{name}-own", number, 1))
            appended = await book.append([tried])
            if appended.verdicts[0].outcome is not Outcome.MOVED:
                break
            version = max(
                (event.version for event in appended.tails if event.stream == stream),
                default=version,
            )
        version += 1


async def all_is_dense_and_once(book: PostgresBook, events: int) -> None:
    page = await book.read_page(0, events + 100)
    assert [event.position for event in page] == list(range(1, events + 1))
    assert len({event.event_id for event in page}) == events
    versions: dict[Stream, int] = {}
    for event in page:
        assert event.version == versions.get(event.stream, 0) + 1
        versions[event.stream] = event.version


async def test_racing_connections_write_everything_once_and_densely(
    book: PostgresBook, book_database: BookDatabase
) -> None:
    other = await open_book(book_database.app_url)
    await asyncio.gather(
        keep_appending(book, "left", "shared-1"), keep_appending(other, "right", "shared-1")
    )
    await other.close()
    await all_is_dense_and_once(book, RACERS * APPENDS_EACH * 2)


async def test_a_killed_connection_loses_nothing_and_writes_nothing_twice(
    book: PostgresBook, book_database: BookDatabase
) -> None:
    kills = []
    for number in range(APPENDS_EACH):
        if number % APPENDS_PER_KILL == 0:
            kills.append(asyncio.create_task(run(book_database.superuser_url, KILL)))
        appended = await book.append([entry(f"{number}", ("cart-1", 2 * number, 2))])
        assert appended.verdicts[0].outcome is not Outcome.MOVED
    await asyncio.gather(*kills)
    await all_is_dense_and_once(book, APPENDS_EACH * 2)


async def test_a_hold_that_is_lost_before_anything_was_sent_is_decided_again(
    book: PostgresBook, book_database: BookDatabase
) -> None:
    decided: list[int] = []

    async def decide(reread: Reread) -> Sequence[Entry]:
        decided.append(len(await reread({Stream("cart-1"): 0})))
        if len(decided) == 1:
            await run(book_database.superuser_url, KILL)
            await reread({Stream("cart-1"): 0})
        return [entry("held", ("cart-1", decided[-1], 1))]

    appended = await book.append_holding(decide)
    assert [verdict.outcome for verdict in appended.verdicts] == [Outcome.WRITTEN]
    assert decided == [0, 0]


async def test_a_hold_that_is_lost_after_it_was_sent_is_sent_again_and_not_decided_again(
    book: PostgresBook, book_database: BookDatabase
) -> None:
    decided: list[int] = []

    async def decide(_reread: Reread) -> Sequence[Entry]:
        decided.append(1)
        await run(book_database.superuser_url, KILL)
        return [entry("held", ("cart-1", 0, 1))]

    appended = await book.append_holding(decide)
    assert [verdict.outcome for verdict in appended.verdicts] == [Outcome.WRITTEN]
    assert decided == [1]
    await all_is_dense_and_once(book, 1)


async def test_a_process_that_falls_asleep_while_it_holds_the_book_is_put_out(
    book: PostgresBook, book_database: BookDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_append, "HOLD_IDLE_MAX", timedelta(milliseconds=50))
    other, times = await open_book(book_database.app_url), 0

    async def decide(_reread: Reread) -> Sequence[Entry]:
        nonlocal times
        times += 1
        if times == 1:  # it only goes on once somebody else could write
            await other.append([entry("rival", ("cart-1", 0, 1))])
        return [entry("held", ("cart-1", 1, 1))]

    appended = await book.append_holding(decide)
    await other.close()
    assert [verdict.outcome for verdict in appended.verdicts] == [Outcome.WRITTEN]
    await all_is_dense_and_once(book, 2)


async def test_readers_go_on_after_their_connections_died(
    book: PostgresBook, book_database: BookDatabase
) -> None:
    await book.append([entry("one", ("cart-1", 0, 1))])
    await run(book_database.superuser_url, KILL)
    assert len(await book.read_page(0, 10)) == 1


async def test_an_append_that_its_caller_abandons_leaves_the_book_usable(
    book: PostgresBook, book_database: BookDatabase
) -> None:
    async def hold_the_head(connection: Connection) -> None:
        async with connection.transaction():
            await connection.execute("select from khata.books for update")
            abandoned = asyncio.create_task(book.append([entry("one", ("cart-1", 0, 1))]))
            await asyncio.wait([abandoned], timeout=0.2)
            abandoned.cancel()
            with pytest.raises(asyncio.CancelledError):
                await abandoned

    await connected(book_database.owner_url, hold_the_head)
    (verdict,) = (await book.append([entry("one", ("cart-1", 0, 1))])).verdicts
    assert verdict.outcome is not Outcome.MOVED
    await all_is_dense_and_once(book, 1)


async def test_nobody_there_is_unavailable_and_not_unknown() -> None:
    with pytest.raises(DatabaseUnavailableError) as refused:
        await open_book("postgresql://khata:topsecret@127.0.0.1:1/khata")
    assert "topsecret" not in f"{refused.value!r} {refused.value.__cause__!r}"


@pytest.mark.parametrize(
    "payload",
    [
        b'{ "b" : 1,\n\t"a": 2.50 , "a": 3}',
        '{"name":"सीता ☕ e\u0301"}'.encode(),
        b'{"escaped":"\\u0905\\u0000\\/"}',
        b"[]",
    ],
)
async def test_a_payload_keeps_its_bytes(book: PostgresBook, payload: bytes) -> None:
    given = entry("one", ("cart-1", 0, 1))
    event = structs.replace(given.events[0], payload=payload)
    await book.append([structs.replace(given, events=[event])])
    (stored,) = await book.read_stream(Stream("cart-1"))
    assert bytes(stored.payload) == payload
    # A tail keeps them as well.
    moved = await book.append([entry("late", ("cart-1", 0, 1))])
    assert bytes(moved.tails[0].payload) == payload


async def test_what_is_no_json_is_refused_whole(book: PostgresBook) -> None:
    given = entry("one", ("cart-1", 0, 1))
    event = structs.replace(given.events[0], payload=b'{"half":')
    with pytest.raises(asyncpg.InvalidTextRepresentationError):
        await book.append([structs.replace(given, events=[event])])
    assert await book.head() == 0


def caused(given: Entry) -> Entry:
    cause = structs.replace(given.cause, causation_id=given.events[0].event_id, actor="staff:अ:☕")
    return structs.replace(given, cause=cause)


async def test_every_leaf_root_and_chain_can_be_recomputed(
    book: PostgresBook, book_database: BookDatabase
) -> None:
    await book.append([entry("one", ("cart-1", 0, 3)), caused(entry("two", ("stock-ह", 0, 2)))])
    await book.append([entry("look", checks={"cart-1": 3})])
    await book.append([entry("stale", ("cart-1", 1, 1)), entry("three", ("cart-1", 3, 1))])
    events = await book.read_page(0, 100)
    leaves = [leaf.leaf(1, event) for event in events]
    assert leaves == [
        row[0]
        for row in await run(
            book_database.app_url, "select leaf from khata.events order by position"
        )
    ]
    appends = await run(
        book_database.app_url,
        "select first_position, last_position, recorded_at, root, chain"
        " from khata.appends order by first_position",
    )
    chain = leaf.EMPTY_CHAIN
    for first, last, recorded_at, root, stored_chain in appends:
        assert root == leaf.root(leaves[first - 1 : last])
        chain = leaf.chain(chain, root, first, last)
        assert (stored_chain, recorded_at) == (chain, events[last - 1].recorded_at)
    assert [(row[0], row[1]) for row in appends] == [(1, 5), (6, 6)]
    (head,) = await run(book_database.app_url, "select position, chain from khata.books")
    assert tuple(head) == (6, chain)


async def test_an_older_snapshot_cannot_append(book_database: BookDatabase) -> None:
    given = arguments(1, [entry("look", checks={"cart-1": 0})])

    async def work(connection: Connection) -> None:
        await connection.execute("begin isolation level repeatable read")
        await connection.fetchrow(APPEND, *given)

    with pytest.raises(asyncpg.InvalidTransactionStateError):
        await connected(book_database.app_url, work)


async def test_a_gap_is_refused_even_if_the_arrays_lie(book_database: BookDatabase) -> None:
    given = list(arguments(1, [entry("one", ("cart-1", 0, 2))]))
    given[8] = "{1,3}"  # the versions
    given[16] = ["{}", "{}"]  # the payloads, for a connection that was not prepared for bytes

    with pytest.raises(asyncpg.InvalidParameterValueError):
        await connected(
            book_database.app_url, lambda connection: connection.fetchrow(APPEND, *given)
        )


CHANGES: Sequence[str] = (
    "update khata.events set actor = 'someone'",
    "delete from khata.events",
    "truncate khata.events",
    "update khata.appends set root = root",
    "delete from khata.appends",
    "truncate khata.appends",
    "insert into khata.events select * from khata.events",
    "insert into khata.appends select * from khata.appends",
    "update khata.books set position = 0",
    "delete from khata.books",
    "drop table khata.events",
    "alter table khata.events disable trigger append_only",
    "select khata.write(1, 0, now(), null, null, null, null, null, null, null, null, null, null)",
)


@pytest.mark.parametrize("change", CHANGES)
async def test_the_application_cannot_change_the_book(
    book: PostgresBook, book_database: BookDatabase, change: str
) -> None:
    await book.append([entry("one", ("cart-1", 0, 1))])
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run(book_database.app_url, change)


@pytest.mark.parametrize("change", CHANGES[:6])
@pytest.mark.parametrize("who", ["owner_url", "superuser_url"])
async def test_even_the_owner_is_stopped_from_rewriting(
    book: PostgresBook, book_database: BookDatabase, change: str, who: str
) -> None:
    await book.append([entry("one", ("cart-1", 0, 1))])
    replica = ["set session_replication_role = replica"] if who == "superuser_url" else []
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await run(getattr(book_database, who), *replica, change)


async def test_a_new_role_sees_nothing_of_khata(book_database: BookDatabase) -> None:
    rights = await run(
        book_database.superuser_url,
        "create role nobody_in_particular",
        """
        select has_schema_privilege('nobody_in_particular', nspname, 'usage')
               or has_schema_privilege('nobody_in_particular', nspname, 'create')
        from pg_namespace where nspname in ('khata', 'keys', 'edge', 'read', 'models')
        union all
        select has_function_privilege('nobody_in_particular', p.oid, 'execute')
        from pg_proc p where pronamespace = 'khata'::regnamespace
        """,
    )
    await run(book_database.superuser_url, "drop role nobody_in_particular")
    assert {row[0] for row in rights} == {False}


async def test_the_application_owns_its_read_models_and_analysts_read_only_those(
    book_database: BookDatabase,
) -> None:
    await run(
        book_database.app_url,
        "create table read.things (id int)",
        "grant select on read.things to khata_read",
    )
    seen = await run(
        book_database.superuser_url,
        """
        select has_table_privilege('khata_read', 'read.things', 'select'),
               has_table_privilege('khata_read', 'read.things', 'insert'),
               has_schema_privilege('khata_read', 'read', 'usage'),
               has_schema_privilege('khata_read', 'khata', 'usage'),
               has_schema_privilege('khata_read', 'keys', 'usage')
        """,
    )
    assert tuple(seen[0]) == (True, False, True, False, False)


async def test_the_database_url_is_never_repeated() -> None:
    with pytest.raises(ValueError, match="cannot be read") as refused:
        await connecting("postgresql://khata:top/secret@host:x/khata", "khata tests")()
    assert refused.value.__cause__ is None
    assert "secret" not in str(refused.value)
