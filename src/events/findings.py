"""What can be wrong with the book, each with the positions that it is about."""

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from src.events.hashed_page import HashedPage


class Kind(StrEnum):
    """What somebody must have done, as far as the book shows it."""

    CHANGED = "changed"
    """The event there is not the one that was written."""
    MISSING = "missing"
    """Events that were written there are gone."""
    INSERTED = "inserted"
    """An event stands there that nobody appended."""
    SWAPPED = "swapped"
    """Two events, at `position` and at `last`, have changed places."""
    TRUNCATED = "truncated"
    """The book ends before a checkpoint that was signed."""
    APPEND = "append"
    """The appends over these positions do not follow from their events or from each other."""
    CHECKPOINT = "checkpoint"
    """The checkpoint of this size is not the notary's, or speaks of another book."""
    SUBTREE = "subtree"
    """A kept root of the tree is not the one over these positions."""
    TIME = "time"
    """The event was recorded before the one that stands before it."""
    VERSION = "version"
    """The event's version does not follow the one before it in its stream."""
    UNREADABLE = "unreadable"
    """The event there is of a kind, a version or a shape that cannot be read."""
    IMPOSSIBLE = "impossible"
    """The fact there could not have happened after the facts before it in its stream."""
    STREAM = "stream"
    """The event there begins a stream of a kind that there is not."""
    SNAPSHOT = "snapshot"
    """The kept state of a stream is not what its events give, up to the event there."""
    FOLDER = "folder"
    """The folder of checkpoints contradicts itself, and cannot say what was written."""


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that is wrong, at the positions from `position` to `last`."""

    kind: Kind
    position: int
    last: int
    words: str

    def __str__(self) -> str:
        place = f"{self.position}" if self.position == self.last else f"{self.position}-{self.last}"
        return f"{self.kind} {place}: {self.words}"


def finding(kind: Kind, position: int, words: str, last: int | None = None) -> Finding:
    """Say that something is wrong at one position, or up to another."""
    return Finding(kind=kind, position=position, last=last or position, words=words)


def faults(page: HashedPage, after: int, to: int, time_us: int) -> Iterator[Finding]:
    """Find what is wrong with the rows of a page, looking at nothing else.

    `time_us` is when the event before the page was recorded.
    """
    place = after
    columns = page.positions, page.times_us, page.kept, page.computed
    for position, recorded_us, kept, computed in zip(*columns, strict=True):
        yield from _gap(place, position)
        if kept != computed:
            yield finding(Kind.CHANGED, position, "the event's bytes do not give its leaf")
        if recorded_us < time_us:
            yield finding(Kind.TIME, position, "it was recorded before the one before it")
        place, time_us = position, recorded_us
    yield from _gap(place, to + 1)


def _gap(place: int, position: int) -> Iterator[Finding]:
    if position > place + 1:
        yield finding(Kind.MISSING, place + 1, "there is no event", position - 1)
