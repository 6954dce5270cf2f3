"""A real Redis, empty at the start of each test, and worse ones."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis

from src.embedded import Engines
from src.events import redis_link
from src.events.redis_link import RedisLink
from tests.redis.proxy import Proxy

PATIENCE_SECONDS = 5.0
SOON_SECONDS = 0.05
"""So long a circuit stays open in tests."""


@pytest.fixture
async def redis(engines: Engines, anyio_backend: str) -> AsyncIterator[Redis]:
    """A client of its own, to look at what was written and to break it."""
    assert anyio_backend == "asyncio"
    client = Redis.from_url(engines.redis_url)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
async def link(
    engines: Engines, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[RedisLink]:
    """A link to a healthy, empty Redis, which a busy machine may make slow and not absent."""
    assert await redis.ping()
    monkeypatch.setattr(redis_link, "TIMEOUT_SECONDS", PATIENCE_SECONDS)
    opened = RedisLink(engines.redis_url, SOON_SECONDS)
    yield opened
    await opened.close()


@pytest.fixture
async def proxy(engines: Engines, redis: Redis) -> AsyncIterator[Proxy]:
    """A wire that can be cut, with Redis behind it."""
    assert await redis.ping()
    wire = Proxy(engines.redis_url)
    yield wire
    wire.speak()
    await wire.cut()


@pytest.fixture
async def frail(proxy: Proxy) -> AsyncIterator[RedisLink]:
    """A link over that wire."""
    opened = RedisLink(await proxy.open(), SOON_SECONDS)
    yield opened
    await opened.close()


@pytest.fixture
def dead_url() -> Iterator[str]:
    """An address where nobody listens, and nobody else can begin to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"redis://:secret@127.0.0.1:{taken.getsockname()[1]}/0"


@pytest.fixture
async def dead(dead_url: str, anyio_backend: str) -> AsyncIterator[RedisLink]:
    """A link to nobody."""
    assert anyio_backend == "asyncio"
    opened = RedisLink(dead_url)
    yield opened
    await opened.close()


@pytest.fixture
async def silent(anyio_backend: str) -> AsyncIterator[RedisLink]:
    """A link to somebody who takes every connection and never says a word."""
    assert anyio_backend == "asyncio"
    writers: list[asyncio.StreamWriter] = []

    async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    opened = RedisLink(f"redis://:secret@127.0.0.1:{port}/0")
    yield opened
    await opened.close()
    for writer in writers:
        writer.close()
    server.close()
