"""Many decisions, one append: what was wished for while the last batch is written is the next.

There is no timer. One batch is in flight; whatever is wished for meanwhile is
decided at once, on what that batch is about to leave, and leaves as soon as it
has landed. So a stream that everybody wants costs no more than one that nobody
shares, and the database and the rules work at the same time.

The book judges each decision by itself; one whose streams had moved is decided
again, with what it had missed. One that was refused twice is decided while the
book is held, so that nobody starves. A refusal, a decision that nothing is new,
and even a rule's bug are believed only after the book has confirmed the
versions they were made on: states that are old, each by another moment, may
add up to what cannot be.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from src.commands.append_spans import append_span
from src.commands.conclusions import conclude, is_as_drafted
from src.commands.desk import Desk, Draft
from src.commands.states import States
from src.commands.wish import Busy, Held, Wish
from src.commands.write_figures import Uncounted, WriteFigures
from src.events.envelope import Appended, Entry
from src.events.identifiers import Stream
from src.events.ports import Book, DatabaseUnavailableError, OutcomeUnknownError, Reread

BATCH_COMMANDS_MAX = 256
CROWD_COMMANDS = 64
"""Below it the book's round trip costs more than what is gained by deciding during it."""
QUEUE_COMMANDS_MAX = 8_192
HOLD_ATTEMPTS = 2
"""So many times may a command find its streams moved before the book is held for it."""
ATTEMPTS_MAX = 10
"""So many times in all, should held books be lost too, before it is told to come back later."""


_NOBODYS_FAULT = (DatabaseUnavailableError, OutcomeUnknownError)
"""What one command cannot cause; anything else that the book says may be about one of a batch."""


class Flight(NamedTuple):
    """Drafts on their way to the book."""

    drafts: Sequence[Draft]
    landing: asyncio.Task[Appended]


class GroupCommit:
    """The one writer of a process."""

    def __init__(
        self,
        book: Book,
        states: States,
        written: Callable[[int], None] = lambda _position: None,
        figures: WriteFigures | None = None,
    ) -> None:
        self._book = book
        self._states = states
        self._written = written
        self.figures = figures or Uncounted()
        self._queue: deque[Wish] = deque()
        self._stubborn: list[Wish] = []
        self._desk = Desk(states)
        self._task: asyncio.Task[None] | None = None

    def submit(self, wish: Wish) -> asyncio.Future[Held]:
        """Queue a wish; its future is settled once the book has spoken."""
        if len(self._queue) + len(self._desk.drafts) >= QUEUE_COMMANDS_MAX:
            self.figures.shed()
            raise Busy(f"{QUEUE_COMMANDS_MAX} commands are waiting already")
        self._queue.append(wish)
        self._form()
        if self._task is None:
            self._task = asyncio.create_task(self._drain())
        return wish.future

    async def finish(self) -> None:
        """Wait until everything that was queued has been written."""
        while self._task is not None:
            await asyncio.wait([self._task])

    def _form(self) -> None:
        """Decide what waits, as far as the next batch has room."""
        while self._queue and len(self._desk.drafts) < BATCH_COMMANDS_MAX:
            wish = self._queue.popleft()
            if wish.attempts < HOLD_ATTEMPTS:
                self._desk.take(wish)
            else:
                self._stubborn.append(wish)

    async def _drain(self) -> None:
        flight: Flight | None = None
        try:
            while flight or self._stubborn or self._desk.drafts:
                if flight is not None:
                    flight = await self._land(flight)
                elif self._stubborn:
                    self._start_over(await self._write_holding())
                else:
                    flight = self._take_off(_first(len(self._desk.drafts)))
        finally:
            self._task = None

    def _take_off(self, count: int) -> Flight:
        drafts = self._desk.take_off(count)
        return Flight(drafts, asyncio.create_task(self._append(drafts)))

    async def _append(self, drafts: Sequence[Draft]) -> Appended:
        with append_span([draft.wish for draft in drafts]), self.figures.appending(len(drafts)):
            return await self._book.append([draft.entry for draft in drafts])

    async def _land(self, flight: Flight) -> Flight | None:
        """Wait for a batch; send the next one, and only then tell how the first has fared."""
        try:
            appended = await flight.landing
        except Exception as error:  # noqa: BLE001 - whatever it was, every waiting client is told
            wishes = [draft.wish for draft in flight.drafts]
            self._start_over(await self._refused(wishes, flight.drafts, error))
            return None
        following = None
        if self._desk.drafts and not self._stubborn and is_as_drafted(appended):
            following = self._take_off(BATCH_COMMANDS_MAX)
            await asyncio.sleep(0)  # no time passes: it leaves before we tell
        again, as_drafted = self._conclude(flight.drafts, appended)
        if as_drafted:
            self._desk.landed(flight.drafts)
            self._form()
        else:
            self._start_over(again)
        return following

    def _start_over(self, again: Sequence[Wish]) -> None:
        """Decide anew what was decided on something that did not become what it was to be."""
        waiting = [*again, *(draft.wish for draft in self._desk.drafts)]
        self._queue.extendleft(reversed(waiting))
        self._desk = Desk(self._states)
        self._form()

    async def _write_holding(self) -> Sequence[Wish]:
        """Decide what was refused too often while nobody else can write."""
        wishes, self._stubborn = self._stubborn, []
        drafts: list[Draft] = []

        async def decide(reread: Reread) -> Sequence[Entry]:
            drafts[:] = await self._on_the_newest(wishes, reread)
            return [draft.entry for draft in drafts]

        try:
            with append_span(wishes), self.figures.appending(len(wishes), held=True):
                appended = await self._book.append_holding(decide)
        except Exception as error:  # noqa: BLE001 - as in _land
            return await self._refused(wishes, drafts, error)
        return self._conclude(drafts, appended)[0]

    async def _on_the_newest(self, wishes: Sequence[Wish], reread: Reread) -> list[Draft]:
        """Decide until every state that was looked at is known to be the newest."""
        known: set[Stream] = set()
        while True:
            desk = Desk(self._states)
            for wish in wishes:
                # One that was told to load a state comes again by itself.
                if not wish.is_answered:
                    desk.take(wish)
            seen = {expected.stream for draft in desk.drafts for expected in draft.entry.expected}
            if seen <= known:
                return desk.drafts
            at_hand = {name: self._states.get(name) for name in seen - known}
            behind = {name: folded.version for name, folded in at_hand.items() if folded}
            self._states.advance_stored(await reread(behind))
            known |= seen

    async def _refused(
        self, wishes: Sequence[Wish], drafts: Sequence[Draft], error: Exception
    ) -> Sequence[Wish]:
        """Find out whose fault it is that the book took nothing: the others are written alone.

        Returns what is to be decided again. There are no drafts if the trouble
        came before all was decided.
        """
        if len(wishes) <= 1 or isinstance(error, _NOBODYS_FAULT):
            self._fail(drafts, error)
            for wish in wishes:
                wish.fail(error)
            return []
        return [again for wish in wishes for again in await self._write_alone(wish)]

    async def _write_alone(self, wish: Wish) -> Sequence[Wish]:
        desk = Desk(self._states)
        if not wish.is_answered:
            desk.take(wish)
        if not desk.drafts:
            return []
        try:
            appended = await self._append(desk.drafts)
        except Exception as error:  # noqa: BLE001 - as in _land
            self._fail(desk.drafts, error)
            return []
        return self._conclude(desk.drafts, appended)[0]

    def _fail(self, drafts: Sequence[Draft], error: Exception) -> None:
        for draft in drafts:
            self._states.forget(expected.stream for expected in draft.entry.expected)
            draft.wish.fail(error)

    def _conclude(self, drafts: Sequence[Draft], appended: Appended) -> tuple[Sequence[Wish], bool]:
        """Return what is to be decided again, and whether the book is as the drafts leave it."""
        try:
            conclusion = conclude(drafts, appended, self._states)
            if conclusion.position is not None:
                self._written(conclusion.position)
        except Exception as error:  # noqa: BLE001 - whatever it was, every waiting client is told
            self._fail(drafts, error)
            return [], False
        self.figures.moved(len(conclusion.again))
        return list(filter(_may_try_again, conclusion.again)), conclusion.as_drafted


def _first(waiting: int) -> int:
    """Return how many go when nothing is in flight: of a crowd half, so that halves take turns."""
    return waiting if waiting <= CROWD_COMMANDS else (waiting + 1) // 2


def _may_try_again(wish: Wish) -> bool:
    wish.attempts += 1
    if wish.attempts < ATTEMPTS_MAX:
        return True
    wish.fail(Busy(f"the streams moved {ATTEMPTS_MAX} times"))
    return False
