"""The states of streams that this process has at hand, each at the version it was folded to.

Nothing here is ever trusted: the book checks the version of every state that a
decision was made on, and says what was missed. So a state may be old, and may
be forgotten at any moment.
"""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct

from src.commands.view import NotLoaded
from src.events.catalogue import fold_of
from src.events.codec import recorded
from src.events.envelope import Expected, StoredEvent
from src.events.identifiers import Stream

STREAMS_MAX = 20_000
"""States kept at least; up to twice as many are."""
SNAPSHOT_EVENTS = 500
"""After so many more facts a stream's state is worth keeping outside this process."""

Offer = Callable[[Stream, int, object], None]
"""Takes a long stream's state, to be kept for other processes and other days."""


class Folded(Struct, frozen=True, gc=False):
    """A stream's state and the version it stands at."""

    version: int
    state: Any

    def after(self, event: object, name: Stream) -> "Folded":
        """Return the state after one more fact."""
        return Folded(self.version + 1, fold_of(name).evolve(self.state, event))


def unbegun(name: Stream) -> Folded:
    """Return the state of a stream without facts."""
    return Folded(0, fold_of(name).nothing_yet)


class States:
    """Two generations of states: what was not used since the last turn is forgotten at the next."""

    def __init__(
        self,
        streams_max: int = STREAMS_MAX,
        offer: Offer = lambda _stream, _version, _state: None,
    ) -> None:
        self._streams_max = streams_max
        self._offer = offer
        self._young: dict[Stream, Folded] = {}
        self._old: dict[Stream, Folded] = {}

    def get(self, name: Stream) -> Folded | None:
        """Return what is at hand of a stream."""
        found = self._young.get(name)
        if found is not None:
            return found
        found = self._old.pop(name, None)
        if found is not None:
            self.put(name, found)
        return found

    def state(self, name: Stream) -> Any:  # noqa: ANN401 - View gives the type
        """Return a stream's state; raises NotLoaded when it is not at hand."""
        found = self.get(name)
        if found is None:
            raise NotLoaded(name)
        return found.state

    def version(self, name: Stream) -> int:
        """Return the version at which a stream is at hand; raises NotLoaded when it is not."""
        found = self.get(name)
        if found is None:
            raise NotLoaded(name)
        return found.version

    def stands_at(self, expected: Expected) -> bool:
        """Whether a stream is at hand at this very version."""
        found = self.get(expected.stream)
        return found is not None and found.version == expected.version

    def put(self, name: Stream, folded: Folded) -> None:
        """Keep a state."""
        if len(self._young) >= self._streams_max:
            self._old, self._young = self._young, {}
        self._young[name] = folded

    def learn(self, name: Stream, folded: Folded) -> None:
        """Keep a state that was just folded, unless a newer one came meanwhile."""
        found = self.get(name)
        if found is None or found.version < folded.version:
            self.put(name, folded)

    def forget(self, names: Iterable[Stream]) -> None:
        """Drop states that may be wrong."""
        for name in names:
            self._young.pop(name, None)
            self._old.pop(name, None)

    def advance(self, name: Stream, version: int, event: object) -> None:
        """Fold one more fact in, if it is the next one; a gap forgets the stream."""
        found = self.get(name)
        if found is None or version <= found.version:
            return
        if version > found.version + 1:
            self.forget([name])
            return
        self.grown(name, found.after(event, name))

    def grown(self, name: Stream, folded: Folded) -> None:
        """Keep a state that more facts were folded into, unless a newer one is at hand."""
        found = self.get(name)
        known = 0 if found is None else found.version
        if folded.version <= known:
            return
        self.put(name, folded)
        if folded.version // SNAPSHOT_EVENTS > known // SNAPSHOT_EVENTS:
            self._offer(name, folded.version, folded.state)

    def advance_stored(self, events: Iterable[StoredEvent]) -> None:
        """Fold rows of the book in."""
        for stored in events:
            self.advance(stored.stream, stored.version, recorded(stored).event)

    def begin(self, names: Iterable[Stream]) -> None:
        """Take streams that are not at hand for new ones; the book corrects us if they are not."""
        for name in names:
            if self.get(name) is None:
                self.put(name, unbegun(name))
