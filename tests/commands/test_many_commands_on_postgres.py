"""The same promises of group commit on the real book: the hot stream, two processes, a resend."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from src.commands.rejections import InventoryUnavailable
from src.commands.wish import Held
from src.events.identifiers import STOCK, stream
from src.events.ledger import PostgresBook, open_book
from src.events.stock import StockReceived
from tests.databases import BookDatabase
from tests.factories import TEA, shop
from tests.independent_reading import IndependentReading
from tests.processes import Process, WatchedBook, cause, simply
from tests.purchases import Purchase

pytestmark = pytest.mark.anyio

BUYERS, UNITS = 200, 20
TEA_STOCK = stream(STOCK, TEA.sku)


@pytest.fixture
async def postgres(book_database: BookDatabase) -> AsyncIterator[PostgresBook]:
    book = await open_book(book_database.app_url)
    yield book
    await book.close()


async def test_200_buyers_in_two_processes_get_20_units(postgres: PostgresBook) -> None:
    book = WatchedBook(postgres)
    tills = [Process(book), Process(book)]
    buyers = [Purchase(name=f"n{n}", cart=f"n{n}", wants=((TEA, 1),)) for n in range(BUYERS)]
    carts = [fact for buyer in buyers for fact in buyer.filled()]
    await tills[0].write("open", *shop(units=UNITS), *carts)
    for till in tills:
        await till.ledger.load(name for name, _ in [*shop(), *carts])
    book.appends.clear()
    answers = await asyncio.gather(
        *(
            tills[n % 2].ledger.transact(cause(buyer.name), buyer.start(), begins=[buyer.checkout])
            for n, buyer in enumerate(buyers)
        ),
        return_exceptions=True,
    )
    assert Counter(type(answer) for answer in answers) == {
        Held: UNITS,
        InventoryUnavailable: BUYERS - UNITS,
    }
    assert len(book.appends) <= 40, book.appends
    auditor = IndependentReading()
    auditor.read(await postgres.read_page(0, 10_000))
    assert len(auditor.holds) == UNITS


async def test_a_command_sent_again_by_a_process_that_knows_nothing_is_answered_the_same(
    postgres: PostgresBook,
) -> None:
    first, second = Process(postgres), Process(postgres)
    await first.write("open", *shop())
    await second.state(TEA_STOCK)
    received = TEA_STOCK, StockReceived(sku=TEA.sku, quantity=1)
    held = [
        await process.ledger.transact(cause("once"), simply(received))
        for process in (first, second)
    ]
    assert held[0] == held[1]
    assert (await second.state(TEA_STOCK)).received == 11


async def test_a_command_that_the_book_cannot_take_fails_alone(postgres: PostgresBook) -> None:
    """Its actor is longer than the book takes; those it was batched with know nothing of it."""
    book = WatchedBook(postgres)
    till = Process(book)
    await till.write("open", *shop())
    book.open.clear()
    one_more = simply((TEA_STOCK, StockReceived(sku=TEA.sku, quantity=1)))
    endless = replace(cause("endless"), actor="staff:" + "a" * 300)
    causes = [cause("first"), cause("before"), endless, cause("after")]
    answers = asyncio.gather(
        *(till.ledger.transact(each, one_more) for each in causes), return_exceptions=True
    )
    await book.waiting.wait()
    book.open.set()
    kinds = [type(answer).__name__ for answer in await answers]
    assert kinds == ["Held", "Held", "CheckViolationError", "Held"]
    assert (await till.state(TEA_STOCK)).received == 10 + 3
