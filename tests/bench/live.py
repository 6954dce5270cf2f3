"""A session's live events over one connection of its own, read line by line."""

import asyncio


class Live:
    """Server-Sent Events of one checkout session."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int, path: str, secret: str) -> "Live":
        """Begin to listen; returns once the shop has begun to answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        said = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Session-Id: {secret}\r\n\r\n"
        writer.write(said.encode())
        status = await reader.readline()
        if b" 200 " not in status:
            writer.close()
            raise ConnectionError(status.decode(errors="replace").strip())
        return cls(reader, writer)

    async def until(self, event: str) -> None:
        """Wait for an event of this name."""
        wanted = f"event: {event}".encode()
        while line := await self._reader.readline():
            if line.strip() == wanted:
                return
        raise ConnectionError("the events ended")

    def close(self) -> None:
        """Stop listening."""
        self._writer.close()
