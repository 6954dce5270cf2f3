"""Given facts, when a rule decides, then exactly these facts, this refusal, or nothing new.

    given(*shop()).given(*one.filled()).when(one.start()).then(*one.begun())

After every step the whole little shop is checked against the promises that
must hold at every position of a book (tests/promises.py).
"""

from typing import Any

from immutables import Map

from src.commands.rejections import Rejection
from src.commands.view import Decide, Fact, View
from src.events.catalogue import fold_of
from src.events.identifiers import Stream
from tests.promises import check_promises

Streams = Map[Stream, Any]
NOTHING_YET: Streams = Map()


class Scenario:
    """A shop as some facts left it; it never changes, each step makes another one."""

    def __init__(self, streams: Streams = NOTHING_YET) -> None:
        self.streams = streams

    @property
    def view(self) -> View:
        """What a rule sees."""
        return View(lambda name: self.streams.get(name, fold_of(name).nothing_yet))

    def given(self, *facts: Fact) -> "Scenario":
        """Return the shop with these facts, which must leave every promise kept."""
        streams = self.streams
        for name, event in facts:
            fold = fold_of(name)
            streams = streams.set(name, fold.evolve(streams.get(name, fold.nothing_yet), event))
        check_promises(streams)
        return Scenario(streams)

    def when(self, decide: Decide) -> "Decided":
        """Let a rule decide."""
        try:
            return Decided(self, decide(self.view), None)
        except Rejection as refusal:
            return Decided(self, [], refusal)

    def after(self, *decisions: Decide) -> "Scenario":
        """Return the shop after these decisions, one after another; none may be refused."""
        scenario = self
        for decide in decisions:
            scenario = scenario.when(decide).shop
        return scenario


class Decided:
    """What a rule said."""

    def __init__(self, before: Scenario, facts: list[Fact], refusal: Rejection | None) -> None:
        self._before = before
        self.facts = facts
        self.refusal = refusal

    @property
    def shop(self) -> Scenario:
        """The shop with what was decided."""
        assert self.refusal is None, f"refused: {self.refusal}"
        return self._before.given(*self.facts)

    @property
    def kinds(self) -> list[str]:
        """The names of the facts."""
        assert self.refusal is None, f"refused: {self.refusal}"
        return [type(event).__name__ for _, event in self.facts]

    def then(self, *expected: Fact) -> Scenario:
        """Exactly these facts follow."""
        assert self.refusal is None, f"refused: {self.refusal}"
        assert self.facts == list(expected)
        return self.shop

    def then_kinds(self, *expected: str) -> Scenario:
        """Facts of exactly these kinds follow."""
        assert self.kinds == list(expected)
        return self.shop

    def then_nothing(self) -> Scenario:
        """Nothing is new."""
        return self.then()

    def then_refused(self, kind: type[Rejection], **fields: object) -> None:
        """The rule says no, for this reason and with these fields."""
        assert type(self.refusal) is kind, f"{self.refusal!r}, facts {self.facts}"
        assert {name: getattr(self.refusal, name) for name in fields} == fields


def given(*facts: Fact) -> Scenario:
    """Begin with a shop in which these facts happened."""
    return Scenario().given(*facts)
