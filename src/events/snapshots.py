"""Snapshots in PostgreSQL: the newest known state of each long stream, of which any may be gone.

Nothing depends on them but speed. A state that other code folded, or that stands
at an event that the book does not hold, is not found; one that cannot be read, or a table that is
away, is told once and counts as none.
"""

import asyncio
from typing import Any

from src.events.catalogue import FOLDS
from src.events.connection import connecting
from src.events.identifiers import Stream, category_of
from src.events.lines import Line
from src.events.state_codec import code_of, decode_state, encode_state, is_kept
from src.telemetry import logger

SESSION = {"synchronous_commit": "off"}

log = logger("snapshots")


class PostgresSnapshots:
    """`models.snapshots` of one book."""

    def __init__(self, dsn: str, book: int = 1) -> None:
        self._line = Line(connecting(dsn, "khata snapshots", session=SESSION))
        self._book = book
        self._offered: dict[Stream, tuple[int, object]] = {}
        self._keeping: asyncio.Task[None] | None = None
        for category in filter(is_kept, FOLDS):
            # Read now: later an upgrade may lie there, which is not the code that folds here.
            code_of(category)

    async def find(self, stream: Stream) -> tuple[int, Any] | None:
        """Return a version and the state that this code folded there, if one is kept."""
        category = category_of(stream)
        if not is_kept(category):
            return None
        try:
            row = await self._line.run(
                lambda db: db.fetchrow(_FIND, self._book, stream, code_of(category))
            )
            return None if row is None else (row[0], decode_state(category, row[1].encode()))
        except Exception as error:  # noqa: BLE001 - without it the stream is folded from its birth
            log.warning("a snapshot is not used", of=category, error=type(error).__name__)
            return None

    def offer(self, stream: Stream, version: int, state: object) -> None:
        """Keep a state in a while; of one stream only the last is written."""
        if is_kept(category_of(stream)):
            self._offered[stream] = (version, state)
            if self._keeping is None:
                self._keeping = asyncio.get_running_loop().create_task(self._keep_all())

    async def close(self) -> None:
        """Finish what was offered, and close the connection."""
        if self._keeping is not None:
            await asyncio.wait([self._keeping])
        await self._line.close()

    async def _keep_all(self) -> None:
        try:
            while self._offered:
                stream, (version, state) = self._offered.popitem()
                await self._keep(stream, version, state)
        finally:
            self._keeping = None

    async def _keep(self, stream: Stream, version: int, state: object) -> None:
        code, written = code_of(category_of(stream)), encode_state(state).decode()
        try:
            await self._line.run(
                lambda db: db.execute(_KEEP, self._book, stream, code, version, written)
            )
        except Exception as error:  # noqa: BLE001 - a snapshot that is not kept costs only time
            log.warning(
                "a snapshot is not kept", of=category_of(stream), error=type(error).__name__
            )


# After a standby took over, or a backup came back, the book may be shorter than what was
# kept on the way, or have grown again with other facts: only the same event counts.
_FIND = """
select known.version, known.state from models.snapshots as known
join khata.events as last using (book, stream, version, event_id)
where known.book = $1 and known.stream = $2 and known.folded = $3
"""
_KEEP = """
insert into models.snapshots as known (book, stream, folded, version, event_id, state)
select last.book, last.stream, $3, last.version, last.event_id, $5::json
from khata.events as last
where last.book = $1 and last.stream = $2 and last.version = $4
on conflict (book, stream) do update
    set folded = excluded.folded, version = excluded.version,
        event_id = excluded.event_id, state = excluded.state
    where known.folded <> excluded.folded or known.version < excluded.version or not exists (
        select from khata.events as stood
        where stood.book = known.book and stood.stream = known.stream
            and stood.version = known.version and stood.event_id = known.event_id
    )
"""
