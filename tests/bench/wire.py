"""One kept-alive HTTP/1.1 connection, as cheap as Python can ask: one question at a time."""

import asyncio
from typing import Any, cast

import httptools
import msgspec

ANSWER_SECONDS_MAX = 20.0


class LostError(Exception):
    """The connection ended before the answer did."""


class Wire(asyncio.Protocol):
    """Sends a request and waits for the whole answer."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answered: asyncio.Future[tuple[int, bytes]] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body = b""

    @classmethod
    async def open(cls, port: int) -> "Wire":
        """Connect to a server of this machine."""
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(cls, "127.0.0.1", port)
        return wire

    async def ask(
        self, method: str, path: str, body: object = None, session: str | None = None
    ) -> tuple[int, Any]:
        """Return the status and the decoded JSON of the answer."""
        raw = b"" if body is None else msgspec.json.encode(body)
        said = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
        if body is not None:
            said += ["Content-Type: application/json", f"Content-Length: {len(raw)}"]
        if session is not None:
            said.append(f"X-Session-Id: {session}")
        assert self._transport is not None
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write("\r\n".join([*said, "\r\n"]).encode() + raw)
        status, answer = await asyncio.wait_for(self._answered, ANSWER_SECONDS_MAX)
        return status, msgspec.json.decode(answer)

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(LostError(str(exc)))

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        status, body = self._parser.get_status_code(), self._body
        self._parser, self._body = httptools.HttpResponseParser(self), b""
        if self._answered is not None and not self._answered.done():
            self._answered.set_result((status, body))
