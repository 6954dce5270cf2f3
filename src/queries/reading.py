"""What a question asks of the database: a pool or one connection, never a transaction."""

from typing import Any, Protocol

from src.events.connection import Row


class Reading(Protocol):
    """Answers SELECT statements."""

    async def fetch(self, query: str, *args: object) -> list[Row]: ...
    async def fetchrow(self, query: str, *args: object) -> Row | None: ...
    async def fetchval(self, query: str, *args: object) -> Any: ...  # noqa: ANN401  # a column can be anything
