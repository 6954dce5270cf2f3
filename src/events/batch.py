"""An append as the arrays that the database function takes, and its answer as verdicts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from src.events.connection import Row
from src.events.envelope import (
    TAIL_EVENTS_MAX,
    Appended,
    Entry,
    NewEvent,
    Outcome,
    StoredEvent,
    Verdict,
)
from src.events.identifiers import Stream

COLUMNS = (
    "position, stream, version, type, schema_version, event_id, recorded_at,"
    " command_id, correlation_id, causation_id, actor, payload"
)
"""What `stored` reads, in the order of the table itself."""

APPEND = (
    "select head_position, head_recorded_at, written_at, outcomes, positions, times, tails"
    " from khata.append($1, $2, $3::text::int[], $4::text::int[], $5::text::int[],"
    " $6::text::int[], $7::text::int[], $8, $9::text::int[], $10, $11::text::smallint[],"
    " $12, $13, $14, $15, $16, $17, $18)"
)
"""Arrays of numbers travel as text: of each element of a list the driver asks what it is."""


class UnorderedVersionsError(ValueError):
    """An entry's events do not follow the versions that it expects; that is a bug, never a race."""


def arguments(book: int, entries: Sequence[Entry]) -> tuple[object, ...]:
    """Return the arguments of `khata.append`."""
    streams: dict[Stream, int] = {}
    steps: list[tuple[int, int, int]] = []
    sizes: list[int] = []
    for entry in entries:
        begun = len(steps)
        for name, (version, adds) in steps_of(entry).items():
            steps.append((streams.setdefault(name, len(streams) + 1), version, adds))
        sizes.append(len(steps) - begun)
    return (
        book,
        list(streams),
        _numbers([stream for stream, _, _ in steps]),
        _numbers([version for _, version, _ in steps]),
        _numbers([adds for _, _, adds in steps]),
        _numbers(sizes),
        _numbers([len(entry.events) for entry in entries]),
        *_columns([(entry, event) for entry in entries for event in entry.events]),
        TAIL_EVENTS_MAX,
    )


def steps_of(entry: Entry) -> dict[Stream, tuple[int, int]]:
    """Return, for each stream of an entry, the version expected and how many events follow it."""
    steps = {seen.stream: (seen.version, 0) for seen in entry.expected}
    for event in entry.events:
        version, adds = steps.get(event.stream, (0, -1))
        if event.version != version + adds + 1 or adds < 0:
            raise UnorderedVersionsError(f"{event.stream}: {event.version} is not expected")
        steps[event.stream] = (version, adds + 1)
    return steps


def _numbers(numbers: list[int]) -> str:
    return f"{{{str(numbers)[1:-1]}}}"


def _columns(events: list[tuple[Entry, NewEvent]]) -> tuple[list[Any] | str, ...]:
    return (
        [event.stream for _, event in events],
        _numbers([event.version for _, event in events]),
        [event.type for _, event in events],
        _numbers([event.schema_version for _, event in events]),
        [event.event_id for _, event in events],
        [entry.cause.command_id for entry, _ in events],
        [entry.cause.correlation_id for entry, _ in events],
        [entry.cause.causation_id for entry, _ in events],
        [entry.cause.actor for entry, _ in events],
        [event.payload for _, event in events],
    )


def answer(entries: Sequence[Entry], row: Row) -> Appended:
    """Read what `khata.append` returned."""
    head, head_recorded_at, written_at, outcomes, positions, times, tails = (
        row[place] for place in range(7)
    )
    if outcomes is None:
        return Appended(verdicts=_all_written(entries, head, head_recorded_at, written_at))
    verdicts = [
        Verdict(outcome=Outcome(outcome), position=position, recorded_at=time)
        for outcome, position, time in zip(outcomes, positions, times, strict=True)
    ]
    return Appended(verdicts=verdicts, tails=[_missed(tail) for tail in tails])


def _all_written(
    entries: Sequence[Entry], head: int, head_recorded_at: datetime, written_at: datetime
) -> list[Verdict]:
    verdicts: list[Verdict] = []
    position, time = head, head_recorded_at
    for entry in entries:
        if entry.events:
            position, time = position + len(entry.events), written_at
        verdicts.append(Verdict(outcome=Outcome.WRITTEN, position=position, recorded_at=time))
    return verdicts


def stored(row: Row) -> StoredEvent:
    """Read one event from `COLUMNS`."""
    return StoredEvent(*row)


def _missed(tail: Row) -> StoredEvent:
    """Read one whole row of the table, which has the book before `COLUMNS` and the leaf after."""
    return StoredEvent(*(tail[place] for place in range(1, 13)))
