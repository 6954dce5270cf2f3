"""At whatever question the wire is cut, before it or after the commit: it is written once."""

from collections.abc import Awaitable, Callable

import pytest

from src.events.envelope import Appended, Entry, Outcome
from src.events.identifiers import Stream
from src.events.ledger import PostgresBook, open_book
from src.events.lines import ConnectionLostError
from src.events.ports import DatabaseUnavailableError, Reread
from tests.cut_wire import Cut, CutWire
from tests.databases import BookDatabase
from tests.events.entries import entry

pytestmark = pytest.mark.anyio

Send = Callable[[PostgresBook, str], Awaitable[Appended]]
SHARED = Stream("stock-1")


async def append(book: PostgresBook, command: str) -> Appended:
    """Append behind what the stream has, as far as we know."""
    version = len(await book.read_stream(SHARED))
    return await book.append([entry(command, (SHARED, version, 1))])


async def hold(book: PostgresBook, command: str) -> Appended:
    """Append behind what the stream has, and let nobody write meanwhile."""

    async def decide(reread: Reread) -> list[Entry]:
        return [entry(command, (SHARED, len(await reread({SHARED: 0})), 1))]

    return await book.append_holding(decide)


@pytest.mark.parametrize("send", [append, hold])
@pytest.mark.parametrize("cut", list(Cut))
async def test_what_is_cut_anywhere_is_written_once(
    book_database: BookDatabase, send: Send, cut: Cut
) -> None:
    quiet = CutWire(book_database.app_url, {})
    await _sent(quiet, send, "nothing is cut")
    for question in range(1, quiet.questions + 1):
        wire = CutWire(book_database.app_url, {question: cut})
        answer = await _sent(wire, send, f"cut at {question}")
        assert wire.made == [cut]
        assert answer.verdicts[0].outcome is not Outcome.MOVED
        assert answer.verdicts[0].position == question + 1
    book = await open_book(book_database.app_url)
    events = await book.read_page(0, 1_000)
    assert [event.version for event in events] == [*range(1, quiet.questions + 2)]
    assert len({event.command_id for event in events}) == len(events)
    await book.close()


async def _sent(wire: CutWire, send: Send, command: str) -> Appended:
    book = await _opened(await wire.open())
    answer = await send(book, command)
    await book.close()
    await wire.close()
    return answer


async def _opened(url: str) -> PostgresBook:
    try:
        return await open_book(url)
    except (ConnectionLostError, DatabaseUnavailableError):  # it is asked without patience
        return await open_book(url)
