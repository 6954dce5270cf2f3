"""An answer that costs as much as many requests: found once for all who ask for it meanwhile.

Anybody may ask for health and figures, as often as they like. So it is looked
again only some time after the last look; whoever asks sooner waits for that
next look together with all others, and hears nothing old.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Answer = TypeVar("Answer")


class SharedAnswer(Generic[Answer]):
    """One question, asked by one at a time."""

    def __init__(
        self,
        look: Callable[[], Coroutine[Any, Any, Answer]],
        *,
        apart_seconds: float,
        timeout_seconds: float,
    ) -> None:
        self._look = look
        self._apart_seconds = apart_seconds
        self._timeout_seconds = timeout_seconds
        self._looking: asyncio.Task[Answer] | None = None
        self._begins = float("-inf")

    async def get(self) -> Answer:
        """Return what is found, or raise what was raised; TimeoutError when it takes too long.

        The look itself goes on then, because whatever hangs may keep even its
        cancellation waiting. Until it has ended, everybody is told at once.
        """
        now = asyncio.get_running_loop().time()
        looking = self._looking
        if looking is None or looking.done():
            looking = self._looking = self._begun(now)
        patience = self._begins + self._timeout_seconds - now
        if patience > 0:
            await asyncio.wait([looking], timeout=patience)
        if not looking.done():
            raise TimeoutError
        return looking.result()

    def _begun(self, now: float) -> asyncio.Task[Answer]:
        self._begins = max(now, self._begins + self._apart_seconds)
        looking = asyncio.create_task(self._look_in(self._begins - now))
        looking.add_done_callback(_heard)
        return looking

    async def _look_in(self, seconds: float) -> Answer:
        if seconds > 0:
            await asyncio.sleep(seconds)
        return await self._look()


def _heard(looking: asyncio.Task[Any]) -> None:
    """A failure counts as seen, even if nobody waited for it so long."""
    if not looking.cancelled():
        looking.exception()
