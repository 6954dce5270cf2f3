"""How long deliveries are readable that are about no order of ours: bounded rounds of destruction.

Their keys are destroyed and nothing else: what came, that it was signed, and
what became of it stays in the book. Whose a delivery is, the read models know;
one that has only just begun knows of no order at all, so it is waited for.
"""

from datetime import timedelta

from src.bootstrap.moments import now
from src.bootstrap.parts import BOOK, Parts
from src.projections import buyers, webhooks
from src.projections.projection import Projection
from src.queries.traces import unmatched
from src.queries.waiting import NotThereYet, wait_until
from src.telemetry import logger

DELIVERIES_PER_ROUND = 500
CATCH_UP_WAIT_SECONDS = 1.0
"""So long a round waits for the read models; one that is further behind is left to the next."""
BOOKMARK = "inbox-keeping"
READ_MODELS: tuple[Projection, ...] = (buyers, webhooks)

log = logger("inbox")


async def destroy_unmatched(parts: Parts) -> int:
    """Destroy the keys of old deliveries that nothing was ever matched with; return how many."""
    before = now() - timedelta(days=parts.settings.inbox_keep_days)
    if not await _is_known_whose(parts):
        log.warning("old deliveries are kept until the read models have caught up")
        return 0
    destroyed = 0
    while True:
        after = await parts.bookmarks.position(BOOKMARK)
        old = await unmatched(parts.reads, BOOK, after, before, DELIVERIES_PER_ROUND)
        if old.position is None:
            return destroyed
        await parts.destruction.destroy([each.key_id for each in old.deliveries])
        await parts.answers.forget([each.webhook_id for each in old.deliveries])
        await parts.bookmarks.move(BOOKMARK, old.position)
        destroyed += len(old.deliveries)


async def _is_known_whose(parts: Parts) -> bool:
    """Whether the read models have seen every order that the book has now."""
    head = await parts.book.head()
    try:
        await wait_until(
            parts.reads, BOOK, READ_MODELS, head, timeout_seconds=CATCH_UP_WAIT_SECONDS
        )
    except NotThereYet:
        return False
    return True
