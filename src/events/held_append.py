"""An append that is decided while the book is held: nobody else can write meanwhile."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from src.events.batch import APPEND, answer, arguments, stored
from src.events.connection import Connection
from src.events.envelope import Appended, Entry, StoredEvent
from src.events.identifiers import Stream
from src.events.lines import ConnectionLostError, Line
from src.events.ports import DatabaseUnavailableError, Reread
from src.events.statements import STREAMS

HOLD_IDLE_MAX = timedelta(seconds=5)
"""A process that stops in the middle lets the others go on after so long."""
_HOLD = "select khata.hold($1, $2)"


class HeldAppend:
    """One append; `attempt` may be repeated after a loss."""

    def __init__(
        self, line: Line, book: int, decide: Callable[[Reread], Awaitable[Sequence[Entry]]]
    ) -> None:
        self._line = line
        self._book = book
        self._decide = decide
        self._sent: Sequence[Entry] | None = None

    async def attempt(self) -> Appended:
        """Hold, decide and append; what was sent once is only sent again, never decided again."""
        if self._sent is not None:
            sent = self._sent
            return await self._line.run(lambda connection: self._append(connection, sent))
        try:
            return await self._line.run(self._held)
        except ConnectionLostError as error:
            if self._sent is None:
                raise DatabaseUnavailableError("lost before anything was sent") from error
            raise

    async def _held(self, connection: Connection) -> Appended:
        async def reread(after: dict[Stream, int]) -> Sequence[StoredEvent]:
            rows = await connection.fetch(
                STREAMS, self._book, list(after), list(after.values()), None
            )
            return [stored(row) for row in rows]

        async with connection.transaction():
            await connection.execute(_HOLD, self._book, HOLD_IDLE_MAX)
            entries = await self._decide(reread)
            if not entries:
                return Appended(verdicts=[])
            self._sent = entries
            return await self._append(connection, entries)

    async def _append(self, connection: Connection, entries: Sequence[Entry]) -> Appended:
        row = await connection.fetchrow(APPEND, *arguments(self._book, entries))
        assert row is not None
        return answer(entries, row)
