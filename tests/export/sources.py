"""Sources that need no database."""

from collections.abc import AsyncGenerator, Mapping, Sequence

from src.queries.export.columns import Column
from src.queries.export.source import Page


class Rows:
    """Pages that are there already, and perhaps an end that comes too early."""

    name, comment = "rows", "One row a row."
    rows_expected: int | None = None
    begun_at: Mapping[str, int | None] = {}

    def __init__(
        self, columns: Sequence[Column], pages: Sequence[Page], end: BaseException | None = None
    ) -> None:
        self.columns, self.all = columns, pages
        self._end = end

    async def pages(self) -> AsyncGenerator[Page]:
        for page in self.all:
            yield page
        if self._end is not None:
            raise self._end

    async def ended_at(self) -> Mapping[str, int | None]:
        return {}
