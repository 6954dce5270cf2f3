"""uvicorn's HTTP within limits: of a head's bytes, of the time for it, and of connections.

A head that is complete is judged by the application, which says 431 and 503 in
its own words; this is for those that never become a request: a head that only
ever grows, one that dribbles in, a connection that says nothing, and more
connections than there is room for. And for whoever asks and never reads.
"""

import asyncio
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from src.cli.one_write import OneWrite

HEAD_BYTES_MAX = 128 << 10
HEAD_SECONDS = 10.0
"""So long may a head take to arrive, and so long a connection may say nothing at first."""
CONNECTIONS_MAX = 4_096
"""Of one process, if it may have so many descriptors; each may hold a body of 64 KiB."""
_LAST = b"connection: close\r\ncontent-length: 0\r\n\r\n"
TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\n" + _LAST
TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\n" + _LAST
TOO_MANY = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\n" + _LAST


class BoundedHttp(HttpToolsProtocol):
    """Counts what arrives, and the time it takes, until the head of a request is complete."""

    connections_max = CONNECTIONS_MAX
    _in_head = False
    _head_bytes = 0
    _waiting: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        super().connection_made(cast("asyncio.Transport", OneWrite(transport, self.loop)))
        if len(self.connections) > self.connections_max:
            self._end_with(TOO_MANY)
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        self._is_read()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Much was said, and little of it is read."""
        self._unread = cast("OneWrite", self.transport).abort_later()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._is_read()
        super().resume_writing()

    def on_message_begin(self) -> None:
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._head_bytes += len(data)
        if not self._in_head and self._is_answering:
            self._wait_no_more()
        elif self._in_head and self._head_bytes > HEAD_BYTES_MAX:
            self._end_with(TOO_LARGE)
        elif self._waiting is None:  # What has ended uvicorn's own wait, and begun no request.
            self._wait()

    @property
    def _is_answering(self) -> bool:
        cycle = cast("RequestResponseCycle | None", self.cycle)  # None before the first request
        return cycle is not None and not cycle.response_complete

    def _is_read(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(HEAD_SECONDS, self._waited)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _waited(self) -> None:
        """End it; but an answer that is under way goes first, whatever was sent behind it."""
        self._waiting = None
        if self._is_answering:
            self._wait()
        else:
            self._end_with(TOO_SLOW if self._in_head else b"")

    def _end_with(self, said: bytes) -> None:
        self._wait_no_more()
        if not self.transport.is_closing():
            if said:
                self.transport.write(said)
            self.transport.close()
