"""A wire to PostgreSQL that is cut at planned questions: before they are sent, or after the commit.

A question is what the client sends in one go, counted over all connections of the wire.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

CHUNK_BYTES = 65_536


class Cut(StrEnum):
    """Where a question gets lost."""

    BEFORE = "before it was sent"
    AFTER = "after it was answered, and nobody heard"
    TORN = "in the middle of the answer"


class CutWire:
    """Listens on a port of its own and passes everything on, but for what is cut."""

    def __init__(self, url: str, cuts: Mapping[int, Cut]) -> None:
        self._url = urlsplit(url)
        self._cuts = cuts
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.questions = 0
        self.made: list[Cut] = []
        """The cuts that were met."""

    async def open(self) -> str:
        """Start listening and return the URL of this end."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        who = self._url.netloc.rpartition("@")[0]
        return urlunsplit(self._url._replace(netloc=f"{who}@127.0.0.1:{port}"))

    async def close(self) -> None:
        """Cut every connection, and accept no other."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        there, to_there = await asyncio.open_connection(self._url.hostname, self._url.port)
        answers = asyncio.create_task(_pass_on(there, writer))
        try:
            with suppress(ConnectionError):
                while question := await reader.read(CHUNK_BYTES):
                    self.questions += 1
                    cut = self._cuts.get(self.questions)
                    if cut is None:
                        to_there.write(question)
                        continue
                    self.made.append(cut)
                    answers.cancel()
                    await asyncio.gather(answers, return_exceptions=True)
                    await self._cut(cut, question, there, to_there, writer)
                    return
        finally:
            answers.cancel()
            await asyncio.gather(answers, return_exceptions=True)
            for end in (writer, to_there):
                end.transport.abort()
            self._tasks.discard(task)

    async def _cut(
        self,
        cut: Cut,
        question: bytes,
        there: asyncio.StreamReader,
        to_there: asyncio.StreamWriter,
        writer: asyncio.StreamWriter,
    ) -> None:
        if cut is Cut.BEFORE:
            return
        to_there.write(question)
        answer = await there.read(CHUNK_BYTES)
        if cut is Cut.TORN:
            writer.write(answer[: len(answer) // 2])
            await writer.drain()


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await source.read(CHUNK_BYTES):
            sink.write(chunk)
            await sink.drain()
    sink.close()
