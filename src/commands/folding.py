"""Folding streams that are not at hand: short ones in one round trip, long ones from a snapshot.

Nobody pays for a stream's length. Most streams are short, and all that are
wanted together come in one answer. A stream that does not fit there is long: it
begins at its newest snapshot, and the rest is read in pages.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

from src.commands.shared_questions import SharedQuestions
from src.commands.states import SNAPSHOT_EVENTS, Folded, States, unbegun
from src.events.codec import recorded
from src.events.envelope import StoredEvent
from src.events.identifiers import Stream
from src.events.ports import Book, Snapshots

PAGE_EVENTS = 512
"""What is read of one stream at a time; a stream that has more is long."""
TURN_EVENTS = 256
"""Folded in one go, about 1 ms; then whoever else waits has a turn."""


class Folding:
    """Brings streams of the book to hand."""

    def __init__(self, book: Book, states: States, snapshots: Snapshots) -> None:
        self._book = book
        self._states = states
        self._snapshots = snapshots
        self._long: SharedQuestions[Stream, None] = SharedQuestions()

    async def fold(self, names: set[Stream]) -> dict[Stream, Folded]:
        """Fold streams; return those that were read in one round trip, as they stood then."""
        pages: dict[Stream, list[StoredEvent]] = {name: [] for name in names}
        for stored in await self._book.read_streams(dict.fromkeys(names, 0), each_max=PAGE_EVENTS):
            pages[stored.stream].append(stored)
        short: dict[Stream, Folded] = {}
        for name, page in pages.items():
            if len(page) < PAGE_EVENTS:
                short[name] = await _folded(unbegun(name), name, page)
        for name, folded in short.items():
            self._states.learn(name, folded)
        for name in names - short.keys():
            await self._long.ask(name, partial(self._from_snapshot, name))
        return short

    async def _from_snapshot(self, name: Stream) -> None:
        found = await self._snapshots.find(name)
        known = unbegun(name) if found is None else Folded(*found)
        folded, length = known, PAGE_EVENTS
        while length == PAGE_EVENTS:
            until = folded.version + PAGE_EVENTS
            page = await self._book.read_stream(name, after=folded.version, up_to=until)
            folded, length = await _folded(folded, name, page), len(page)
        self._states.learn(name, folded)
        if folded.version - known.version >= SNAPSHOT_EVENTS:
            self._snapshots.offer(name, folded.version, folded.state)


async def _folded(folded: Folded, name: Stream, page: Sequence[StoredEvent]) -> Folded:
    for start in range(0, len(page), TURN_EVENTS):
        for stored in page[start : start + TURN_EVENTS]:
            folded = folded.after(recorded(stored).event, name)
        await asyncio.sleep(0)
    return folded
