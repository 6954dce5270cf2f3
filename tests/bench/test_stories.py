"""The book that is measured is one that the shop could have written."""

from collections import defaultdict
from typing import Any

import pytest

from src.events.catalogue import fold_of
from src.events.codec import recorded
from src.events.connection import connecting
from src.events.envelope import StoredEvent
from src.events.identifiers import Stream
from src.events.ledger import open_book
from src.queries.stored_rows import rows_between
from tests.bench.store.stories import EVENTS_PER_STORY, PAIRS, buy, fill, left_cart
from tests.databases import BookDatabase

EVENTS = 3 * PAIRS * EVENTS_PER_STORY


@pytest.mark.anyio
async def test_a_filled_book_is_dense_hashed_and_folds(book_database: BookDatabase) -> None:
    db = await connecting(book_database.superuser_url, "khata tests")()
    book = await open_book(book_database.app_url)
    try:
        last = await fill(db, EVENTS)
        await buy(db)
        head = await book.head()
        rows = await rows_between(db, 1, 0, head)
    finally:
        await book.close()
        await db.close()
    assert [row.event.position for row in rows] == list(range(1, head + 1))
    assert all(row.leaf_at(1, row.event.position) == row.kept for row in rows)
    states = _folded([row.event for row in rows])
    cart, sku = left_cart(last)
    assert states[Stream(f"cart-{cart}")].contents.quantities[sku] == 1


def _folded(events: list[StoredEvent]) -> dict[Stream, Any]:
    """Fold every stream; a fact that cannot be ends it."""
    versions = defaultdict[Stream, int](int)
    states: dict[Stream, Any] = {}
    for event in events:
        versions[event.stream] += 1
        assert event.version == versions[event.stream]
        fold = fold_of(event.stream)
        before = states.get(event.stream, fold.nothing_yet)
        states[event.stream] = fold.evolve(before, recorded(event).event)
    return states
