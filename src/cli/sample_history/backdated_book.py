"""The book as the sample writes it: by the owner, at simulated times, many appends a round trip.

Only the append function of the database says when a fact was recorded, and the
application cannot tell it otherwise. Here the owner's own connection makes a
second function from the definition of the first, which takes its time from its
caller, never later than the real clock. It is temporary: PostgreSQL keeps it in
a schema of this one session, into which no other role may look, and drops it
when the session ends, however it ends.

Nobody else writes, which is checked at every commit under the lock of the head.
So what an append will answer is known before it was sent.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, cast
from uuid import UUID

from src.cli.complaint import Complaint
from src.events.batch import arguments
from src.events.case import CaseOpened
from src.events.connection import Connection, connecting
from src.events.envelope import Appended, Entry, Outcome, StoredEvent, Verdict
from src.events.identifiers import Stream
from src.events.ledger import PostgresBook
from src.events.ports import Reread

TOGETHER = timedelta(seconds=1)
"""What is decided within it is one append, as in a shop with several customers at once."""
TOGETHER_MAX = 64
UNSENT_APPENDS_MAX = 400
CASE_OPENED = CaseOpened.__name__
SEND_TIMEOUT_SECONDS = 300.0


class OwnerConnection(Connection, Protocol):
    """A connection of the owner, which sends many calls at once."""

    async def executemany(self, command: str, args: Iterable[Sequence[object]]) -> None: ...


class SomebodyElseWroteError(Complaint):
    """The book has facts that the sample did not write."""

    def __init__(self) -> None:
        super().__init__(
            "somebody else writes to this book: stop every API and worker that uses it, and begin"
            " again with an empty one"
        )


class NotTheOwnerError(Complaint):
    """The application's role cannot say when a fact was recorded, and that is as it should be."""

    def __init__(self) -> None:
        super().__init__("khata sample needs the owner of the book: set KHATA_OWNER_DATABASE_URL")


async def open_owner_connection(owner_url: str) -> OwnerConnection:
    """Connect, and make the function that this session alone has."""
    opened = await connecting(owner_url, "khata sample", SEND_TIMEOUT_SECONDS)()
    if not await opened.fetchval(_MAY_WRITE):
        await opened.close()
        raise NotTheOwnerError
    await opened.execute(_SESSION)
    await opened.execute(_backdating(await opened.fetchval(_DEFINITION)))
    await opened.execute("revoke execute on function pg_temp.append from public")
    await opened.set_type_codec(
        "json", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary"
    )
    return cast("OwnerConnection", opened)


def _backdating(definition: str) -> str:
    """Return the definition of the same function with its time as one more argument."""
    for was, becomes in _CHANGES.items():
        if definition.count(was) != 1:
            raise AssertionError(f"khata.append has {was!r} not once: is it of another version?")
        definition = definition.replace(was, becomes)
    return definition


class BackdatedBook:
    """A book that is empty at first and has one writer; `clock` is the simulated one."""

    def __init__(
        self,
        connection: OwnerConnection,
        reading: PostgresBook,
        clock: Callable[[], datetime],
        book: int = 1,
    ) -> None:
        self._connection = connection
        self._reading = reading
        self._clock = clock
        self._book = book
        self.position = 0
        self._sent_position = 0
        self._together: list[Entry] = []
        self._together_since = clock()
        self._together_at = clock()
        self._unsent: list[tuple[object, ...]] = []
        self._flight: asyncio.Task[None] | None = None
        self._fresh: dict[Stream, int] = {}
        self._flying: dict[Stream, int] = {}
        """The last versions of streams that are not in the database yet."""
        self.written: Counter[str] = Counter()
        """How many facts there are of each type."""
        self.cases: list[Stream] = []
        """Where cases were opened that staff has not seen to."""

    async def append(self, entries: Sequence[Entry]) -> Appended:
        """Take what is decided now; it is sent with what is decided next."""
        at = self._clock()
        is_over = self._together_since + TOGETHER <= at or len(self._together) >= TOGETHER_MAX
        if self._together and is_over:
            self._close_append()
        if not self._together:
            self._together_since = at
        self._together_at = at
        verdicts = [self._taken(entry, at) for entry in entries]
        if len(self._unsent) >= UNSENT_APPENDS_MAX:
            await self._send()
        return Appended(verdicts=verdicts)

    async def flush(self) -> None:
        """Wait until everything that was decided is in the database."""
        await self._send()
        await self._landed()

    async def close(self) -> None:
        """Let go of what is on its way; whoever needs it has flushed."""
        if self._flight is not None:
            await asyncio.gather(self._flight, return_exceptions=True)

    async def append_holding(
        self,
        decide: Callable[[Reread], Awaitable[Sequence[Entry]]],
    ) -> Appended:
        """Nothing moves under the only writer, so nothing is ever decided a third time."""
        raise AssertionError(f"{decide} is to be decided while nobody else writes: nobody does")

    async def read_stream(
        self, stream: Stream, *, after: int = 0, up_to: int | None = None
    ) -> Sequence[StoredEvent]:
        """As the book does, with what was not sent yet."""
        await self.flush()
        return await self._reading.read_stream(stream, after=after, up_to=up_to)

    async def read_streams(
        self, after: dict[Stream, int], *, each_max: int | None = None
    ) -> Sequence[StoredEvent]:
        """As the book does; what is not sent yet is waited for only where it is asked for."""
        behind = {
            name: version for name, version in after.items() if self._is_behind(name, version)
        }
        if any(self._unsent_version(name) for name in behind):
            await self.flush()
        return await self._reading.read_streams(behind, each_max=each_max) if behind else []

    async def read_page(
        self, after: int, length: int, *, without: Sequence[str] = ()
    ) -> Sequence[StoredEvent]:
        """As the book does, with what was not sent yet."""
        await self.flush()
        return await self._reading.read_page(after, length, without=without)

    async def head(self) -> int:
        """Return the last position, also of what was not sent yet."""
        return self.position

    async def has_command(self, stream: Stream, command_id: UUID) -> int | None:
        """As the book does, with what was not sent yet."""
        await self.flush()
        return await self._reading.has_command(stream, command_id)

    def _is_behind(self, name: Stream, version: int) -> bool:
        """Whether there may be more of a stream; nobody but us could have written it."""
        return version == 0 or self._unsent_version(name) != version

    def _unsent_version(self, name: Stream) -> int | None:
        return self._fresh.get(name) or self._flying.get(name)

    def _taken(self, entry: Entry, at: datetime) -> Verdict:
        if entry.events:
            self._together.append(entry)
            self.position += len(entry.events)
            self.written.update(event.type for event in entry.events)
            self._fresh.update((event.stream, event.version) for event in entry.events)
            opened = [event.stream for event in entry.events if event.type == CASE_OPENED]
            self.cases += opened
        return Verdict(outcome=Outcome.WRITTEN, position=self.position, recorded_at=at)

    def _close_append(self) -> None:
        if self._together:
            self._unsent.append((self._together_at, *arguments(self._book, self._together)))
            self._together = []

    async def _send(self) -> None:
        """Let it go once what went before has landed; decisions go on meanwhile."""
        self._close_append()
        calls, self._unsent = self._unsent, []
        await self._landed()
        if calls:
            self._flying, self._fresh = self._fresh, {}
            before, self._sent_position = self._sent_position, self.position
            self._flight = asyncio.create_task(self._write(calls, before, self.position))

    async def _landed(self) -> None:
        if self._flight is not None:
            await self._flight  # One that failed stays: nothing can be written after it.
            self._flight, self._flying = None, {}

    async def _write(self, calls: list[tuple[object, ...]], before: int, after: int) -> None:
        async with self._connection.transaction():
            await self._stands_at(before)
            await self._connection.executemany(_APPEND, calls)
            await self._stands_at(after)

    async def _stands_at(self, position: int) -> None:
        """Hold the head; an append that found something moved would have left it behind."""
        if await self._connection.fetchval(_HELD_HEAD, self._book) != position:
            raise SomebodyElseWroteError


# A crash of the machine may cost the last moments of a sample; it is begun anew then.
_SESSION = """
    set synchronous_commit = off; set jit = off; set enable_seqscan = off;
    set enable_bitmapscan = off
"""
_MAY_WRITE = """
    select has_table_privilege('khata.books', 'update')
       and has_table_privilege('khata.events', 'insert')
"""
_DEFINITION = "select pg_get_functiondef('khata.append'::regproc)"
_CHANGES = {
    "FUNCTION khata.append(": "FUNCTION pg_temp.append(not_after timestamptz, ",
    "clock_timestamp()": "least(clock_timestamp(), not_after)",
}
_APPEND = (
    "select pg_temp.append($1, $2, $3, $4::text::int[], $5::text::int[], $6::text::int[],"
    " $7::text::int[], $8::text::int[], $9, $10::text::int[], $11, $12::text::smallint[],"
    " $13, $14, $15, $16, $17, $18, $19)"
)
_HELD_HEAD = "select position from khata.books where book = $1 for update"
