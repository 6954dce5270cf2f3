"""What is decided while the book is held: each is told once, and nothing is written twice."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from src.commands.group_commit import HOLD_ATTEMPTS
from src.commands.view import Fact, NotLoaded
from src.commands.wish import Held, Wish
from src.events.envelope import Appended, Entry, StoredEvent
from src.events.identifiers import STOCK, Stream, stream
from src.events.ports import Reread
from src.events.stock import StockReceived
from src.events.upcasters import UnknownFactError
from tests.factories import CUP, TEA, shop
from tests.memory import MemoryBook
from tests.processes import Process, WatchedBook, cause, simply

pytestmark = pytest.mark.anyio
TEA_STOCK, CUP_STOCK = stream(STOCK, TEA.sku), stream(STOCK, CUP.sku)
ONE_TEA = TEA_STOCK, StockReceived(sku=TEA.sku, quantity=1)
ONE_CUP = CUP_STOCK, StockReceived(sku=CUP.sku, quantity=1)


class PatientBook(WatchedBook):
    """While it is held, something happens before anything is read again."""

    before_reread: Callable[[], Awaitable[object]]

    async def append_holding(
        self, decide: Callable[[Reread], Awaitable[Sequence[Entry]]]
    ) -> Appended:
        async def reread(after: dict[Stream, int]) -> Sequence[StoredEvent]:
            await self.before_reread()
            return await self.book.read_streams(after)

        return await self.append(await decide(reread))


@pytest.fixture
def book() -> PatientBook:
    return PatientBook(MemoryBook())


@pytest.fixture
async def process(book: PatientBook) -> Process:
    process = Process(book)
    await process.write("open", *shop())
    return process


def stubborn(name: str, fact: Fact) -> Wish:
    """Return a wish that was refused so often that the book is held for it."""
    wish = Wish(cause(name), simply(fact))
    wish.attempts = HOLD_ATTEMPTS
    return wish


async def test_what_comes_again_with_the_state_that_it_missed_is_not_written_twice(
    book: PatientBook, process: Process
) -> None:
    process.states.forget([TEA_STOCK])
    loaded = asyncio.Event()
    book.before_reread = loaded.wait

    async def client() -> None:
        with pytest.raises(NotLoaded):
            await process.writer.submit(stubborn("tea", ONE_TEA))
        await process.ledger.load([TEA_STOCK])
        loaded.set()
        await process.write("tea", ONE_TEA)

    waiting = asyncio.create_task(client())
    await asyncio.sleep(0)  # it runs until it waits, and by then it has queued
    await asyncio.gather(waiting, process.writer.submit(stubborn("cup", ONE_CUP)))
    events = await book.read_stream(TEA_STOCK)
    assert [event.command_id for event in events].count(cause("tea").command_id) == 1


@pytest.mark.parametrize(
    ("wishes", "answer"), [(1, UnknownFactError), (3, Held)], ids=["told", "written alone"]
)
async def test_nobody_waits_for_ever_when_something_cannot_be_read(
    book: PatientBook, process: Process, wishes: int, answer: type[object]
) -> None:
    async def read_what_a_newer_khata_wrote() -> None:
        raise UnknownFactError("written by a newer Khata")

    book.before_reread = read_what_a_newer_khata_wrote
    waiting = [process.writer.submit(stubborn(f"n{n}", ONE_TEA)) for n in range(wishes)]
    await process.ledger.finish()
    assert all(each.done() for each in waiting)
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(each) for each in answers} == {answer}
