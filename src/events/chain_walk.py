"""Walks along the appends: each root from its leaves, each chain from the one before."""

from collections.abc import Iterator, Sequence

from src.events.findings import Finding, Kind, finding
from src.events.hashed_page import AppendRow
from src.events.leaf import EMPTY_CHAIN, chain, root


class ChainWalk:
    """Stands where an append ended; leaves after it wait for their append."""

    def __init__(self, last: int = 0, chain_there: bytes = EMPTY_CHAIN) -> None:
        self.last = last
        self.chain = chain_there
        self.ends: dict[int, bytes] = {}
        """The chain at the ends of the appends that the last page held."""
        self._waiting: list[bytes] = []

    def take(self, leaves: Sequence[bytes], appends: Sequence[AppendRow]) -> list[Finding]:
        """Go on over a page; after a finding it goes on as if the append were right."""
        self._waiting += leaves
        self.ends.clear()
        return [each for append in appends for each in self._step(append)]

    def _step(self, append: AppendRow) -> Iterator[Finding]:
        here = self.last + 1
        length = max(append.last - self.last, 0)
        mine, self._waiting = self._waiting[:length], self._waiting[length:]
        if append.first != here:
            words = f"the append of {append.first} to {append.last} does not begin at {here}"
            yield finding(Kind.APPEND, min(here, append.first), words, append.last)
        elif root(mine) != append.root:
            words = "the append's root is not the one over its events"
            yield finding(Kind.APPEND, append.first, words, append.last)
        elif chain(self.chain, append.root, append.first, append.last) != append.chain:
            words = "the append's chain does not follow from the one before"
            yield finding(Kind.APPEND, append.first, words, append.last)
        self.last, self.chain = append.last, append.chain
        self.ends[append.last] = append.chain
