"""The fixture that both read models and questions are tested on."""

from collections.abc import AsyncIterator

import pytest

from src.events.connection import connecting
from src.events.ledger import open_book
from src.projections.places import LIVE, stay_in
from src.projections.tables import prepare
from tests.databases import BookDatabase
from tests.projections.shop import BOOK, Shop


@pytest.fixture
async def shop(book_database: BookDatabase, anyio_backend: str) -> AsyncIterator[Shop]:
    """An empty shop whose read models are ready to be fed."""
    assert anyio_backend == "asyncio"
    connect = connecting(book_database.app_url, "khata test")
    book, db = await open_book(book_database.app_url, BOOK), await connect()
    await prepare(db, BOOK)
    await stay_in(db, LIVE)
    yield Shop(book_database.app_url, book, db, connect)
    await db.close()
    await book.close()
