"""Families of refresh tokens in PostgreSQL: a row each, and a rotation is one update.

These connections wait for the disk: a step that was answered and then lost
would make a thief of the owner at the next.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from src.events.connection import Connection, connecting
from src.events.lines import Line, read_until_answered
from src.http.families import FIRST_GENERATION, PURGE_ROWS_MAX, REFRESH_GRACE_SECONDS, Step
from src.http.tokens import REFRESH_LIFETIME

T = TypeVar("T")


class FamilyRows:
    """`edge.families` of one book."""

    def __init__(
        self,
        dsn: str,
        book: int,
        grace_seconds: float = REFRESH_GRACE_SECONDS,
        lifetime: timedelta = REFRESH_LIFETIME,
    ) -> None:
        self._line = Line(connecting(dsn, "khata logins"))
        self._book = book
        self._grace = timedelta(seconds=grace_seconds)
        self._lifetime = lifetime

    async def begin(self, first: Step) -> None:
        """Begin a family with its first generation; again changes nothing."""
        about = (first.family, first.person, FIRST_GENERATION, first.password_changes)
        await self._run(lambda db: db.execute(_BEGIN, self._book, *about, self._lifetime))

    async def rotate(self, presented: Step) -> int | None:
        """Return the generation that follows, or None: then the family is no more."""
        return await self._run(lambda db: self._rotate(db, presented))

    async def _rotate(self, db: Connection, presented: Step) -> int | None:
        """Take the step, or find that it was taken a moment ago, or end the family."""
        about = (self._book, presented.family, presented.person)
        where = (*about, presented.generation, presented.password_changes)
        found: int | None = await db.fetchval(_ROTATE, *where, self._lifetime)
        if found is None:
            found = await db.fetchval(_JUST_NOW, *where, self._grace)
        if found is None:
            await db.execute(_END, self._book, presented.family)
        return found

    async def end(self, family: str) -> None:
        """End one family; one that is not there has ended."""
        await self._run(lambda db: db.execute(_END, self._book, family))

    async def forget(self, persons: Sequence[str]) -> None:
        """End every family of these persons."""
        await self._run(lambda db: db.execute(_FORGET, self._book, list(persons)))

    async def purge(self) -> int:
        """Forget at most PURGE_ROWS_MAX families that nobody can use; return how many."""
        done = await self._run(lambda db: db.execute(_PURGE, self._book, PURGE_ROWS_MAX))
        return int(done.removeprefix("DELETE "))

    async def close(self) -> None:
        """Close the connection."""
        await self._line.close()

    async def _run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Work, and again if the connection dies: a step taken twice is one that was just taken."""
        return await read_until_answered(lambda: self._line.run(work))


_BEGIN = """
insert into edge.families (book, family, person, generation, password_changes, expires_at)
values ($1, $2, $3, $4, $5, clock_timestamp() + $6)
on conflict do nothing
"""
_ROTATE = """
update edge.families
set generation = generation + 1, rotated_at = clock_timestamp(),
    expires_at = clock_timestamp() + $6
where book = $1 and family = $2 and person = $3 and generation = $4 and password_changes = $5
  and expires_at > clock_timestamp()
returning generation
"""
_JUST_NOW = """
select generation from edge.families
where book = $1 and family = $2 and person = $3 and generation = $4 + 1 and password_changes = $5
  and rotated_at > clock_timestamp() - $6::interval
"""
_END = "delete from edge.families where book = $1 and family = $2"
_FORGET = "delete from edge.families where book = $1 and person = any($2::text[])"
_PURGE = """
delete from edge.families where (book, family) in (
    select book, family from edge.families
    where book = $1 and expires_at < clock_timestamp()
    limit $2
)
"""
