"""Appends that were told to have succeeded and had not, or the other way round, elsewhere."""

import asyncio

import pytest

from src.events.envelope import TAIL_EVENTS_MAX, Outcome
from src.events.identifiers import STOCK, stream
from src.events.ledger import PostgresBook
from src.events.stock import StockReceived
from tests.databases import BookDatabase
from tests.events.entries import entry
from tests.events.peer_bugs.scene import commands, outcomes, stand_still, unfinished, visible
from tests.factories import TEA
from tests.processes import Process, cause, simply

pytestmark = pytest.mark.anyio

WRITTEN, ALREADY, MOVED = Outcome.WRITTEN, Outcome.ALREADY_WRITTEN, Outcome.MOVED
RACERS = 20
TEA_STOCK = stream(STOCK, TEA.sku)
ONE_MORE = simply((TEA_STOCK, StockReceived(sku=TEA.sku, quantity=1)))


async def test_pyeventsourcing_insert_function_without_the_lock(
    book: PostgresBook, book_database: BookDatabase
) -> None:
    """pyeventsourcing (its database function es_insert_events): the function forgot the table
    lock that the slow path takes, so numbers were committed in another order than they were
    taken, and a reader who had seen the later one lost the earlier; here the lock is part of
    the one function there is, and nobody can write beside it.
    """
    async with unfinished(book_database, entry("first", ("cart-1", 0, 1))):
        later = asyncio.create_task(book.append([entry("later", ("cart-2", 0, 1))]))
        await stand_still(book_database, later)
        assert await visible(book) == []
    assert outcomes([await later]) == [WRITTEN]
    assert await visible(book) == [(1, "cart-1", 1), (2, "cart-2", 1)]


@pytest.mark.parametrize("before", [1, 3])
async def test_emmett_no_stream_checked_nothing(books: list[PostgresBook], before: int) -> None:
    """emmett (toExpectedVersion in its PostgreSQL append): STREAM_DOES_NOT_EXIST was sent as "no
    expectation", so a second creation was appended to the first one's stream; here a stream that
    is not yet begun has version 0, which is checked like any other.
    """
    await books[0].append([entry("begun", ("mailbox-1", 0, before))])
    late = [entry("again", ("mailbox-1", 0, 1)), entry("only looks", checks={"mailbox-1": 0})]
    assert outcomes([await books[0].append(late)]) == [MOVED, MOVED]
    creators = [entry(f"creates {n}", ("mailbox-2", 0, 1)) for n in range(len(books))]
    raced = await asyncio.gather(
        *(each.append([given]) for each, given in zip(books, creators, strict=True))
    )
    assert sorted(outcomes(raced)) == [MOVED] * (len(books) - 1) + [WRITTEN]
    assert await books[0].head() == before + 1


async def test_eventuous_553_success_without_events(
    books: list[PostgresBook], book_database: BookDatabase
) -> None:
    """Eventuous/eventuous#553: the version was checked without a row lock and the rows inserted
    with "on conflict do nothing", so of 20 writers told of success 10 had written nothing; here
    whoever is told so finds its event, and the others are told that the stream has moved.
    """
    first, *late = [entry(f"racer {n}", ("stock-1", 0, 1)) for n in range(len(books) + 1)]
    async with unfinished(book_database, first):
        pairs = zip(books, late, strict=True)
        tasks = [asyncio.create_task(book.append([racer])) for book, racer in pairs]
        await stand_still(book_database, *tasks)
    assert outcomes([await task for task in tasks]) == [MOVED] * len(books)
    racers = [entry(f"all {n}", ("stock-2", 0, 1), (f"own-{n}", 0, 1)) for n in range(RACERS)]
    raced = await asyncio.gather(
        *(books[n % len(books)].append([racer]) for n, racer in enumerate(racers))
    )
    said = dict(zip((racer.cause.command_id for racer in racers), outcomes(raced), strict=True))
    winners = [command for command, outcome in said.items() if outcome is WRITTEN]
    assert len(winners) == 1
    assert commands(await books[0].read_page(0, 100)) == [first.cause.command_id, *winners * 2]


async def test_sqlstreamstore_478_concurrent_writers_who_expect_nothing(
    books: list[PostgresBook],
) -> None:
    """SQLStreamStore/SQLStreamStore#478: writers who did not care for the version were told
    WrongExpectedVersion all the same; here a rule without conditions is decided again until it
    is written, and nobody hears of it.
    """
    tills = [Process(book) for book in books]
    for till in tills:
        await till.state(TEA_STOCK)  # each knows it, and will be wrong about it
    answers = await asyncio.gather(
        *(
            tills[n % len(tills)].ledger.transact(cause(f"any {n}"), ONE_MORE)
            for n in range(RACERS * 2)
        )
    )
    assert sorted(held.position for held in answers) == list(range(1, RACERS * 2 + 1))
    assert (await tills[0].state(TEA_STOCK)).received == RACERS * 2


async def test_commanded_201_two_successes_at_one_version(
    book: PostgresBook, book_database: BookDatabase
) -> None:
    """commanded/eventstore#201: two appends with the same expected version both passed the check,
    and the second was written behind the first, at the version that the stream had by then; here
    the check happens behind the lock, and the version written is the one expected plus one.
    """
    await book.append([entry("begun", ("cart-1", 0, 1))])
    async with unfinished(book_database, entry("first", ("cart-1", 1, 1))):
        second = asyncio.create_task(book.append([entry("second", ("cart-1", 1, 1))]))
        await stand_still(book_database, second)
    answer = await second
    assert outcomes([answer]) == [MOVED]
    assert [event.version for event in answer.tails] == [2]
    assert await visible(book) == [(1, "cart-1", 1), (2, "cart-1", 2)]


@pytest.mark.parametrize("events", [1_000, 1_001, 2_500])
async def test_commanded_283_more_than_1000_events(book: PostgresBook, events: int) -> None:
    """commanded/eventstore#283: appends went in batches of 1,000, and the second batch of a new
    stream failed because the stream was there by then; here an entry of any length is one append,
    and whoever is further behind than a tail reaches decides on all of it.
    """
    late = Process(book)
    await late.state(TEA_STOCK)  # not yet begun
    many = simply(*[(TEA_STOCK, StockReceived(sku=TEA.sku, quantity=1))] * events)
    held = await Process(book).ledger.transact(cause("many"), many)
    assert held.position == events
    assert [event.version for event in await book.read_stream(TEA_STOCK)] == [*range(1, events + 1)]
    assert (await late.ledger.transact(cause("one more"), ONE_MORE)).position == events + 1
    assert (await late.state(TEA_STOCK)).received == events + 1
    assert events >= TAIL_EVENTS_MAX


async def test_kurrent_dotnet_159_a_repetition_inside_one_batch(book: PostgresBook) -> None:
    """kurrent-io/KurrentDB-Client-Dotnet#159: two events for a new stream were both written, and
    the client was told of a wrong version, because the batch met itself; here an append that
    holds an entry twice, or is sent again as a whole, answers both with the same position.
    """
    both, other = entry("both", ("cart-1", 0, 2)), entry("other", ("cart-2", 0, 1))
    first = await book.append([both, both, other])
    assert outcomes([first]) == [WRITTEN, ALREADY, WRITTEN]
    again = await book.append([both, both, other])
    assert outcomes([again]) == [ALREADY, ALREADY, ALREADY]
    for answer in (first, again):
        assert [verdict.position for verdict in answer.verdicts] == [2, 2, 3]
    assert await book.head() == 3


async def test_kurrent_dotnet_159_a_new_stream_is_met_again_in_its_batch(
    book: PostgresBook,
) -> None:
    """kurrent-io/KurrentDB-Client-Dotnet#159, the same from the other side: what the batch itself
    has begun is no reason to refuse what comes behind it, nor to write that at another version.
    """
    batch = [entry(f"{version}", ("cart-1", version, 1)) for version in range(3)]
    assert outcomes([await book.append(batch)]) == [WRITTEN] * 3
    assert await visible(book) == [(n, "cart-1", n) for n in (1, 2, 3)]
