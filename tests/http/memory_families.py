"""Families of refresh tokens in memory; it passes the same tests as the rows in PostgreSQL."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from src.http.families import FIRST_GENERATION, REFRESH_GRACE_SECONDS, Step
from src.http.tokens import REFRESH_LIFETIME


class Row(Struct):
    person: str
    generation: int
    password_changes: int
    rotated_at: datetime
    expires_at: datetime


class MemoryFamilies:
    """One process's memory."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        grace_seconds: float = REFRESH_GRACE_SECONDS,
        lifetime: timedelta = REFRESH_LIFETIME,
    ) -> None:
        self._clock = clock
        self._grace = timedelta(seconds=grace_seconds)
        self._lifetime = lifetime
        self.rows: dict[str, Row] = {}

    async def begin(self, first: Step) -> None:
        now = self._clock()
        row = Row(first.person, FIRST_GENERATION, first.password_changes, now, now + self._lifetime)
        self.rows.setdefault(first.family, row)

    async def rotate(self, presented: Step) -> int | None:
        row, now = self.rows.get(presented.family), self._clock()
        if row is None:
            return None
        is_its = (row.person, row.password_changes) == (
            presented.person,
            presented.password_changes,
        )
        if is_its and row.generation == presented.generation and row.expires_at > now:
            row.generation += 1
            row.rotated_at, row.expires_at = now, now + self._lifetime
            return row.generation
        is_next = row.generation == presented.generation + 1
        if is_its and is_next and row.rotated_at > now - self._grace:
            return row.generation
        del self.rows[presented.family]
        return None

    async def end(self, family: str) -> None:
        self.rows.pop(family, None)

    async def forget(self, persons: Sequence[str]) -> None:
        for family in [name for name, row in self.rows.items() if row.person in persons]:
            del self.rows[family]

    async def purge(self) -> int:
        now = self._clock()
        old = [name for name, row in self.rows.items() if row.expires_at < now]
        for name in old:
            del self.rows[name]
        return len(old)
