"""Books whose facts happen when the test says so, and the real read models fed from them."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from typing import NamedTuple
from uuid import uuid5

from msgspec import Struct

from src.events.codec import encode
from src.events.connection import Connection, connecting
from src.events.envelope import Cause, Entry, Expected, NewEvent, Outcome, StoredEvent
from src.events.identifiers import KHATA_NAMESPACE, Stream, event_id
from src.projections import checkpoints
from src.projections.catalogue import PROJECTIONS
from src.projections.runner import Runner
from tests.memory import MemoryBook
from tests.projections.facts import Fact

_numbers = count(1)


class Moment(NamedTuple):
    """Facts that are recorded at the same time."""

    at: datetime
    facts: Sequence[Fact]


class ToldBook:
    """A book in memory, and its read models under a number of their own in a real database."""

    def __init__(self, url: str, db: Connection, number: int) -> None:
        self.db = db
        self.number = number
        self._now = datetime(2000, 1, 1, tzinfo=UTC)
        self._book = MemoryBook(lambda: self._now)
        self._runner = Runner(self._book, connecting(url, "khata test"), number)
        self._versions: Counter[str] = Counter()

    async def tell(self, moments: Iterable[Moment]) -> None:
        """Append what happens, each moment's facts as one append."""
        for at, facts in moments:
            self._now = at
            appended = await self._book.append([self._entry(facts)])
            assert appended.verdicts[0].outcome is Outcome.WRITTEN

    async def feed(self) -> None:
        """Bring every read model to the head, and see that it got there."""
        await self._runner.catch_up()
        places = await checkpoints.load(self.db, self.number)
        head = await self._book.head()
        assert {(each.NAME, places[each.NAME, each.VERSION].position) for each in PROJECTIONS} == {
            (each.NAME, head) for each in PROJECTIONS
        }

    async def events(self) -> Sequence[StoredEvent]:
        """Return everything that happened."""
        return await self._book.read_page(0, await self._book.head())

    async def close(self) -> None:
        """Let go of the runner's connection."""
        await self._runner.close()

    def _entry(self, facts: Sequence[Fact]) -> Entry:
        command = uuid5(KHATA_NAMESPACE, f"told {sum(self._versions.values())}")
        expected = [Expected(Stream(name), self._versions[name]) for name, _ in facts]
        return Entry(
            cause=Cause(command_id=command, correlation_id=command, actor="khata:test"),
            expected=list({each.stream: each for each in reversed(expected)}.values()),
            events=[self._event(name, fact) for name, fact in facts],
        )

    def _event(self, name: str, fact: Struct) -> NewEvent:
        self._versions[name] += 1
        return NewEvent(
            stream=Stream(name),
            version=self._versions[name],
            type=type(fact).__name__,
            schema_version=1,
            event_id=event_id(uuid5(KHATA_NAMESPACE, name), self._versions[name]),
            payload=encode(fact),
        )


@asynccontextmanager
async def told_book(url: str) -> AsyncIterator[ToldBook]:
    """Open an empty book; the database may hold others."""
    db = await connecting(url, "khata test")()
    book = ToldBook(url, db, next(_numbers))
    try:
        yield book
    finally:
        await book.close()
        await db.close()
