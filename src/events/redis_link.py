"""The one way to Redis: bounded in time, never tried twice, and never an error to whoever asks.

Redis may vanish at any moment and nothing is lost but speed. *Vanish* includes
*hang*: each request to a silent Redis would cost its timeout, so after the
first failure the circuit opens and the rest cost nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar, cast

from msgspec import Struct
from redis import asyncio as redis_py
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from src.events.circuit import OPEN_SECONDS, Circuit
from src.events.redis_client import Listener, Redis
from src.telemetry import logger

TIMEOUT_SECONDS = 0.25
"""For everything that one `do` does, the connecting and the wait for a connection included."""
CONNECTIONS_MAX = 32
LISTENERS_MAX = 4
"""Connections that listen to channels, and so are never given back."""

T = TypeVar("T")
Otherwise = TypeVar("Otherwise")
State = Literal["up", "down"]
UNREACHABLE = (RedisError, OSError, TimeoutError)

log = logger("redis")


class Counts(Struct):
    """What became of the requests of this process, for the metrics."""

    answered: int = 0
    failed: int = 0
    """Not reached, or not in time."""
    refused: int = 0
    """Answered with an error: out of memory, read-only, a key of another type."""
    skipped: int = 0
    """Not even tried: the circuit was open, or the process ends."""


class RedisLink:
    """A pool of connections to one Redis."""

    def __init__(self, url: str, open_seconds: float = OPEN_SECONDS) -> None:
        self._client = redis_py.Redis(connection_pool=_pool(url))
        self._redis = cast("Redis", self._client)
        self._room = asyncio.Semaphore(CONNECTIONS_MAX)
        self._circuit = Circuit(open_seconds)
        self._refusals_told: set[str] = set()
        self._is_closed = False
        self.counts = Counts()

    @property
    def state(self) -> State:
        """How Redis was when it was last asked."""
        return "down" if self._circuit.is_open else "up"

    async def do(self, ask: Callable[[Redis], Awaitable[T]], otherwise: Otherwise) -> T | Otherwise:
        """Return Redis' answer, or `otherwise` if there is none."""
        if self._is_closed or not self._circuit.lets_through(_now()):
            self.counts.skipped += 1
            return otherwise
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS), self._room:
                answer = await ask(self._redis)
        except ResponseError as refusal:
            self._answers()
            self._refused(refusal)
            return otherwise
        except UNREACHABLE as failure:
            self._failed(failure)
            return otherwise
        self._answers()
        self.counts.answered += 1
        return answer

    async def check(self) -> State:
        """Ask Redis for a sign of life, unless it is known to be away, and return the state."""
        await self.do(lambda redis: redis.ping(), None)
        return self.state

    def listener(self) -> Listener:
        """Return a connection for listening to channels; whoever takes it closes it."""
        return cast("Listener", self._client.pubsub())  # pyright: ignore[reportUnknownMemberType]  # untyped there

    async def close(self) -> None:
        """Let what is asked be answered, and close all connections; nobody opens another."""
        if self._is_closed:
            return
        self._is_closed = True
        for _ in range(CONNECTIONS_MAX):
            await self._room.acquire()
        await self._client.aclose()
        await self._client.connection_pool.disconnect()

    def _answers(self) -> None:
        if self._circuit.is_open:
            log.info("redis is back")
        self._circuit.succeeded()

    def _refused(self, refusal: ResponseError) -> None:
        """Tell each kind once: it is a setting to be mended, and may come with every call."""
        self.counts.refused += 1
        kind = type(refusal).__name__
        if kind not in self._refusals_told:
            self._refusals_told.add(kind)
            log.error("redis refuses", error=kind, code=str(refusal).partition(" ")[0])

    def _failed(self, failure: Exception) -> None:
        self.counts.failed += 1
        if not self._circuit.is_open:
            log.warning("redis is away", error=type(failure).__name__)
        self._circuit.failed(_now())


def _pool(url: str) -> redis_py.ConnectionPool:
    return redis_py.ConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType]  # untyped there
        url,
        max_connections=CONNECTIONS_MAX + LISTENERS_MAX,
        socket_timeout=None,  # `do` keeps the time; the library would make a task of every send
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        protocol=2,  # what every Redis and Valkey speaks; connecting takes fewer messages
    )


def _now() -> float:
    return asyncio.get_running_loop().time()
