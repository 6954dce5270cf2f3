"""What a file is made from: columns, and pages of them that are read one after another."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from src.queries.export.columns import Column


class Page(Struct, frozen=True):
    """Some rows, column by column, in the order of the source's columns."""

    rows: int
    columns: Sequence[Sequence[Any]]


class Source(Protocol):
    """Something that can be written into a file, read from a place of the book on."""

    @property
    def name(self) -> str: ...
    @property
    def comment(self) -> str: ...
    @property
    def columns(self) -> Sequence[Column]: ...
    @property
    def rows_expected(self) -> int | None:
        """How many rows there will be, where that is known before they are read."""
        ...

    def pages(self) -> AsyncGenerator[Page]:
        """Yield every row once, each page asked for in a short statement of its own."""
        ...

    @property
    def begun_at(self) -> Mapping[str, int | None]:
        """Say where in the book the rows are from, as far as it is known before they are read."""
        ...

    async def ended_at(self) -> Mapping[str, int | None]:
        """Say the rest, once all of them were read."""
        ...
