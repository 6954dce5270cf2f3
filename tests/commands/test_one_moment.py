"""A question is answered from one moment, whatever else its process reads and writes meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from src.commands import folding
from src.commands.view import View
from src.events.envelope import StoredEvent
from src.events.identifiers import STOCK, Stream, stream
from src.events.stock import StockReceived
from tests.factories import CUP, TEA, shop
from tests.memory import MemoryBook
from tests.processes import Process

pytestmark = pytest.mark.anyio
TEA_STOCK, CUP_STOCK = stream(STOCK, TEA.sku), stream(STOCK, CUP.sku)
ONE_EACH = [
    (TEA_STOCK, StockReceived(sku=TEA.sku, quantity=1)),
    (CUP_STOCK, StockReceived(sku=CUP.sku, quantity=1)),
]


class SlowBook(MemoryBook):
    """A book whose answer to a question about two streams stays on the way for a while."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self.arrive = asyncio.Event()

    async def read_streams(
        self, after: dict[Stream, int], *, each_max: int | None = None
    ) -> Sequence[StoredEvent]:
        answer = await super().read_streams(after, each_max=each_max)
        if len(after) > 1 and not self.asked.is_set():
            self.asked.set()
            await self.arrive.wait()
        return answer


async def test_an_answer_that_was_overtaken_in_part_is_not_mixed_with_the_news() -> None:
    book = SlowBook()
    await Process(book).write("open", *shop())
    here = Process(book)

    def both(view: View) -> tuple[int, int]:
        return view.stock(TEA.sku).received, view.stock(CUP.sku).received

    slow = asyncio.create_task(here.ledger.look(both, needs=[TEA_STOCK, CUP_STOCK]))
    await book.asked.wait()
    await Process(book).write("one each", *ONE_EACH)
    await here.state(TEA_STOCK)
    book.arrive.set()
    assert await slow == (10, 10), "as it was when the book answered"


class OvertakenBook(MemoryBook):
    """A book whose next answer about a tail is overtaken by what is written meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    async def read_streams(
        self, after: dict[Stream, int], *, each_max: int | None = None
    ) -> Sequence[StoredEvent]:
        answer = await super().read_streams(after, each_max=each_max)
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        return answer


async def test_what_is_written_while_the_book_confirms_is_no_part_of_the_answer() -> None:
    """Another process writes to one stream and we to the other: neither may be seen alone."""
    book = OvertakenBook()
    await Process(book).write("open", *shop())
    here, there = Process(book), Process(book)

    def both(view: View) -> tuple[int, int]:
        return view.stock(TEA.sku).received, view.stock(CUP.sku).received

    assert await here.ledger.look(both) == (10, 10)

    async def theirs_then_ours() -> None:
        await there.write("theirs", ONE_EACH[1])
        await here.write("ours", ONE_EACH[0])

    book.meanwhile = theirs_then_ours
    assert await here.ledger.look(both) == (10, 10)
    assert await here.ledger.look(both) == (11, 11)


async def test_a_long_stream_is_folded_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "TURN_EVENTS", 10)
    book, turns = MemoryBook(), 0
    received = [(TEA_STOCK, StockReceived(sku=TEA.sku, quantity=1))] * 100
    await Process(book).write("open", *shop(), *received)

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    waiting = asyncio.create_task(others())
    assert (await Process(book).state(TEA_STOCK)).received == 110
    waiting.cancel()
    assert turns >= 10
