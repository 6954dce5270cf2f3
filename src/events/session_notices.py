"""Who in this process watches which session, and a call for each when it has news."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager, suppress

from src.events.channels import Channels

NOTICE_SEPARATOR = " "


def notices_channel(book: int) -> str:
    """Return the channel on which the sessions with news are called out, many in one message."""
    return f"khata:sessions:{book}"


class Watch:
    """One watcher; what is called while it is busy is not lost."""

    def __init__(self) -> None:
        self._called = asyncio.Event()

    def call(self) -> None:
        """Tell the watcher to look."""
        self._called.set()

    async def wait(self, timeout_seconds: float) -> None:
        """Return when called since the last return, or after the timeout."""
        with suppress(TimeoutError):  # then it is time to look without having been called
            async with asyncio.timeout(timeout_seconds):
                await self._called.wait()
        self._called.clear()


class SessionNotices:
    """The watchers of this process, by session; one connection to Redis serves them all."""

    def __init__(self, channels: Channels, book: int = 1) -> None:
        self._watches: dict[str, set[Watch]] = {}
        self.count = 0
        channels.on(notices_channel(book), self._heard)

    @contextmanager
    def watching(self, session_id: str) -> Generator[Watch]:
        """Watch a session for a while."""
        watch = Watch()
        self._watches.setdefault(session_id, set()).add(watch)
        self.count += 1
        try:
            yield watch
        finally:
            self.count -= 1
            self._leave(session_id, watch)

    def _leave(self, session_id: str, watch: Watch) -> None:
        watches = self._watches[session_id]
        watches.discard(watch)
        if not watches:
            del self._watches[session_id]

    def call_all(self) -> None:
        """Let every watcher look now."""
        self._heard(None)

    def _heard(self, said: bytes | None) -> None:
        sessions = list(self._watches) if said is None else said.decode(errors="replace").split()
        for session_id in sessions:
            for watch in self._watches.get(session_id, ()):
                watch.call()
