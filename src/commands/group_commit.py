"""Many decisions, one append: what was wished for while the last batch was written is the next.

There is no timer. Decisions of one batch are made one after another, each on
the states that the earlier ones leave, so a stream that everybody wants costs
no more than one that nobody shares. The book judges each decision by itself;
one whose streams had moved is decided again in the next batch, with what it
had missed. A refusal, a decision that nothing is new, and even a rule's bug
are believed only after the book has confirmed the versions they were made on:
states that are old, each by another moment, may add up to what cannot be.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from msgspec import Struct

from src.commands.states import Folded, States
from src.commands.view import Decide, Fact, NotLoaded, View
from src.events.catalogue import VERSIONS
from src.events.codec import encode, recorded
from src.events.envelope import (
    Appended,
    Cause,
    Entry,
    Expected,
    NewEvent,
    Outcome,
    StoredEvent,
    Verdict,
)
from src.events.identifiers import Stream, event_id
from src.events.ports import Book, DatabaseUnavailableError, OutcomeUnknownError

BATCH_COMMANDS_MAX = 256
QUEUE_COMMANDS_MAX = 8_192
ATTEMPTS_MAX = 50
"""So many times may a command find its streams moved before it is told to come back later."""


_NOBODYS_FAULT = (DatabaseUnavailableError, OutcomeUnknownError)
"""What one command cannot cause; anything else that the book says may be about one of a batch."""


class Busy(Exception):
    """More is wished for than can be written now; nothing happened, come back later."""


class Held(Struct, frozen=True):
    """A decision stands in the book."""

    position: int
    """The position at which it holds."""
    recorded_at: datetime


class Wish:
    """A decision that wants to be made and written."""

    def __init__(self, cause: Cause, decide: Decide) -> None:
        self.cause = cause
        self.decide = decide
        self.attempts = 0
        self.future: asyncio.Future[Held] = asyncio.get_running_loop().create_future()

    def settle(self, held: Held) -> None:
        """Tell whoever waits, if anybody still does."""
        if not self.future.done():
            self.future.set_result(held)

    def fail(self, error: BaseException) -> None:
        """Tell whoever waits that it did not happen, or that nobody knows."""
        if not self.future.done():
            self.future.set_exception(error)


class Draft(Struct, frozen=True):
    """A decision that was made, on its way to the book."""

    wish: Wish
    facts: list[Fact]
    refusal: Exception | None
    """A Rejection, or a bug."""
    entry: Entry


Judged = tuple[Draft, Verdict]


class Desk:
    """The states a batch is decided on: what is at hand, with the batch's own facts on top."""

    def __init__(self, states: States) -> None:
        self._states = states
        self._changed: dict[Stream, Folded] = {}

    def folded(self, name: Stream) -> Folded:
        """Return a stream as the next decision of this batch finds it."""
        found = self._changed.get(name) or self._states.get(name)
        if found is None:
            raise NotLoaded(name)
        return found

    def draft(self, wish: Wish) -> Draft:
        """Decide; raises NotLoaded when a state is missing."""
        view = View(lambda name: self.folded(name).state, lambda name: self.folded(name).version)
        changed: dict[Stream, Folded] = {}
        facts, events, refusal = self._decided(wish, view, changed)
        expected = [Expected(name, self.folded(name).version) for name in view.looked_at]
        if refusal is None:
            self._changed |= changed
        return Draft(
            wish, facts, refusal, Entry(cause=wish.cause, expected=expected, events=events)
        )

    def _decided(
        self, wish: Wish, view: View, changed: dict[Stream, Folded]
    ) -> tuple[list[Fact], list[NewEvent], Exception | None]:
        try:
            facts = wish.decide(view)
            # A fact is folded into its stream, so that stream was looked at too.
            view.looked_at |= dict.fromkeys(name for name, _ in facts)
            events = [self._numbered(wish, n, fact, changed) for n, fact in enumerate(facts)]
        except NotLoaded:
            raise
        except Exception as refusal:  # noqa: BLE001 - raised again for whoever waits, once confirmed
            return [], [], refusal
        return facts, events, None

    def _numbered(
        self, wish: Wish, ordinal: int, fact: Fact, changed: dict[Stream, Folded]
    ) -> NewEvent:
        name, event = fact
        after = (changed.get(name) or self.folded(name)).after(event, name)
        changed[name] = after
        kind = type(event).__name__
        return NewEvent(
            stream=name,
            version=after.version,
            type=kind,
            schema_version=VERSIONS[kind],
            event_id=event_id(wish.cause.command_id, ordinal),
            payload=encode(event),
        )


class GroupCommit:
    """The one writer of a process."""

    def __init__(
        self, book: Book, states: States, written: Callable[[int], None] = lambda _position: None
    ) -> None:
        self._book = book
        self._states = states
        self._written = written
        self._queue: deque[Wish] = deque()
        self._task: asyncio.Task[None] | None = None

    def submit(self, wish: Wish) -> asyncio.Future[Held]:
        """Queue a wish; its future is settled once the book has spoken."""
        if len(self._queue) >= QUEUE_COMMANDS_MAX:
            raise Busy(f"{QUEUE_COMMANDS_MAX} commands are waiting already")
        self._queue.append(wish)
        if self._task is None:
            self._task = asyncio.create_task(self._drain())
        return wish.future

    async def finish(self) -> None:
        """Wait until everything that was queued has been written."""
        while self._task is not None:
            await asyncio.wait([self._task])

    async def _drain(self) -> None:
        try:
            while self._queue:
                size = min(len(self._queue), BATCH_COMMANDS_MAX)
                await self._write([self._queue.popleft() for _ in range(size)])
        finally:
            self._task = None

    async def _write(self, batch: list[Wish]) -> None:
        desk = Desk(self._states)
        drafts = [draft for wish in batch if (draft := _drafted(desk, wish)) is not None]
        if not drafts:
            return
        try:
            appended = await self._book.append([draft.entry for draft in drafts])
        except Exception as error:  # noqa: BLE001 - whatever it was, every waiting client is told
            await self._refused(drafts, error)
            return
        try:
            self._conclude(drafts, appended)
        except Exception as error:  # noqa: BLE001 - as above
            self._fail(drafts, error)

    async def _refused(self, drafts: list[Draft], error: Exception) -> None:
        """Find out whose fault it is that the book took nothing: the others are written alone."""
        if len(drafts) == 1 or isinstance(error, _NOBODYS_FAULT):
            self._fail(drafts, error)
            return
        for draft in drafts:
            await self._write([draft.wish])

    def _fail(self, drafts: list[Draft], error: Exception) -> None:
        for draft in drafts:
            self._states.forget(expected.stream for expected in draft.entry.expected)
            draft.wish.fail(error)

    def _conclude(self, drafts: list[Draft], appended: Appended) -> None:
        judged = list(zip(drafts, appended.verdicts, strict=True))
        positions = [
            _concluded(draft, verdict)
            for draft, verdict in judged
            if verdict.outcome is not Outcome.MOVED
        ]
        if positions and any(draft.facts for draft in drafts):
            self._written(max(positions))
        self._learn(judged, appended.tails)
        again = [draft.wish for draft, verdict in judged if verdict.outcome is Outcome.MOVED]
        self._queue.extendleft(reversed([wish for wish in again if _may_try_again(wish)]))

    def _learn(self, judged: Sequence[Judged], tails: Sequence[StoredEvent]) -> None:
        """Fold in what was written now, and what others had written before."""
        news = [*_written_now(judged), *map(_missed, tails)]
        news.sort(key=lambda item: item[:2])
        for (name, version), same in groupby(news, key=lambda item: item[:2]):
            self._states.advance(name, version, next(same)[2])
        self._states.forget(_written_before(judged))


def _drafted(desk: Desk, wish: Wish) -> Draft | None:
    try:
        return desk.draft(wish)
    except NotLoaded as missing:
        wish.fail(missing)
    except Exception as bug:  # noqa: BLE001 - a bug in one rule must not take its neighbours along
        wish.fail(bug)
    return None


def _written_now(judged: Sequence[Judged]) -> list[tuple[Stream, int, Any]]:
    return [
        (event.stream, event.version, fact)
        for draft, verdict in judged
        if verdict.outcome is Outcome.WRITTEN
        for event, (_, fact) in zip(draft.entry.events, draft.facts, strict=True)
    ]


def _written_before(judged: Sequence[Judged]) -> list[Stream]:
    """Return the streams whose facts stand as they were decided then, which may not be as now."""
    return [
        expected.stream
        for draft, verdict in judged
        if verdict.outcome is Outcome.ALREADY_WRITTEN
        for expected in draft.entry.expected
    ]


def _missed(stored: StoredEvent) -> tuple[Stream, int, Any]:
    return stored.stream, stored.version, recorded(stored).event


def _concluded(draft: Draft, verdict: Verdict) -> int:
    if verdict.position is None or verdict.recorded_at is None:
        raise AssertionError("a verdict that is not `moved` has a position")
    if draft.refusal is not None:
        draft.wish.fail(draft.refusal)
    else:
        draft.wish.settle(Held(verdict.position, verdict.recorded_at))
    return verdict.position


def _may_try_again(wish: Wish) -> bool:
    wish.attempts += 1
    if wish.attempts < ATTEMPTS_MAX:
        return True
    wish.fail(Busy(f"the streams moved {ATTEMPTS_MAX} times"))
    return False
