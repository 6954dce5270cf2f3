"""A command that waits for its answer: who wants it, and the rule that decides."""

import asyncio
from datetime import datetime

from msgspec import Struct

from src.commands.view import Decide
from src.events.envelope import Cause
from src.tracing import current


class Busy(Exception):
    """More is wished for than can be written now; nothing happened, come back later."""


class Held(Struct, frozen=True, gc=False):
    """A decision stands in the book."""

    position: int
    """The position at which it holds."""
    recorded_at: datetime


class Wish:
    """A decision that wants to be made and written."""

    __slots__ = ("attempts", "cause", "decide", "future", "span")

    def __init__(self, cause: Cause, decide: Decide) -> None:
        self.cause = cause
        self.decide = decide
        self.span = current()
        self.attempts = 0
        """How often the book has found that its streams had moved."""
        self.future: asyncio.Future[Held] = asyncio.get_running_loop().create_future()

    @property
    def is_answered(self) -> bool:
        """Whether it has its answer, or nobody waits any more: it is not decided again then."""
        return self.future.done()

    def settle(self, held: Held) -> None:
        """Tell whoever waits, if anybody still does."""
        if not self.future.done():
            self.future.set_result(held)

    def fail(self, error: BaseException) -> None:
        """Tell whoever waits that it did not happen, or that nobody knows."""
        if not self.future.done():
            self.future.set_exception(error)
