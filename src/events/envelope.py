"""What surrounds a fact: where it stands in the book, when, and because of what.

Nothing here can be part of a cycle, so Python's collector need not look at what
is made for every single fact (`gc=False`).
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import Raw, Struct

from src.events.identifiers import Stream

TAIL_EVENTS_MAX = 1_000
"""How much of a moved stream an append sends back; the rest is read as usual."""


class Cause(Struct, frozen=True, gc=False):
    """Who wanted something, in which request, and which event or command led to it."""

    command_id: UUID
    correlation_id: UUID
    actor: str
    """Who it was, as `src.events.actors` writes it; of staff, perhaps also why."""
    causation_id: UUID | None = None


class Expected(Struct, frozen=True, gc=False):
    """A stream that was read for a decision, and its version then; 0 is not yet begun."""

    stream: Stream
    version: int


class NewEvent(Struct, frozen=True, kw_only=True, gc=False):
    """A fact to be written, encoded; its version is dense within its stream."""

    stream: Stream
    version: int
    type: str
    schema_version: int
    event_id: UUID
    payload: bytes


class Entry(Struct, frozen=True, kw_only=True, gc=False):
    """One command's share of an append: all of it is written, or nothing.

    `expected` names every stream that the decision read, also those it writes.
    Versions may count on events of earlier entries in the same append. An
    entry without events only checks its versions.
    """

    cause: Cause
    expected: Sequence[Expected]
    events: Sequence[NewEvent]


class StoredEvent(Struct, frozen=True, gc=False):
    """A row of the book, its payload still the exact bytes that were written.

    Its fields stand in the order of the table's columns.
    """

    position: int
    stream: Stream
    version: int
    type: str
    schema_version: int
    event_id: UUID
    recorded_at: datetime
    command_id: UUID
    correlation_id: UUID
    causation_id: UUID | None
    actor: str
    payload: Raw | bytes


class Recorded(Struct, frozen=True, gc=False):
    """A row of the book with its fact decoded and lifted to the newest version."""

    position: int
    stream: Stream
    version: int
    event_id: UUID
    recorded_at: datetime
    cause: Cause
    event: Any
    """One of the classes in `src.events.catalogue`."""


class Outcome(StrEnum):
    """What the book says to one entry of an append."""

    WRITTEN = "written"
    ALREADY_WRITTEN = "already written"
    MOVED = "moved"


class Verdict(Struct, frozen=True, kw_only=True, gc=False):
    """The book's answer to one entry.

    `position` is the position of the entry's last event (of the head, for an
    entry without events); `recorded_at` its time. Both are None when moved.
    """

    outcome: Outcome
    position: int | None = None
    recorded_at: datetime | None = None


class Appended(Struct, frozen=True, kw_only=True):
    """The book's answer to an append: a verdict per entry, and what the moved ones had missed.

    `tails` holds, for every stream of a moved entry, the events after the
    version that the entry expected, at most `TAIL_EVENTS_MAX` a stream.
    """

    verdicts: Sequence[Verdict]
    tails: Sequence[StoredEvent] = ()
