"""The book and the key ring, twice each: in memory, and in PostgreSQL."""

import secrets
import time
from collections.abc import AsyncIterator

import pytest

from src.events.key_ring import PostgresKeyRing, open_key_ring
from src.events.ledger import PostgresBook, open_book
from src.events.master_key import MasterKeys
from tests.databases import BookDatabase
from tests.memory import MemoryBook, MemoryKeyRing

MASTER_KEYS = MasterKeys([b"m" * 32])


@pytest.fixture(params=["memory", "postgres"])
def place(request: pytest.FixtureRequest) -> BookDatabase | None:
    """Where the test takes place; None is memory."""
    if request.param == "memory":
        return None
    database: BookDatabase = request.getfixturevalue("book_database")
    return database


@pytest.fixture
async def book(place: BookDatabase | None) -> AsyncIterator[MemoryBook | PostgresBook]:
    """An empty book."""
    opened = MemoryBook() if place is None else await open_book(place.app_url)
    yield opened
    await opened.close()


@pytest.fixture
async def keys(place: BookDatabase | None) -> AsyncIterator[MemoryKeyRing | PostgresKeyRing]:
    """An empty key ring."""
    opened = (
        MemoryKeyRing()
        if place is None
        else await open_key_ring(place.app_url, MASTER_KEYS, secrets.token_bytes, time.monotonic)
    )
    yield opened
    await opened.close()
