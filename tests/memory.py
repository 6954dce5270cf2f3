"""The book and the key ring in memory: what PostgreSQL's promise, and the same tests."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from src.events.batch import steps_of
from src.events.envelope import (
    TAIL_EVENTS_MAX,
    Appended,
    Entry,
    Expected,
    NewEvent,
    Outcome,
    StoredEvent,
    Verdict,
)
from src.events.identifiers import Stream
from src.events.ports import KeyDestroyedError, Reread, Sealed

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
NOWHERE = 2**31 - 1


class MemoryBook:
    """A gapless sequence of facts, gone when the test is over."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._events: list[StoredEvent] = []
        self._streams: dict[Stream, list[StoredEvent]] = {}
        self._head = asyncio.Lock()

    async def append(self, entries: Sequence[Entry]) -> Appended:
        """Write what has not moved, in order."""
        async with self._head:
            return self._append(entries)

    async def append_holding(
        self, decide: Callable[[Reread], Awaitable[Sequence[Entry]]]
    ) -> Appended:
        """Append what is decided while nobody else can write."""
        async with self._head:
            return self._append(await decide(self.read_streams))

    def _append(self, entries: Sequence[Entry]) -> Appended:
        steps = [steps_of(entry) for entry in entries]
        at = max(self._time(), self._now())
        spoilt: dict[Stream, range] = {}
        missed: dict[Stream, int] = {}
        verdicts: list[Verdict] = []
        for entry, of_entry in zip(entries, steps, strict=True):
            verdict = self._decide(entry, spoilt, at)
            verdicts.append(verdict)
            if verdict.outcome is not Outcome.WRITTEN:
                _note_spoilt(of_entry, spoilt)
            if verdict.outcome is Outcome.MOVED:
                _note_missed(of_entry, missed)
        return Appended(verdicts=verdicts, tails=self._tails(missed))

    async def read_stream(
        self, stream: Stream, *, after: int = 0, up_to: int | None = None
    ) -> Sequence[StoredEvent]:
        """Return the stream's events with a version above `after`, oldest first."""
        return self._streams.get(stream, [])[max(after, 0) : up_to]

    async def read_streams(
        self, after: dict[Stream, int], *, each_max: int | None = None
    ) -> Sequence[StoredEvent]:
        """Return the events of several streams above each one's version, oldest first."""
        return _in_order(
            event
            for stream, version in after.items()
            for event in self._streams.get(stream, [])[version:][:each_max]
        )

    async def read_page(
        self, after: int, length: int, *, without: Sequence[str] = ()
    ) -> Sequence[StoredEvent]:
        """Return the events above `after` and at most `after + length`, the last one always."""
        page = self._events[after : after + length]
        return [event for event in page if event.type not in without or event is page[-1]]

    async def head(self) -> int:
        """Return the last position, 0 for an empty book."""
        return len(self._events)

    async def has_command(self, stream: Stream, command_id: UUID) -> int | None:
        """Return the last position that this command wrote to the stream, or None."""
        written = (
            event.position
            for event in self._streams.get(stream, [])
            if event.command_id == command_id
        )
        return max(written, default=None)

    async def close(self) -> None:
        """Nothing to close."""

    def _decide(
        self,
        entry: Entry,
        spoilt: dict[Stream, range],
        at: datetime,
    ) -> Verdict:
        if all(self._fits(expected, spoilt) for expected in entry.expected):
            for event in entry.events:
                self._write(entry, event, at)
            return Verdict(
                outcome=Outcome.WRITTEN, position=len(self._events), recorded_at=self._time()
            )
        found = [self._stored(event) for event in entry.events]
        if last := found and all(found) and found[-1]:
            return Verdict(
                outcome=Outcome.ALREADY_WRITTEN,
                position=last.position,
                recorded_at=last.recorded_at,
            )
        return Verdict(outcome=Outcome.MOVED)

    def _fits(self, expected: Expected, spoilt: dict[Stream, range]) -> bool:
        current = len(self._streams.get(expected.stream, []))
        built_on_skipped = expected.version in spoilt.get(expected.stream, ())
        return current == expected.version and not built_on_skipped

    def _write(self, entry: Entry, event: NewEvent, at: datetime) -> None:
        written = StoredEvent(
            position=len(self._events) + 1,
            stream=event.stream,
            version=event.version,
            type=event.type,
            schema_version=event.schema_version,
            event_id=event.event_id,
            recorded_at=at,
            command_id=entry.cause.command_id,
            correlation_id=entry.cause.correlation_id,
            causation_id=entry.cause.causation_id,
            actor=entry.cause.actor,
            payload=event.payload,
        )
        self._events.append(written)
        self._streams.setdefault(event.stream, []).append(written)

    def _stored(self, event: NewEvent) -> StoredEvent | None:
        at_version = self._streams.get(event.stream, [])[event.version - 1 : event.version]
        return next((stored for stored in at_version if stored.event_id == event.event_id), None)

    def _tails(self, missed: dict[Stream, int]) -> Sequence[StoredEvent]:
        return _in_order(
            event
            for stream, version in missed.items()
            for event in self._streams.get(stream, [])[version:][:TAIL_EVENTS_MAX]
        )

    def _time(self) -> datetime:
        return self._events[-1].recorded_at if self._events else BEGINNING


def _note_missed(steps: dict[Stream, tuple[int, int]], missed: dict[Stream, int]) -> None:
    for stream, (version, _) in steps.items():
        missed[stream] = min(version, missed.get(stream, NOWHERE))


def _note_spoilt(steps: dict[Stream, tuple[int, int]], spoilt: dict[Stream, range]) -> None:
    for stream, (version, adds) in steps.items():
        if adds:
            before = spoilt.get(stream, range(version + 1, version + 1))
            spoilt[stream] = range(
                min(version + 1, before.start), max(version + adds + 1, before.stop)
            )


def _in_order(events: Iterable[StoredEvent]) -> Sequence[StoredEvent]:
    return sorted(events, key=lambda event: event.position)


class MemoryKeyRing:
    """Keeps what was sealed in clear, and forgets it when the key is destroyed."""

    def __init__(self) -> None:
        self._sealed: dict[tuple[str, str], bytes] = {}
        self._destroyed: set[str] = set()

    async def seal(self, key_id: str, plain: bytes) -> Sealed:
        """Put away what is to be sealed; raises KeyDestroyedError."""
        if key_id in self._destroyed:
            raise KeyDestroyedError(key_id)
        box = f"box-{len(self._sealed)}"
        self._sealed[key_id, box] = plain
        return Sealed(key_id=key_id, box=box)

    async def open(self, sealed: Sealed) -> bytes | None:
        """Return what was sealed, or None once the key is destroyed."""
        if sealed.key_id in self._destroyed:
            return None
        return self._sealed[sealed.key_id, sealed.box]

    async def destroy(self, key_ids: Sequence[str]) -> None:
        """Destroy the keys for ever."""
        self._destroyed.update(key_ids)

    async def installation_secret(self, name: str) -> bytes:
        """Return the same bytes for the same name."""
        return name.encode().ljust(32, b".")[:32]

    async def close(self) -> None:
        """Nothing to close."""
