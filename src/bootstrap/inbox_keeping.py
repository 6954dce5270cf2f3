"""How long deliveries are readable that are about no order of ours: bounded rounds of destruction.

Their keys are destroyed and nothing else: what came, that it was signed, and
what became of it stays in the book.
"""

from datetime import timedelta

from src.bootstrap.moments import now
from src.bootstrap.parts import BOOK, Parts
from src.queries.traces import unmatched

DELIVERIES_PER_ROUND = 500
BOOKMARK = "inbox-keeping"


async def destroy_unmatched(parts: Parts) -> int:
    """Destroy the keys of old deliveries that nothing was ever matched with; return how many."""
    before = now() - timedelta(days=parts.settings.inbox_keep_days)
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
