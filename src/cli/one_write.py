"""A transport that writes once where a server writes twice: the head and the body of an answer.

Every write is a call to the kernel, and two for each answer were a sixth of the
API's time under load (`just bench`, DECISIONS.md).
"""

import asyncio
from typing import Any

UNREAD_SECONDS = 60.0
"""So long may a client leave unread what it was told; then its connection is worth more."""


class OneWrite:
    """Gathers what is written in one turn of the loop; everything else is the transport's own."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._gathered: list[bytes] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the transport has
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send this together with what else is written in this turn."""
        if not self._gathered:
            self._loop.call_soon(self._flush)
        self._gathered.append(data)

    def close(self) -> None:
        """Send what was written, then close; what nobody reads does not keep it open."""
        self._flush()
        self._transport.close()
        if self._transport.get_write_buffer_size():
            self.abort_later()

    def abort_later(self) -> asyncio.TimerHandle:
        """End the connection in UNREAD_SECONDS, whatever is unread by then."""
        return self._loop.call_later(UNREAD_SECONDS, self._transport.abort)

    def _flush(self) -> None:
        if self._gathered:
            gathered, self._gathered = self._gathered, []
            self._transport.write(b"".join(gathered))
