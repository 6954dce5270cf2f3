"""A bookmark begins at 0, moves forward, and never back."""

import pytest

from src.events.reactions import Bookmarks
from tests.databases import BookDatabase

pytestmark = pytest.mark.anyio


async def test_a_bookmark_only_moves_forward_and_every_reaction_has_its_own(
    book_database: BookDatabase,
) -> None:
    bookmarks = Bookmarks(book_database.app_url)
    assert await bookmarks.position("erasure") == 0
    for position in (7, 3):
        await bookmarks.move("erasure", position)
    assert await bookmarks.position("erasure") == 7
    assert await bookmarks.position("another") == 0
    await bookmarks.close()
