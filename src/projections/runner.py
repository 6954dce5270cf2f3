"""Feeds the read models from the book, page by page, each fact exactly once.

A page and the checkpoints that it moves are one transaction, and it moves them
only from where they were seen to stand: two runners at once waste work, and
nothing else. A fact that a projection cannot take stops that projection, by
name, at that position; it is never skipped, and the others go on.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

from src.events.connection import Connect, Connection
from src.events.envelope import StoredEvent
from src.events.lines import Line
from src.events.ports import Book
from src.projections import checkpoints
from src.projections.catalogue import PROJECTIONS
from src.projections.faults import PASSING
from src.projections.intake import take
from src.projections.pages import unwanted
from src.projections.places import LIVE, stay_in
from src.projections.projection import Projection
from src.projections.tables import prepare
from src.telemetry import logger
from src.tracing import Origin, Span, follow

PAGE_EVENTS = 1_000
"""Positions a page: of the facts at them, the book sends those that somebody handles."""
SLOW_POLL_SECONDS = 1.0
"""How long a fact may wait when nobody tells us about it."""
PACE_SECONDS = 0.05
"""Rest after the head was reached: a busy book is read in pages, not fact by fact."""
FEEDING = 0x6B68
"""Advisory lock, with the book: one runner works and the others stand by."""
FEEDING_ANALYSTS = 0x6B69
"""The same among those who feed what is added up for analysts."""
ANALYSTS_PACE_SECONDS = 0.25
"""Their rest is longer: on a busy shop fewer and fuller pages cost it less."""

Wait = Callable[[float], Awaitable[object]]
log = logger("projections")


class Runner:
    """Keeps read models of one book at its head: all of them, or those it is given."""

    def __init__(  # noqa: PLR0913  # what, for whom, and how often
        self,
        source: Book,
        connect: Connect,
        book: int = 1,
        projections: Sequence[Projection] = PROJECTIONS,
        *,
        feeding: int = FEEDING,
        pace_seconds: float = PACE_SECONDS,
    ) -> None:
        self._source = source
        self._book = book
        self._projections = projections
        self._feeding = feeding
        self._pace_seconds = pace_seconds
        self._leads = False
        self._line = Line(connect, self._prepare)

    async def follow(self, wake: Wait, pause: Wait = asyncio.sleep) -> None:
        """Stay at the head until cancelled.

        `wake` returns when there is something new, or after the seconds given.
        """
        while True:
            try:
                if await self._line.run(self._is_leader):
                    await self.catch_up()
            except PASSING as error:
                log.warning("waiting for the database", error=type(error).__name__)
            await pause(self._pace_seconds)
            await wake(SLOW_POLL_SECONDS)

    async def catch_up(self) -> None:
        """Go on until every projection that can has reached the head."""
        while await self._line.run(self._step):
            pass

    async def close(self) -> None:
        """Let go of the connection."""
        await self._line.close()

    async def _prepare(self, db: Connection) -> None:
        # What a crash of the server takes from a read model, it takes from its checkpoint too.
        await db.execute("set synchronous_commit = off; set jit = off")
        await stay_in(db, LIVE)
        await prepare(db, self._book, self._projections)
        self._leads = False

    async def _is_leader(self, db: Connection) -> bool:
        if not self._leads:
            self._leads = await db.fetchval(
                "select pg_try_advisory_lock($1, $2)", self._feeding, self._book
            )
            if self._leads:
                await checkpoints.retry(db, self._book, self._projections)
        return self._leads

    async def _step(self, db: Connection) -> bool:
        """Take one page for each group of projections that stand at the same place."""
        more = False
        for after, group in (await self._groups(db)).items():
            page = await self._source.read_page(after, PAGE_EVENTS, without=unwanted(group))
            if page:
                with _span_of(page):
                    await take(db, self._book, group, after, page)
                more |= page[-1].position == after + PAGE_EVENTS
        return more

    async def _groups(self, db: Connection) -> dict[int, list[Projection]]:
        known = await checkpoints.load(db, self._book)
        groups: dict[int, list[Projection]] = defaultdict(list)
        for projection in self._projections:
            checkpoint = known.get((projection.NAME, projection.VERSION))
            # A newer Khata may have put one away that it has a newer version of.
            if checkpoint is not None and checkpoint.stopped_at is None:
                groups[checkpoint.position].append(projection)
        return groups


def _span_of(page: Sequence[StoredEvent]) -> Span:
    """Begin taking in a page: a part of the first fact's trace, linked to those of the others."""
    span = follow("project", (Origin(each.correlation_id, each.command_id) for each in page))
    span.note("khata.facts", len(page))
    span.note("khata.position", page[-1].position)
    return span
