"""Floods: so many requests a second of one identity, and of one address, are enough.

A request never waits for this count. Each process counts in its own memory,
and whoever is busy is told to Redis portion by portion, beside the requests;
the answer says what the other processes have let through. So the quiet ones
cost nothing, the busy ones one round trip a portion, and a Redis that is gone
or hangs costs nobody anything: each process then counts by itself. The price
is that every process may let through a portion more than it knows of.
"""

import asyncio
from collections.abc import Callable
from hashlib import sha256

from msgspec import Struct

from src.events.redis_client import Redis
from src.events.redis_link import RedisLink
from src.http.asgi import Headers
from src.http.limit_headers import Limit
from src.http.refusals import TooManyRequests

WINDOW_SECONDS = 1
"""The seconds of the clock, so that they are the same for all processes."""
PORTIONS = 20
"""A busy caller is told to Redis so many times until the limit."""
NAMES_MAX = 20_000
"""So many callers are counted apart in one second; all others share one count."""
TELLING_MAX = 64
"""So many are told to Redis at the same time; the others a portion later."""
KEPT_MS = 3_000
"""A window's count stays in Redis for longer than clocks differ."""
CROWD = "crowd"
ADDRESS, IDENTITY = "address", "identity"

UNLIMITED = frozenset(("", "docs", "health", "metrics", "schema", "shop", "webhooks"))
"""The first part of what is never limited: pages, figures, and Razorpay's deliveries, because
an endpoint that answers 429 too often is switched off there."""

_ADD = """
local sum = redis.call('INCRBY', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return sum
"""


class Spent(Struct):
    """What one caller has had in this second."""

    tell_at: int
    """To be told to Redis as soon as this process has let through so many."""
    mine: int = 0
    told: int = 0
    others: int = 0
    """What other processes let through, as far as they have told."""


class Flood:
    """Counts requests; more than `per_second` of one name raise TooManyRequests."""

    def __init__(self, link: RedisLink | None, clock: Callable[[], float], per_second: int) -> None:
        self._link = link
        self._clock = clock
        self._per_second = per_second
        self._portion = max(1, per_second // PORTIONS)
        self._second = 0
        self._spent: dict[str, Spent] = {}
        self._telling: set[asyncio.Task[None]] = set()
        self._limits = {
            kind: Limit(kind, per_second, WINDOW_SECONDS) for kind in (ADDRESS, IDENTITY)
        }
        policies = ", ".join(limit.policy for limit in self._limits.values())
        self._policy = (b"ratelimit-policy", policies.encode())

    def limits(self, path: str, *, has_token: bool) -> bool:
        """Whether a request to this path counts: one with a token does, wherever it is sent."""
        return self._per_second > 0 and (has_token or is_limited(path))

    def take(self, kind: str, name: str) -> int:
        """Count a request, and return how many are left in this second."""
        second = int(self._clock())
        if second != self._second:
            self._second, self._spent = second, {}
        spent = self._spent.get(name) or self._begun(name)
        left = self._per_second - spent.mine - spent.others
        if left <= 0:
            raise TooManyRequests(WINDOW_SECONDS, self._limits[kind])
        spent.mine += 1
        if spent.mine >= spent.tell_at:
            self._tell(name, second, spent)
        return left - 1

    def headers(self, by_address: int, by_identity: int | None) -> Headers:
        """Say what is left, of whatever is nearer to its end."""
        kind, left = ADDRESS, by_address
        if by_identity is not None and by_identity < by_address:
            kind, left = IDENTITY, by_identity
        said = self._limits[kind].left(left, WINDOW_SECONDS)
        return [self._policy, (b"ratelimit", said.encode())]

    async def finish(self) -> None:
        """Wait until what is being told is told."""
        while self._telling:
            await asyncio.gather(*self._telling)

    def _begun(self, name: str) -> Spent:
        if len(self._spent) >= NAMES_MAX:
            name = CROWD
        return self._spent.setdefault(name, Spent(self._portion))

    def _tell(self, name: str, second: int, spent: Spent) -> None:
        spent.tell_at = spent.mine + self._portion
        if self._link is None or len(self._telling) >= TELLING_MAX:
            return
        # Hashed, because who works here may be known by an e-mail.
        key = f"flood:{sha256(name.encode()).hexdigest()}:{second}"
        task = asyncio.create_task(self._told(self._link, key, spent))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _told(self, link: RedisLink, key: str, spent: Spent) -> None:
        mine = spent.mine
        more, spent.told = mine - spent.told, mine

        async def ask(redis: Redis) -> int:
            return int(await redis.eval(_ADD, 1, key, more, KEPT_MS))

        total = await link.do(ask, None)
        if total is None:
            spent.told -= more
        else:
            spent.others = max(spent.others, total - mine)


def is_limited(path: str) -> bool:
    """Whether a path is a call of the shop or its staff."""
    return path[1:].partition("/")[0] not in UNLIMITED
