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
    refusal: Exception | None
    """A Rejection, or a bug."""
    after: dict[Stream, Folded]
    """The streams that it writes to, as it leaves them."""
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
            for name, folded in draft.after.items():
                if self._changed.get(name) is folded:
                    del self._changed[name]

    def _folded(self, name: Stream) -> Folded:
        found = self._changed.get(name) or self._states.get(name)
        if found is None:
            raise NotLoaded(name)
        return found

    def _draft(self, wish: Wish) -> Draft:
        view = View(lambda name: self._folded(name).state, lambda name: self._folded(name).version)
        after: dict[Stream, Folded] = {}
        events, refusal = self._decided(wish, view, after)
        expected = [Expected(name, self._folded(name).version) for name in view.looked_at]
        entry = Entry(cause=wish.cause, expected=expected, events=events)
        if refusal is not None:
            return Draft(wish, refusal, {}, entry)
        self._changed |= after
        return Draft(wish, None, after, entry)

    def _decided(
        self, wish: Wish, view: View, after: dict[Stream, Folded]
    ) -> tuple[list[NewEvent], Exception | None]:
        try:
            facts = wish.decide(view)
            # A fact is folded into its stream, so that stream was looked at too.
            view.looked_at |= dict.fromkeys(name for name, _ in facts)
            events = [self._numbered(wish, n, fact, after) for n, fact in enumerate(facts)]
        except NotLoaded:
            raise
        except Exception as refusal:  # noqa: BLE001 - raised again for whoever waits, once confirmed
            return [], refusal
        return events, None

    def _numbered(
        self, wish: Wish, ordinal: int, fact: Fact, after: dict[Stream, Folded]
    ) -> NewEvent:
        name, event = fact
        folded = after[name] = (after.get(name) or self._folded(name)).after(event, name)
        kind = type(event).__name__
        return NewEvent(
            stream=name,
            version=folded.version,
            type=kind,
            schema_version=VERSIONS[kind],
            event_id=event_id(wish.cause.command_id, ordinal),
            payload=encode(event),
        )
