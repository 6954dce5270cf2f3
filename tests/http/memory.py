"""Wishes remembered in memory; it passes the same tests as the rows in PostgreSQL."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from src.http.idempotency import KEEP_HOURS, Claim, Finished, OtherWish, Ours, Running


class Held(Struct):
    fingerprint: bytes
    command_id: UUID
    lease_until: datetime
    created_at: datetime
    lease: object
    answer: bytes | None = None
    finished_at: datetime | None = None
    about: str | None = None


class MemoryIdempotency:
    """One process's memory."""

    def __init__(self, clock: Callable[[], datetime], lease_seconds: float = 60) -> None:
        self._clock = clock
        self._lease = timedelta(seconds=lease_seconds)
        self.rows: dict[str, Held] = {}

    async def claim(
        self,
        key: str,
        fingerprint: bytes,
        command_id: UUID,
        about: str | None = None,
    ) -> Claim:
        now = self._clock()
        held = self.rows.get(key)
        if held is None:
            until = now + self._lease
            self.rows[key] = Held(fingerprint, command_id, until, now, object(), about=about)
            return Ours(self.rows[key].lease, command_id, again=False)
        if held.fingerprint != fingerprint:
            return OtherWish()
        if held.answer is not None and held.finished_at is not None:
            return Finished(held.answer, (now - held.finished_at).total_seconds())
        if held.lease_until > now:
            return Running()
        held.lease_until, held.lease = now + self._lease, object()
        return Ours(held.lease, held.command_id, again=True)

    async def finish(self, key: str, answer: bytes, about: str | None = None) -> None:
        if held := self.rows.get(key):
            held.answer, held.about = held.answer or answer, about or held.about
            held.finished_at = held.finished_at or self._clock()

    async def forget(self, about: Sequence[str]) -> None:
        for key in [key for key, held in self.rows.items() if held.about in about]:
            del self.rows[key]

    async def release(self, key: str, lease: object) -> None:
        held = self.rows.get(key)
        if held is not None and held.lease is lease:
            held.lease_until = self._clock()

    async def purge(self) -> int:
        eldest = self._clock() - timedelta(hours=KEEP_HOURS)
        old = [key for key, held in self.rows.items() if held.created_at < eldest]
        for key in old:
            del self.rows[key]
        return len(old)
