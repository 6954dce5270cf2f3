"""Families of refresh tokens: each login begins one, and a stolen token ends it.

A refresh token is good for one step: whoever presents it gets the next
generation, and only that is taken from then on. When an older one turns up
again, two hold what one was given, and nobody knows which of them stole it:
the whole family ends, and its owner logs in anew.
"""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

REFRESH_GRACE_SECONDS = 10
"""An answer may be lost, and two tabs may ask at once: so long the step before is taken too."""
FIRST_GENERATION = 1
PURGE_ROWS_MAX = 5_000


class Step(Struct, frozen=True, kw_only=True):
    """What a refresh token says of its family, and what the book says of its owner."""

    family: str
    person: str
    generation: int
    password_changes: int
    """How often the owner's password was changed until now; a family is of one password."""


class FamilyStore(Protocol):
    """Remembers who stays logged in, for all processes of one installation."""

    async def begin(self, first: Step) -> None:
        """Begin a family with its first generation; again changes nothing."""
        ...

    async def rotate(self, presented: Step) -> int | None:
        """Return the generation that follows, or None: then the family is no more."""
        ...

    async def end(self, family: str) -> None:
        """End one family; one that is not there has ended."""
        ...

    async def forget(self, persons: Sequence[str]) -> None:
        """End every family of these persons."""
        ...

    async def purge(self) -> int:
        """Forget at most PURGE_ROWS_MAX families that nobody can use; return how many."""
        ...
