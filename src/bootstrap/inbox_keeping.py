"""How long deliveries are readable that are about no order of ours: bounded rounds of destruction.

Their keys are destroyed and nothing else: what came, that it was signed, and
what became of it stays in the book. Whose a delivery is, the read models know;
one that has only just begun knows of no order at all, so it is waited for.
"""

from datetime import timedelta

from src.bootstrap.catching_up import caught_up
from src.bootstrap.erasing import destroy_deliveries
from src.bootstrap.moments import now
from src.bootstrap.parts import BOOK, Parts
from src.projections import buyers, webhooks
from src.projections.projection import Projection
from src.queries.traces import unmatched
from src.telemetry import logger

DELIVERIES_PER_ROUND = 500
BOOKMARK = "inbox-keeping"
READ_MODELS: tuple[Projection, ...] = (buyers, webhooks)

log = logger("inbox")


async def destroy_unmatched(parts: Parts) -> int:
    """Destroy the keys of old deliveries that nothing was ever matched with; return how many."""
    before = now() - timedelta(days=parts.settings.inbox_keep_days)
    # One that is further behind is left to the next round.
    if not await caught_up(parts, READ_MODELS, await parts.book.head()):
        log.warning("old deliveries are kept until the read models have caught up")
        return 0
    destroyed = 0
    while True:
        after = await parts.bookmarks.position(BOOKMARK)
        old = await unmatched(parts.reads, BOOK, after, before, DELIVERIES_PER_ROUND)
        if old.position is None:
            return destroyed
        await destroy_deliveries(parts, old.deliveries)
        await parts.bookmarks.move(BOOKMARK, old.position)
        destroyed += len(old.deliveries)
