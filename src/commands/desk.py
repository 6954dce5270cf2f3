"""Where decisions are made, one after another, each on the states that the earlier leave."""

from collections.abc import Sequence

from msgspec import Struct

from src.commands.states import Folded, States
from src.commands.view import Fact, NotLoaded, View
from src.commands.wish import Wish
from src.events.catalogue import VERSIONS
from src.events.codec import encode
from src.events.envelope import Entry, Expected, NewEvent
from src.events.identifiers import Stream, event_id


class Draft(Struct, frozen=True):
    """A decision that was made, on its way to the book."""

    wish: Wish
    facts: list[Fact]
    refusal: Exception | None
    """A Rejection, or a bug."""
    entry: Entry


class Desk:
    """The drafts that wait.

    They are made on what is at hand, and on top of it on every draft before
    them, also those that are in flight. What is in flight may come to nothing:
    then these come to nothing too, for the book checks every version that they
    were made on.
    """

    def __init__(self, states: States) -> None:
        self.drafts: list[Draft] = []
        self._changed: dict[Stream, Folded] = {}
        self._states = states

    def take(self, wish: Wish) -> None:
        """Decide it; the wish hears if a state is missing, or if its rule breaks."""
        try:
            self.drafts.append(self._draft(wish))
        except NotLoaded as missing:
            wish.fail(missing)
        except Exception as bug:  # noqa: BLE001 - a bug in one rule must not take its neighbours along
            wish.fail(bug)

    def take_off(self, count: int) -> list[Draft]:
        """Let the first drafts go; those after them still count on them."""
        gone, self.drafts = self.drafts[:count], self.drafts[count:]
        return gone

    def landed(self, drafts: Sequence[Draft]) -> None:
        """Forget what these left behind: it is in the book, and with the states at hand."""
        for draft in drafts:
            for event in draft.entry.events:
                changed = self._changed.get(event.stream)
                if changed is not None and changed.version == event.version:
                    del self._changed[event.stream]

    def _folded(self, name: Stream) -> Folded:
        found = self._changed.get(name) or self._states.get(name)
        if found is None:
            raise NotLoaded(name)
        return found

    def _draft(self, wish: Wish) -> Draft:
        view = View(lambda name: self._folded(name).state, lambda name: self._folded(name).version)
        changed: dict[Stream, Folded] = {}
        facts, events, refusal = self._decided(wish, view, changed)
        expected = [Expected(name, self._folded(name).version) for name in view.looked_at]
        if refusal is None:
            self._changed |= changed
        return Draft(
            wish, facts, refusal, Entry(cause=wish.cause, expected=expected, events=events)
        )

    def _decided(
        self, wish: Wish, view: View, changed: dict[Stream, Folded]
    ) -> tuple[list[Fact], list[NewEvent], Exception | None]:
        try:
            facts = wish.decide(view)
            # A fact is folded into its stream, so that stream was looked at too.
            view.looked_at |= dict.fromkeys(name for name, _ in facts)
            events = [self._numbered(wish, n, fact, changed) for n, fact in enumerate(facts)]
        except NotLoaded:
            raise
        except Exception as refusal:  # noqa: BLE001 - raised again for whoever waits, once confirmed
            return [], [], refusal
        return facts, events, None

    def _numbered(
        self, wish: Wish, ordinal: int, fact: Fact, changed: dict[Stream, Folded]
    ) -> NewEvent:
        name, event = fact
        after = (changed.get(name) or self._folded(name)).after(event, name)
        changed[name] = after
        kind = type(event).__name__
        return NewEvent(
            stream=name,
            version=after.version,
            type=kind,
            schema_version=VERSIONS[kind],
            event_id=event_id(wish.cause.command_id, ordinal),
            payload=encode(event),
        )
