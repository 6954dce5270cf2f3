"""A wire to Redis that can be cut, or fall silent, and be mended again."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

CHUNK_BYTES = 65_536


class Proxy:
    """Listens on a port of its own, and passes on what it hears while it is let."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._port = 0
        self.connections = 0

    async def open(self) -> str:
        """Start listening and return the URL of this end."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        who = self._url.netloc.rpartition("@")[0]
        return urlunsplit(self._url._replace(netloc=f"{who}@127.0.0.1:{self._port}"))

    def fall_silent(self) -> None:
        """Take everything and pass on nothing."""
        self._flows.clear()

    def speak(self) -> None:
        """Pass on what was held back, and everything from now on."""
        self._flows.set()

    async def cut(self) -> None:
        """End every connection and accept no other."""
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        closed = (writer.wait_closed() for writer in self._writers)
        await asyncio.gather(*closed, return_exceptions=True)
        self._writers.clear()
        self._tasks.clear()
        self._server = None

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        accepting = asyncio.current_task()
        assert accepting is not None
        self._tasks.add(accepting)  # it may be cut before there is another end
        there = await asyncio.open_connection(self._url.hostname, self._url.port)
        self._writers.add(there[1])
        for source, sink in ((reader, there[1]), (there[0], writer)):
            self._tasks.add(asyncio.create_task(self._pass_on(source, sink)))

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while chunk := await source.read(CHUNK_BYTES):
                await self._flows.wait()
                sink.write(chunk)
                await sink.drain()
        sink.close()
