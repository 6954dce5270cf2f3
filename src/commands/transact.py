"""Read, decide, append; and questions to the very same states."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from src.commands.folding import Folding
from src.commands.group_commit import GroupCommit
from src.commands.rejections import Rejection
from src.commands.states import States
from src.commands.view import Decide, NotLoaded, View
from src.commands.wish import Held, Wish
from src.events.envelope import Cause
from src.events.identifiers import Stream
from src.events.ports import Book, Snapshots

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
        await self.load(needs)
        self._states.begin(begins)
        for _ in range(LOADS_MAX):
            try:
                return await self._writer.submit(Wish(cause, decide))
            except NotLoaded as missing:
                await self.load([missing.stream])
        raise AssertionError(f"a rule looked at more than {LOADS_MAX} streams")

    async def look(self, question: Callable[[View], T], *, needs: Iterable[Stream] = ()) -> T:
        """Answer a question from states that the book confirms, all at one moment."""
        together = await self.load(needs)
        while True:
            view = View(self._states.state, self._states.version)
            try:
                answer, refusal = question(view), None
            except NotLoaded as missing:
                together = await self.load([missing.stream])
                continue
            except Exception as error:  # noqa: BLE001 - a no counts only once it is confirmed
                answer, refusal = None, error
            asked = set(view.looked_at)
            if asked <= together or not await self._refresh(asked):
                if refusal is not None:
                    raise refusal
                return answer  # type: ignore[return-value]  # None only together with a refusal
            together = asked

    async def glance(self, question: Callable[[View], T]) -> T:
        """Answer from what is at hand, which is never older than this client's own last write.

        A no is not believed before the book has confirmed it.
        """
        try:
            return question(View(self._states.state, self._states.version))
        except (NotLoaded, Rejection):
            return await self.look(question)

    async def load(self, names: Iterable[Stream]) -> set[Stream]:
        """Fetch and fold the streams that are not at hand, in one round trip.

        Returns those that are at hand now as they stood at one moment.
        """
        missing = {name for name in names if self._states.get(name) is None}
        return await self._folding.fold(missing) if missing else missing

    async def finish(self) -> None:
        """Wait until everything that was wished for has been written."""
        await self._writer.finish()

    async def _refresh(self, names: set[Stream]) -> bool:
        """Fold in what others wrote; return whether there was anything."""
        known = {name: found.version for name in names if (found := self._states.get(name))}
        tail = await self._book.read_streams(known)
        self._states.advance_stored(tail)
        return bool(tail) or len(known) < len(names)
