"""The facts of the book once more, in their order, from any moment to any moment.

The book is read by ranges of positions, which have no gaps, each range in a
statement of its own: however long it takes, nobody waits for it.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime
from itertools import count

from msgspec import Struct

from src.events.envelope import StoredEvent
from src.events.identifiers import Stream
from src.events.ports import Book
from src.queries.history import Moment

PAGE_EVENTS = 5_000


class Span(Struct, frozen=True):
    """Positions of the book, both inclusive; none when the last is before the first."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many positions there are."""
        return max(self.last - self.first + 1, 0)


class Wanted(Struct, frozen=True, kw_only=True):
    """Which facts are to be replayed; all that is not said does not matter."""

    types: frozenset[str] = frozenset()
    stream: Stream | None = None


class Part(Struct, frozen=True):
    """The wanted facts of one page, and the position up to which the book was gone through."""

    events: Sequence[StoredEvent]
    position: int


async def span(source: Book, begin: Moment | None, end: Moment | None) -> Span:
    """Return the positions from one moment to another, as far as the book goes now."""
    head = await source.head()
    first = 1 if begin is None else await _first(source, begin, head)
    last = head if end is None else await _last(source, end, head)
    return Span(first, last)


async def replay(source: Book, within: Span, wanted: Wanted) -> AsyncGenerator[Part]:
    """Yield what is wanted, page by page and in order; a part may be empty."""
    parts = _of_book if wanted.stream is None else _of_stream
    async for page, position in parts(source, within, wanted):
        yield Part([each for each in page if _is_wanted(each, within, wanted)], position)


def _is_wanted(event: StoredEvent, within: Span, wanted: Wanted) -> bool:
    is_of_type = not wanted.types or event.type in wanted.types
    return is_of_type and within.first <= event.position <= within.last


async def _of_book(
    source: Book, within: Span, _: Wanted
) -> AsyncGenerator[tuple[Sequence[StoredEvent], int]]:
    for after in range(within.first - 1, within.last, PAGE_EVENTS):
        to = min(after + PAGE_EVENTS, within.last)
        yield await source.read_page(after, to - after), to


async def _of_stream(
    source: Book, within: Span, wanted: Wanted
) -> AsyncGenerator[tuple[Sequence[StoredEvent], int]]:
    """One stream's facts are found by version: the rest of the book is not read for them."""
    assert wanted.stream is not None
    for after in count(0, PAGE_EVENTS):
        page = await source.read_stream(wanted.stream, after=after, up_to=after + PAGE_EVENTS)
        is_last = len(page) < PAGE_EVENTS or page[-1].position >= within.last
        yield page, within.last if is_last else page[-1].position
        if is_last:
            return


async def _first(source: Book, begin: Moment, head: int) -> int:
    """Return the first position at or after a moment; beyond the head if there is none."""
    if isinstance(begin, int):
        return max(begin, 1)
    return await _count(source, head, lambda time: time < begin) + 1


async def _last(source: Book, end: Moment, head: int) -> int:
    """Return the last position at or before a moment, 0 if there is none."""
    if isinstance(end, int):
        return min(end, head)
    return await _count(source, head, lambda time: time <= end)


async def _count(source: Book, head: int, is_before: Callable[[datetime], bool]) -> int:
    """Return how many positions are before a time: times never run against positions."""
    low, high = 0, head
    while low < high:
        middle = (low + high + 1) // 2
        [event] = await source.read_page(middle - 1, 1)
        low, high = (middle, high) if is_before(event.recorded_at) else (low, middle - 1)
    return low
