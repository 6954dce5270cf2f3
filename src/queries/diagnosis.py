"""Says what somebody must have done to a page whose leaves are not the ones expected.

An event's leaf covers its position. So an event that was moved is known by the
leaf that it has at the place where it belongs, and one event taken out or put
in is told from a thousand that merely had to move.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from src.events.findings import Finding, Kind, finding
from src.queries.stored_rows import StoredRow

SHIFT_MAX = 16
"""So many events in a row, taken out or put in, are recognised; more are named one by one."""
ASIDE_MAX = 200
"""So many altered events are compared with each other, to see which have changed places."""


class View(Struct, frozen=True, kw_only=True):
    """Rows by position, some of them beyond the page, and the leaves that are remembered."""

    book: int
    rows: Mapping[int, StoredRow]
    remembered: Mapping[int, bytes]
    """From the folder outside, as far as it reaches."""

    def belongs(self, position: int, place: int) -> bool:
        """Whether the event at a position is the one that was written at a place."""
        row = self.rows[position]
        leaf = row.leaf_at(self.book, place)
        if place in self.remembered:
            return leaf == self.remembered[place]
        # Its own leaf may have come along with it.
        there = self.rows.get(place)
        return leaf == row.kept or (there is not None and leaf == there.kept)

    def is_leaf_kept(self, position: int) -> bool:
        """Whether an event stands beside its own leaf."""
        row = self.rows[position]
        return row.leaf_at(self.book, position) == row.kept


class _Aside(Struct, frozen=True):
    view: View
    position: int

    def belongs_at(self, other: "_Aside") -> bool:
        row = self.view.rows[self.position]
        leaf = row.leaf_at(self.view.book, other.position)
        remembered = other.view.remembered.get(other.position)
        kept = other.view.rows[other.position].kept
        return leaf == remembered if remembered else leaf in {row.kept, kept}


class Diagnosis:
    """Goes through altered pages in order, and remembers how far events have moved."""

    def __init__(self, last_event: int) -> None:
        self.shift = 0
        """The event at p is the one that was written at p + shift."""
        self._last_event = last_event
        self._explained_to = 0
        self._aside: list[_Aside] = []

    def look(self, view: View, after: int, to: int) -> Iterator[Finding]:
        """Find what happened to a page; some of it is only known at the end."""
        missing: list[int] = []
        for position in range(after + 1, to + 1):
            if position not in view.rows:
                missing.append(position)
            elif position > self._explained_to:
                yield from self._look_at(view, position)
        # Where events have moved down, the places at the end are empty, and nothing more is lost.
        lost = [each for each in missing if not (self.shift > 0 and each > self._last_event)]
        for first, last in _runs(lost):
            yield finding(Kind.MISSING, first, "there is no event", last)

    def close(self) -> Iterator[Finding]:
        """Say what is known only now: which events have changed places, and which are others."""
        aside = self._aside
        while aside:
            one = aside.pop(0)
            other = next((o for o in aside if one.belongs_at(o) and o.belongs_at(one)), None)
            if other is None:
                yield _changed(one.view, one.position)
            else:
                aside.remove(other)
                words = "these two events have changed places"
                yield finding(Kind.SWAPPED, one.position, words, other.position)

    def _look_at(self, view: View, position: int) -> Iterator[Finding]:
        if view.belongs(position, position + self.shift):
            if not self.shift and not view.is_leaf_kept(position):
                yield finding(Kind.CHANGED, position, "the leaf beside the event is another")
            return
        if self.shift and view.belongs(position, position):
            self.shift = 0
            return
        moved = self._moved(view, position)
        if moved is not None:
            yield moved
        elif len(self._aside) < ASIDE_MAX:
            self._aside.append(_Aside(view, position))
        else:
            yield _changed(view, position)

    def _moved(self, view: View, position: int) -> Finding | None:
        for count in range(1, SHIFT_MAX + 1):
            if _follows(view, position, self.shift + count):
                first = position + self.shift
                self.shift += count
                words = "what was here was taken out, and what followed has moved down"
                return finding(Kind.MISSING, first, words, first + count - 1)
            if self._was_put_in(view, position, count):
                self.shift -= count
                self._explained_to = position + count - 1
                words = "it was put in, and what followed has moved up"
                return finding(Kind.INSERTED, position, words, self._explained_to)
        return None

    def _was_put_in(self, view: View, position: int, count: int) -> bool:
        shift = self.shift - count
        belongs_below = position + count in view.rows and _follows(view, position + count, shift)
        return belongs_below and not view.belongs(position, position + self.shift + count)


def _follows(view: View, position: int, shift: int) -> bool:
    """Whether an event and the next one, if there is one, both belong this far away."""
    places = [each for each in (position, position + 1) if each in view.rows]
    return all(each + shift > 0 and view.belongs(each, each + shift) for each in places)


def _changed(view: View, position: int) -> Finding:
    if view.is_leaf_kept(position):
        words = "another event stands there, with a leaf of its own, than was written"
    else:
        words = "the event's bytes do not give the leaf that was written with them"
    return finding(Kind.CHANGED, position, words)


def _runs(positions: list[int]) -> Iterator[tuple[int, int]]:
    """Join positions that stand side by side."""
    first = last = 0
    for position in positions:
        if first and position == last + 1:
            last = position
            continue
        if first:
            yield first, last
        first = last = position
    if first:
        yield first, last
