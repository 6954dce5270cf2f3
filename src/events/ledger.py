"""The book in PostgreSQL: dedicated connections, one round trip an append, and safe re-sending."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import cast
from uuid import UUID

from src.events.batch import APPEND, answer, arguments, stored
from src.events.connection import Connection, Row, connecting
from src.events.envelope import Appended, Entry, StoredEvent
from src.events.held_append import HeldAppend
from src.events.identifiers import Stream
from src.events.lines import Line, read_until_answered, until_answered
from src.events.ports import Reread
from src.events.statements import COMMAND, HEAD, PAGE, SIFTED, STREAM, STREAMS

READ_CONNECTIONS_MAX = 4
VERSION_MAX = 2**31 - 1


async def open_book(dsn: str, book: int = 1) -> "PostgresBook":
    """Open one shop's book; raises DatabaseUnavailableError when nobody answers."""
    connect = connecting(dsn, "khata")
    readers = [Line(connect, _prepare) for _ in range(READ_CONNECTIONS_MAX)]
    # Asked once, without patience: whoever starts us wants to hear it at once.
    await readers[-1].run(lambda connection: connection.fetchval(HEAD, book))
    return PostgresBook(Line(connect, _prepare), readers, book)


async def _prepare(connection: Connection) -> None:
    # The table may be young and without statistics: its indexes are right from the first row.
    await connection.execute("set jit = off; set enable_seqscan = off; set enable_bitmapscan = off")
    # Payloads stay the bytes that they are.
    await connection.set_type_codec(
        "json", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary"
    )


class PostgresBook:
    """One shop's gapless sequence of facts, as `khata.append` writes it."""

    def __init__(self, append_line: Line, read_lines: Sequence[Line], book: int) -> None:
        self._append_line = append_line
        # The last one back is the first one out: an idle shop uses one connection.
        self._read_lines: asyncio.LifoQueue[Line] = asyncio.LifoQueue(len(read_lines))
        for line in read_lines:
            self._read_lines.put_nowait(line)
        self._book = book

    async def append(self, entries: Sequence[Entry]) -> Appended:
        """Write what has not moved; after a loss the same entries are sent again.

        That is safe: what had been written answers `already written`. Raises
        OutcomeUnknownError if something was sent and no attempt was answered.
        """
        if not entries:
            return Appended(verdicts=[])
        given = arguments(self._book, entries)
        row = await until_answered(
            lambda: self._append_line.run(lambda connection: connection.fetchrow(APPEND, *given))
        )
        assert row is not None
        return answer(entries, row)

    async def append_holding(
        self, decide: Callable[[Reread], Awaitable[Sequence[Entry]]]
    ) -> Appended:
        """Append what is decided while nobody else can write; a loss is as in `append`."""
        held = HeldAppend(self._append_line, self._book, decide)
        return await until_answered(held.attempt)

    async def read_stream(
        self, stream: Stream, *, after: int = 0, up_to: int | None = None
    ) -> Sequence[StoredEvent]:
        """Return the stream's events with a version above `after`, oldest first."""
        last = VERSION_MAX if up_to is None else up_to
        return [stored(row) for row in await self._fetch(STREAM, stream, after, last)]

    async def read_streams(
        self, after: dict[Stream, int], *, each_max: int | None = None
    ) -> Sequence[StoredEvent]:
        """Return the events of several streams above each one's version, oldest first."""
        rows = await self._fetch(STREAMS, list(after), list(after.values()), each_max)
        return [stored(row) for row in rows]

    async def read_page(
        self, after: int, length: int, *, without: Sequence[str] = ()
    ) -> Sequence[StoredEvent]:
        """Return the events above `after` and at most `after + length`, the last one always."""
        given = (after, after + length)
        rows = await (
            self._fetch(SIFTED, *given, without) if without else self._fetch(PAGE, *given)
        )
        return [stored(row) for row in rows]

    async def head(self) -> int:
        """Return the last position, 0 for an empty book."""
        return cast("int", (await self._fetch(HEAD))[0][0])

    async def has_command(self, stream: Stream, command_id: UUID) -> int | None:
        """Return the last position that this command wrote to the stream, or None."""
        return cast("int | None", (await self._fetch(COMMAND, stream, command_id))[0][0])

    async def close(self) -> None:
        """Close every connection, each as soon as nobody uses it."""
        await self._append_line.close()
        for _ in range(self._read_lines.maxsize):
            await (await self._read_lines.get()).close()

    async def _fetch(self, query: str, *given: object) -> list[Row]:
        line = await self._read_lines.get()
        try:
            return await read_until_answered(
                lambda: line.run(lambda connection: connection.fetch(query, self._book, *given))
            )
        finally:
            self._read_lines.put_nowait(line)
