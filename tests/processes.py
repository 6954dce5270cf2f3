"""Processes of Khata on one book: each with states of its own, as old as they happen to be."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from src.commands.decisions.people import account, claim_guests
from src.commands.group_commit import GroupCommit
from src.commands.states import States
from src.commands.transact import Ledger
from src.commands.view import Decide, Fact, View
from src.events.envelope import Appended, Cause, Entry, StoredEvent
from src.events.identifiers import Stream, named
from src.events.ports import Book, Reread, Snapshots


def cause(name: str) -> Cause:
    """Return a cause that follows from a name: the same name is the same command."""
    command = named("test", name)
    return Cause(command_id=command, correlation_id=command, actor="khata:test")


def claimed_all(view: View, customer_id: str) -> list[Fact]:
    """Give an account every guest of its mailbox, as if each had bought and it was proven."""
    guests = view.mailbox(account(view, customer_id).mailbox).guests
    return claim_guests(view, customer_id, guests)


def simply(*facts: Fact) -> Decide:
    """Return a rule without conditions; it looks at what it writes, once."""

    def decide(view: View) -> list[Fact]:
        for name, _ in facts:
            view.state(name)
        return list(facts)

    return decide


class NoSnapshots:
    """Keeps nothing: every stream is folded from its birth."""

    async def find(self, stream: Stream) -> tuple[int, Any] | None:
        """Find nothing."""
        del stream
        return None

    def offer(self, stream: Stream, version: int, state: object) -> None:
        """Let it pass."""


NO_SNAPSHOTS = NoSnapshots()


class Process:
    """One process, just started."""

    def __init__(
        self, book: Book, streams_max: int = 1_000, snapshots: Snapshots = NO_SNAPSHOTS
    ) -> None:
        self.states = States(streams_max, snapshots.offer)
        self.published: list[int] = []
        self.writer = GroupCommit(book, self.states, self.published.append)
        self.ledger = Ledger(book, self.states, self.writer, snapshots)

    async def write(self, name: str, *facts: Fact) -> None:
        await self.ledger.transact(cause(name), simply(*facts))

    async def state(self, name: Stream) -> Any:  # noqa: ANN401 - the state of any stream
        return await self.ledger.look(lambda view: view.state(name))


class WatchedBook:
    """A book that counts round trips, can keep an append waiting, and can break down."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.appends: list[int] = []
        """How many commands each append had."""
        self.holds = 0
        self.reads = 0
        self.open = asyncio.Event()
        self.open.set()
        self.waiting = asyncio.Event()
        """Set while an append waits."""
        self.failure: Exception | None = None
        self.before_append: Callable[[], Any] | None = None

    async def append(self, entries: Sequence[Entry]) -> Appended:
        self.appends.append(len(entries))
        self.waiting.set()
        await self.open.wait()
        self.waiting.clear()
        if self.before_append is not None:
            await self.before_append()
        if self.failure is not None:
            raise self.failure
        return await self.book.append(entries)

    async def append_holding(
        self, decide: Callable[[Reread], Awaitable[Sequence[Entry]]]
    ) -> Appended:
        self.holds += 1
        return await self.book.append_holding(decide)

    async def read_stream(
        self, stream: Stream, *, after: int = 0, up_to: int | None = None
    ) -> Sequence[StoredEvent]:
        self.reads += 1
        return await self.book.read_stream(stream, after=after, up_to=up_to)

    async def read_streams(
        self, after: dict[Stream, int], *, each_max: int | None = None
    ) -> Sequence[StoredEvent]:
        self.reads += 1
        await asyncio.sleep(0)  # a real book lets the others go on meanwhile
        return await self.book.read_streams(after, each_max=each_max)

    async def read_page(
        self, after: int, length: int, *, without: Sequence[str] = ()
    ) -> Sequence[StoredEvent]:
        return await self.book.read_page(after, length, without=without)

    async def head(self) -> int:
        return await self.book.head()

    async def has_command(self, stream: Stream, command_id: UUID) -> int | None:
        return await self.book.has_command(stream, command_id)
