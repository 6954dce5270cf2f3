"""What every read model is to the runner: a module with a name, tables, and one function."""

from collections.abc import Sequence
from typing import Any, Protocol

from msgspec import Struct

from src.events.connection import Connection
from src.events.envelope import Recorded

Handles = frozenset[type[Struct]]


class Projection(Protocol):
    """A read model. Raise VERSION with new tables, and the runner builds it from the first fact."""

    @property
    def NAME(self) -> str: ...  # noqa: N802  # a module's constant

    @property
    def VERSION(self) -> int: ...  # noqa: N802  # as above

    @property
    def TABLES(self) -> tuple[str, ...]:  # noqa: N802  # as above
        """Without a schema; each has the version in its name, as in `orders_v1`, and a key
        that begins with the column `book`. Questions know it by the view `orders`."""
        ...

    @property
    def DDL(self) -> str:  # noqa: N802  # as above
        """Makes what is missing; runs once, alone and in one transaction."""
        ...

    @property
    def HANDLES(self) -> Handles:  # noqa: N802  # as above
        """The facts that `project` is given; all others pass by undecoded."""
        ...

    async def project(self, page: Sequence[Recorded], db: Connection, book: int) -> None:
        """Add a page of facts, in order and each exactly once, to the tables."""
        ...


async def write(db: Connection, statement: str, book: int, rows: Sequence[Sequence[Any]]) -> None:
    """Send all rows in one statement: the book is $1, each column an array from $2 on."""
    if rows:
        await db.execute(statement, book, *map(list, zip(*rows, strict=True)))
