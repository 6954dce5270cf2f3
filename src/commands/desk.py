"""Where decisions are made, one after another, each on the states that the earlier leave."""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from src.commands.states import Folded, States
from src.commands.view import Fact, NotLoaded, View
from src.commands.wish import Wish
from src.events.catalogue import VERSIONS
from src.events.codec import encode
from src.events.envelope import Entry, Expected, NewEvent
from src.events.identifiers import Stream, event_id

NOTHING_IN_FLIGHT: Mapping[Stream, Folded] = MappingProxyType({})


class Draft(Struct, frozen=True):
    """A decision that was made, on its way to the book."""

    wish: Wish
    facts: list[Fact]
    refusal: Exception | None
    """A Rejection, or a bug."""
    entry: Entry


class Desk:
    """One batch's drafts.

    They are made on what is at hand, on top of it the facts of the batch that
    is in flight, and on top of those the batch's own. What is in flight may
    come to nothing: then these drafts do too, for the book checks every
    version that they were made on.
    """

    def __init__(
        self, states: States, in_flight: Mapping[Stream, Folded] = NOTHING_IN_FLIGHT
    ) -> None:
        self.drafts: list[Draft] = []
        self.changed: dict[Stream, Folded] = {}
        self._in_flight = in_flight
        self._states = states

    def take(self, wish: Wish) -> None:
        """Decide it; the wish hears if a state is missing, or if its rule breaks."""
        try:
            self.drafts.append(self._draft(wish))
        except NotLoaded as missing:
            wish.fail(missing)
        except Exception as bug:  # noqa: BLE001 - a bug in one rule must not take its neighbours along
            wish.fail(bug)

    def landed(self) -> None:
        """What was in flight is in the book, and with the states at hand."""
        self._in_flight = NOTHING_IN_FLIGHT

    def _folded(self, name: Stream) -> Folded:
        found = self.changed.get(name) or self._in_flight.get(name) or self._states.get(name)
        if found is None:
            raise NotLoaded(name)
        return found

    def _draft(self, wish: Wish) -> Draft:
        view = View(lambda name: self._folded(name).state, lambda name: self._folded(name).version)
        changed: dict[Stream, Folded] = {}
        facts, events, refusal = self._decided(wish, view, changed)
        expected = [Expected(name, self._folded(name).version) for name in view.looked_at]
        if refusal is None:
            self.changed |= changed
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
