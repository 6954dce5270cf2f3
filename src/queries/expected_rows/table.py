"""What every check of a read model is made of: where its rows are, and how the book gives them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from msgspec import Struct

from src.events.identifiers import Stream, stream
from src.queries.stream_range import Range

FACTS_MAX = 100_000
"""So many facts of one stream are kept at most, and so many of its rows: more are not compared,
because they would fill the memory; about 250 MB are needed for so many."""
Rows = Mapping[str, tuple[Any, ...]]
"""A stream's rows: by the second part of their key, which is empty where the first is enough."""


class Fact(NamedTuple):
    """Something that happened on a stream."""

    position: int
    at: datetime
    event: Any


class Stood(Struct, frozen=True):
    """How a stream stood at the place up to which a read model has seen the book."""

    stream: Stream
    version: int
    position: int
    state: Any
    facts: Sequence[Fact]
    """All of them, where some table of its category asks for facts; none otherwise."""


class Table(Struct, frozen=True, kw_only=True):
    """A table of a read model, in the order of the streams that its rows come from."""

    model: str
    """As `khata rebuild` calls it."""
    name: str
    """Without its version, which is the read model's."""
    categories: tuple[str, ...]
    key: str
    """The column that names the stream: without its category if there is only one."""
    inner_key: str | None = None
    """The column that tells the rows of one stream apart."""
    columns: tuple[str, ...]
    needs_facts: bool = False
    expected: Callable[[Stood], Rows]
    read: Callable[[tuple[Any, ...]], tuple[Any, ...]] = tuple
    """Makes what is stored comparable with what is expected."""

    def keys_in(self, within: Range) -> tuple[str, str]:
        """Return the keys of a range of streams, the second outside."""
        [only, *others] = self.categories
        return (within.begin, within.end) if others else within.keys_of(only)

    def reaches(self, within: Range) -> bool:
        """Whether rows of these streams can be here."""
        begin, end = self.keys_in(within)
        return begin < end

    def stream_of(self, key: str) -> Stream:
        """Return the stream that a key names."""
        [only, *others] = self.categories
        return Stream(key) if others else stream(only, key)


def one(*values: object) -> Rows:
    """Return the one row that a stream has."""
    return {"": values}


NONE: Rows = {}
