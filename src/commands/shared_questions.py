"""Asking the same thing once, however many want to know it.

A question runs in a task of its own: whoever waits for it can go away without
taking the answer from the others, and so can all of them.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Key = TypeVar("Key")
Answer = TypeVar("Answer")


class SharedQuestions(Generic[Key, Answer]):
    """The questions under way, each once at a time."""

    def __init__(self) -> None:
        self._under_way: dict[Key, asyncio.Task[Answer]] = {}

    async def ask(self, key: Key, question: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """Wait for the answer to what is already asked under this key, or ask.

        A failure is raised in everybody who waits.
        """
        asked = self._under_way.get(key)
        if asked is None:
            asked = self._under_way[key] = asyncio.create_task(question())
            asked.add_done_callback(lambda done: self._let_go(key, done))
        # Waited for, not awaited: whoever is cancelled leaves the question alone.
        await asyncio.wait([asked])
        return asked.result()

    async def finish(self, timeout_seconds: float) -> None:
        """Wait for the questions under way, however they end; give up those that take longer."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way.values(), timeout=timeout_seconds)
            for question in late:
                question.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _let_go(self, key: Key, asked: asyncio.Task[Answer]) -> None:
        """Ask anew from now on; a failure counts as seen, even if nobody is left to hear it."""
        del self._under_way[key]
        if not asked.cancelled():
            asked.exception()
