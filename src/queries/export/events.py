"""The book for a file: every event with its envelope, by ranges of positions.

Positions have no gaps and are committed in their order: a range is read once,
exactly, however fast the shop goes on.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from src.events.ports import KeyRing
from src.events.sealing import BrokenBoxError
from src.queries.export.columns import Column, Kind
from src.queries.export.disclosure import (
    Disclosure,
    actor_shown,
    may_name_somebody,
    stream_shown,
    with_persons,
    without_persons,
    words_shown,
)
from src.queries.export.source import Page
from src.queries.reading import Reading
from src.queries.replay import PAGE_EVENTS, Span

EVENTS = "events"
COMMENT = "One row a fact of the book, in the order in which they were written."
COLUMNS = (
    Column(
        name="position",
        kind=Kind.INT64,
        comment="The place in the book: 1, 2, 3 and so on, without gaps.",
    ),
    Column(
        name="stream",
        kind=Kind.TEXT,
        comment="What it is about, such as stock-CHAI-250; mailbox-sealed for any mailbox.",
    ),
    Column(name="version", kind=Kind.INT32, comment="The place within the stream: 1, 2, 3 …"),
    Column(name="type", kind=Kind.TEXT, comment="The name of the fact, such as OrderPlaced."),
    Column(
        name="schema_version",
        kind=Kind.INT16,
        comment="Of the shape that the payload is written in.",
    ),
    Column(name="event_id", kind=Kind.TEXT, comment="A UUID; no other event has it."),
    Column(name="recorded_at", kind=Kind.TIME, comment="When it was written, UTC."),
    Column(name="command_id", kind=Kind.TEXT, comment="A UUID: the command that it follows from."),
    Column(name="correlation_id", kind=Kind.TEXT, comment="A UUID: the request that began it."),
    Column(
        name="causation_id",
        kind=Kind.TEXT,
        comment="A UUID: the event that led to it; null where a request did.",
    ),
    Column(
        name="actor",
        kind=Kind.TEXT,
        comment="Who did it: customer:ID, guest:CART, razorpay, khata:WORKER or staff:ROLE.",
    ),
    Column(
        name="payload",
        kind=Kind.TEXT,
        comment="The fact as JSON; amounts are minor units of the currency beside them.",
    ),
)
_STREAM, _TYPE, _ACTOR, _PAYLOAD = 1, 3, 10, 11


class BrokenBoxInFileError(Exception):
    """A box in the book does not open: it was altered; `khata audit verify` says more."""


class EventSource:
    """The events of a span of the book."""

    def __init__(
        self, db: Reading, book: int, within: Span, shown: Disclosure, keys: KeyRing | None
    ) -> None:
        self.name, self.comment = EVENTS, COMMENT
        self.columns: Sequence[Column] = COLUMNS
        self._db, self._book, self._within = db, book, within
        self._shown, self._keys = shown, keys

    @property
    def rows_expected(self) -> int | None:
        """There is one event at each position."""
        return self._within.length

    async def pages(self) -> AsyncGenerator[Page]:
        """Yield the events in their order."""
        for after in range(self._within.first - 1, self._within.last, PAGE_EVENTS):
            to = min(after + PAGE_EVENTS, self._within.last)
            rows = await self._db.fetch(_PAGE, self._book, after, to)
            columns: list[Any] = list(zip(*rows, strict=True))
            if self._shown is not Disclosure.AS_STORED:
                await self._disclose(columns)
            yield Page(len(rows), columns)

    @property
    def begun_at(self) -> Mapping[str, int | None]:
        """Name the first and the last position; nothing can be added between them any more."""
        return {"first_position": self._within.first, "last_position": self._within.last}

    async def ended_at(self) -> Mapping[str, int | None]:
        """Add nothing: what is in the book does not move."""
        return {}

    async def _disclose(self, columns: list[Any]) -> None:
        columns[_STREAM] = [stream_shown(each) for each in columns[_STREAM]]
        if self._shown is Disclosure.CAREFUL:
            columns[_ACTOR] = [actor_shown(each) for each in columns[_ACTOR]]
            columns[_PAYLOAD] = list(map(words_shown, columns[_TYPE], columns[_PAYLOAD]))
        columns[_PAYLOAD] = [
            await self._disclosed(each) if may_name_somebody(each) else each
            for each in columns[_PAYLOAD]
        ]

    async def _disclosed(self, payload: str) -> str:
        if self._keys is None:
            return without_persons(payload)
        try:
            return await with_persons(payload, self._keys)
        except BrokenBoxError as broken:
            why = f"what is sealed in the book does not open ({broken}): see khata audit verify"
            raise BrokenBoxInFileError(why) from broken


_PAGE = """
select position, stream, version, type, schema_version, event_id::text, recorded_at,
    command_id::text, correlation_id::text, causation_id::text, actor, payload::text
from khata.events where book = $1 and position > $2 and position <= $3 order by position
"""
