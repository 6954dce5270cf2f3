"""A story while it is told: what happened when, and which promises it showed."""

import time
from typing import Any, Protocol

from msgspec import Struct


class Moment(Struct, frozen=True):
    """One thing that happened, as a client saw it."""

    seconds: float
    """Since the story began."""
    state: str
    text: str


class Shown(Struct, frozen=True):
    """One promise, and what was seen of it from outside."""

    promise: str
    held: bool
    seen: str


class Listener(Protocol):
    """Whoever listens hears everything at once, not at the end."""

    def moment(self, moment: Moment) -> None: ...

    def shown(self, shown: Shown) -> None: ...


class Telling:
    """Told by a story, step by step."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._since = time.monotonic()
        self.kept = 0
        self.broken: list[Shown] = []

    def happened(self, state: str, text: str) -> None:
        """Say what happened, and in which state that leaves the session or the cart."""
        self._listener.moment(Moment(time.monotonic() - self._since, state, text))

    def promise(self, promise: str, seen: Any, expected: Any) -> None:  # noqa: ANN401 - any two answers
        """Hold what was seen against what was promised."""
        held = seen == expected
        shown = Shown(promise, held, "" if held else f"expected {expected!r}, saw {seen!r}")
        self._listener.shown(shown)
        if held:
            self.kept += 1
        else:
            self.broken.append(shown)
