"""Wishes remembered in PostgreSQL: a row each, made before the work.

These connections do not wait for the disk (`EDGE_SESSION`): a claim stands in
the server's log before the append that it is for, so whoever finds the append
after a crash finds the claim too. A claim that is lost belongs to a command
that was not written.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from itertools import cycle
from typing import TypeVar
from uuid import UUID

from src.events.connection import Connection, connecting
from src.events.lines import Line, read_until_answered
from src.http.idempotency import (
    IDEMPOTENCY_LEASE_SECONDS,
    KEEP_HOURS,
    PURGE_ROWS_MAX,
    Claim,
    Finished,
    OtherWish,
    Ours,
    Running,
)

EDGE_SESSION = {"synchronous_commit": "off"}
LINES = 2
TRIES_MAX = 3

T = TypeVar("T")


def edge_lines(dsn: str, count: int = LINES) -> Sequence[Line]:
    """Return connections for `IdempotencyRows`, opened when they are first used."""
    connect = connecting(dsn, "khata edge", session=EDGE_SESSION)
    return tuple(Line(connect) for _ in range(count))


class IdempotencyRows:
    """`edge.idempotency` of one book."""

    def __init__(
        self, lines: Sequence[Line], book: int, lease_seconds: int = IDEMPOTENCY_LEASE_SECONDS
    ) -> None:
        self._lines = lines
        self._turns = cycle(lines)
        self._book = book
        self._lease_seconds = lease_seconds

    async def claim(
        self, key: str, fingerprint: bytes, command_id: UUID, about: str | None = None
    ) -> Claim:
        """Take the lease of a new wish, or of one whose lease has expired."""
        for _ in range(TRIES_MAX):
            claim = await self._run(lambda db: self._try(db, key, fingerprint, command_id, about))
            if claim is not None:
                return claim
        return Running()

    async def _try(
        self, db: Connection, key: str, fingerprint: bytes, command_id: UUID, about: str | None
    ) -> Claim | None:
        taken = await db.fetchrow(
            _CLAIM, self._book, key, fingerprint, command_id, self._lease_seconds, about
        )
        if taken is not None:
            return Ours(taken["lease_until"], taken["command_id"], taken["again"])
        row = await db.fetchrow(_LOOK, self._book, key)
        if row is None:
            return None  # It was purged between the two questions.
        if row["fingerprint"] != fingerprint:
            return OtherWish()
        return Running() if row["answer"] is None else Finished(row["answer"], row["age"])

    async def finish(self, key: str, answer: bytes, about: str | None = None) -> None:
        """Keep the answer, and whom it is about; the first one counts."""
        await self._run(lambda db: db.execute(_FINISH, self._book, key, answer, about))

    async def forget(self, about: Sequence[str]) -> None:
        """Forget every answer that is about one of these."""
        await self._run(lambda db: db.execute(_FORGET, self._book, list(about)))

    async def release(self, key: str, lease: object) -> None:
        """Let the next try begin at once, unless the lease went to another meanwhile."""
        assert isinstance(lease, datetime)
        await self._run(lambda db: db.execute(_RELEASE, self._book, key, lease))

    async def purge(self) -> int:
        """Forget at most PURGE_ROWS_MAX wishes older than KEEP_HOURS; return how many."""
        done = await self._run(
            lambda db: db.execute(_PURGE, self._book, KEEP_HOURS, PURGE_ROWS_MAX)
        )
        return int(done.removeprefix("DELETE "))

    async def close(self) -> None:
        """Close the connections."""
        for line in self._lines:
            await line.close()

    async def _run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Work on the next connection, and ask again if it dies; a claim made twice is running."""
        return await read_until_answered(lambda: next(self._turns).run(work))


_CLAIM = """
insert into edge.idempotency as held (book, key, fingerprint, command_id, lease_until, about)
values ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5), $6)
on conflict (book, key) do update set lease_until = excluded.lease_until
where held.finished_at is null
  and held.fingerprint = excluded.fingerprint
  and held.lease_until <= clock_timestamp()
returning lease_until, command_id, xmax <> 0 as again
"""
_LOOK = """
select fingerprint, answer, extract(epoch from clock_timestamp() - finished_at)::float8 as age
from edge.idempotency where book = $1 and key = $2
"""
_FINISH = """
update edge.idempotency
set finished_at = clock_timestamp(), answer = $3, about = coalesce($4, about)
where book = $1 and key = $2 and finished_at is null
"""
_RELEASE = """
update edge.idempotency set lease_until = clock_timestamp()
where book = $1 and key = $2 and lease_until = $3 and finished_at is null
"""
_FORGET = "delete from edge.idempotency where book = $1 and about = any($2::text[])"
_PURGE = """
delete from edge.idempotency where (book, key) in (
    select book, key from edge.idempotency
    where book = $1 and created_at < clock_timestamp() - make_interval(hours => $2)
    limit $3
)
"""
