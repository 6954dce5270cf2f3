"""Read, decide, append; and questions to the very same states."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TypeVar

from src.commands.command_names import command_name
from src.commands.folding import Folding
from src.commands.group_commit import GroupCommit
from src.commands.rejections import Rejection
from src.commands.states import Folded, States
from src.commands.view import Decide, NotLoaded, View
from src.commands.wish import Held, Wish
from src.events.codec import recorded
from src.events.envelope import Cause
from src.events.identifiers import Stream
from src.events.ports import Book, Snapshots
from src.tracing import command

T = TypeVar("T")
LOADS_MAX = 1_000
"""So many different streams may one decision discover, one after another."""


class Ledger:
    """The way of every command to the book, and of every question about a single thing."""

    def __init__(
        self, book: Book, states: States, writer: GroupCommit, snapshots: Snapshots
    ) -> None:
        self._book = book
        self._states = states
        self._writer = writer
        self._folding = Folding(book, states, snapshots)

    async def transact(
        self,
        cause: Cause,
        decide: Decide,
        *,
        needs: Iterable[Stream] = (),
        begins: Iterable[Stream] = (),
    ) -> Held:
        """Write what the rule decides, and return where it holds.

        `needs` are streams worth fetching at once, `begins` streams that are
        probably new. Both only save round trips. Raises the rule's Rejection,
        Busy, or OutcomeUnknownError.
        """
        name = command_name(decide)
        with command(name, cause.command_id), self._writer.figures.deciding(name):
            await self.load(needs)
            self._states.begin(begins)
            return await self._decided(cause, decide)

    async def _decided(self, cause: Cause, decide: Decide) -> Held:
        for _ in range(LOADS_MAX):
            try:
                return await self._writer.submit(Wish(cause, decide))
            except NotLoaded as missing:
                await self.load([missing.stream])
        raise AssertionError(f"a rule looked at more than {LOADS_MAX} streams")

    async def look(self, question: Callable[[View], T], *, needs: Iterable[Stream] = ()) -> T:
        """Answer a question from states that the book confirms, all at one moment."""
        moment = await self.load(needs)
        for _ in range(LOADS_MAX):
            try:
                return question(_view_of(moment))
            except NotLoaded as missing:
                moment = await self._moment({*self._looked_at(question), missing.stream})
        raise AssertionError(f"a question looked at more than {LOADS_MAX} streams")

    async def glance(self, question: Callable[[View], T]) -> T:
        """Answer from what is at hand, which is never older than this client's own last write.

        A no is not believed before the book has confirmed it.
        """
        try:
            return question(View(self._states.state, self._states.version))
        except (NotLoaded, Rejection):
            return await self.look(question)

    async def load(self, names: Iterable[Stream]) -> dict[Stream, Folded]:
        """Fetch and fold the streams that are not at hand, in one round trip.

        Returns those that were fetched, as they stood at one moment.
        """
        missing = {name for name in names if self._states.get(name) is None}
        return await self._folding.fold(missing) if missing else {}

    async def finish(self) -> None:
        """Wait until everything that was wished for has been written."""
        await self._writer.finish()

    def _looked_at(self, question: Callable[[View], object]) -> Iterable[Stream]:
        """Find out, from whatever is at hand, which streams a question is about."""
        view = View(self._states.state, self._states.version)
        with suppress(Exception):  # what it says of unconfirmed states is no answer
            question(view)
        return view.looked_at

    async def _moment(self, names: set[Stream]) -> dict[Stream, Folded]:
        """Return streams as they stood at one moment, whatever is written meanwhile."""
        fetched = await self.load(names)
        if fetched.keys() >= names:
            return fetched
        moment = {name: folded for name in names if (folded := self._states.get(name))}
        tail = await self._book.read_streams({n: each.version for n, each in moment.items()})
        for stored in tail:
            name = stored.stream
            moment[name] = moment[name].after(recorded(stored).event, name)
        for name, folded in moment.items():
            self._states.grown(name, folded)
        return moment


def _view_of(moment: Mapping[Stream, Folded]) -> View:
    def folded(name: Stream) -> Folded:
        found = moment.get(name)
        if found is None:
            raise NotLoaded(name)
        return found

    return View(lambda name: folded(name).state, lambda name: folded(name).version)
