"""A key that one process destroys is forgotten by every other as soon as it hears of it."""

import asyncio
import secrets
import time
from contextlib import suppress

import pytest

from src.events.channels import Channels
from src.events.connection import connecting
from src.events.key_destruction import KEYS_PER_CALL_MAX, KeyDestruction
from src.events.key_ring import PostgresKeyRing
from src.events.lines import Line
from src.events.redis_link import RedisLink
from tests.databases import BookDatabase
from tests.events.conftest import MASTER_KEYS

pytestmark = pytest.mark.anyio
PATIENCE_SECONDS = 10.0
MANY = [f"key_{n}" for n in range(2 * KEYS_PER_CALL_MAX + 1)]


class Process:
    """A ring with its ear on the channel."""

    def __init__(self, database: BookDatabase, link: RedisLink) -> None:
        line = Line(connecting(database.app_url, "khata tests"))
        self.ring = PostgresKeyRing(line, MASTER_KEYS, secrets.token_bytes, time.monotonic)
        self.channels = Channels(link)
        self.destruction = KeyDestruction(self.ring, link, self.channels)

    async def listen(self) -> asyncio.Task[None]:
        listening = asyncio.create_task(self.channels.listen())
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self.channels.connected:  # noqa: ASYNC110 - the channels ring nobody
                await asyncio.sleep(0.005)
        return listening


async def ended(listening: asyncio.Task[None]) -> None:
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening


async def test_another_process_hears_that_a_key_was_destroyed(
    book_database: BookDatabase, link: RedisLink
) -> None:
    here, there = Process(book_database, link), Process(book_database, link)
    listening = await there.listen()
    sealed = await there.ring.seal(MANY[-1], b"one")
    kept = await there.ring.seal("person-2", b"two")
    await here.destruction.destroy(MANY)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await there.ring.open(sealed) is not None:  # noqa: ASYNC110 - the ring rings nobody
            await asyncio.sleep(0.005)
    assert await there.ring.open(kept) == b"two"
    await ended(listening)
    await asyncio.gather(here.ring.close(), there.ring.close())


async def test_without_redis_the_key_is_destroyed_all_the_same(
    book_database: BookDatabase, dead: RedisLink
) -> None:
    here = Process(book_database, dead)
    sealed = await here.ring.seal("person-1", b"one")
    await here.destruction.destroy(["person-1"])
    assert await here.ring.open(sealed) is None
    await here.ring.close()


async def test_who_begins_to_listen_forgets_what_it_had_opened(
    book_database: BookDatabase, link: RedisLink
) -> None:
    here, there = Process(book_database, link), Process(book_database, link)
    sealed = await there.ring.seal("person-1", b"one")
    await here.destruction.destroy(["person-1"])
    assert await there.ring.open(sealed) == b"one"
    listening = await there.listen()
    assert await there.ring.open(sealed) is None
    await ended(listening)
    await asyncio.gather(here.ring.close(), there.ring.close())
