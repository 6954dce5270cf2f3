"""Doors that secrets are guessed at: so many may pass in any minute, an e-mail's and an address's.

Who is refused is not counted, neither at the e-mail nor at the address. So
guesses at one e-mail use up nothing of anybody else's, and an address that is
full uses up nothing of the e-mails that it goes on naming. A door does not ask
what lies behind it: a right password, an unknown e-mail, all are counted alike.

With Redis the count is one for all processes, and exact. Each process also
keeps what it let through itself: it refuses from that without asking, and
counts by that alone while Redis is away.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec import Struct

from src.events.redis_client import Redis
from src.events.redis_link import RedisLink
from src.http.limit_headers import Limit
from src.http.refusals import TooManyRequests

WINDOW_SECONDS = 60
REMEMBERED_MAX = 20_000
"""So many e-mails and addresses does a process keep in mind, those that passed last."""
_WINDOW_MS = WINDOW_SECONDS * 1_000

_COUNT_IF_ROOM = """
local now, window = tonumber(ARGV[1]), tonumber(ARGV[2])
for i, key in ipairs(KEYS) do
  local eldest = redis.call('LINDEX', key, ARGV[i + 2] - 1)
  local wait = eldest and tonumber(eldest) + window - now or 0
  if wait > 0 then return {i, wait} end
end
for i, key in ipairs(KEYS) do
  redis.call('LPUSH', key, ARGV[1])
  redis.call('LTRIM', key, 0, ARGV[i + 2] - 1)
  redis.call('PEXPIRE', key, window)
end
return {0, 0}
"""


class Count(Struct, frozen=True):
    """Something that is counted, and how many may pass."""

    key: str
    policy: str
    passes_max: int


class Full(Struct, frozen=True):
    """No more pass for now."""

    count: Count
    wait_ms: int


class Doors:
    """Lets through, or raises TooManyRequests."""

    def __init__(
        self,
        link: RedisLink,
        clock: Callable[[], datetime],
        mailbox_passes_max: int,
        address_passes_max: int,
    ) -> None:
        self._link = link
        self._clock = clock
        self._mailbox_passes_max = mailbox_passes_max
        self._address_passes_max = address_passes_max
        self._passed: OrderedDict[str, deque[int]] = OrderedDict()

    async def pass_by(self, door: str, mailbox: str | None, address: str) -> None:
        """Count once at this door; raises TooManyRequests, which says how long to wait."""
        counts, now = self._counts(door, mailbox, address), self._now()
        full = self._full(counts, now) or await self._shared(counts, now)
        if full is not None:
            raise _too_many(full)

    def _counts(self, door: str, mailbox: str | None, address: str) -> list[Count]:
        """The e-mail first: who is refused there hears of that, whatever the address did."""
        key, policy = f"door:{door}:address:{address}", f"{door}-address"
        counts = [Count(key, policy, self._address_passes_max)]
        if mailbox is not None:
            key, policy = f"door:{door}:mailbox:{mailbox}", f"{door}-email"
            counts.insert(0, Count(key, policy, self._mailbox_passes_max))
        return counts

    async def _shared(self, counts: Sequence[Count], now: int) -> Full | None:
        """Ask Redis, which counts what passes; without it, look once more and count here."""
        answer = await self._link.do(lambda r: _ask(r, counts, now), None)
        if answer is None:
            full = self._full(counts, now)
        else:
            which, wait_ms = answer
            full = Full(counts[which - 1], wait_ms) if which else None
        if full is None:
            self._note(counts, now)
        return full

    def _full(self, counts: Sequence[Count], now: int) -> Full | None:
        for count in counts:
            passed = self._passed.get(count.key)
            if passed is not None and len(passed) >= count.passes_max:
                if passed[-1] > now:  # The clock was set back: as if all of them passed just now.
                    passed.extend([min(each, now) for each in passed])
                wait_ms = passed[0] + _WINDOW_MS - now
                if wait_ms > 0:
                    return Full(count, wait_ms)
        return None

    def _note(self, counts: Sequence[Count], now: int) -> None:
        for count in counts:
            passed = self._passed.setdefault(count.key, deque(maxlen=count.passes_max))
            passed.append(now)
            self._passed.move_to_end(count.key)
        while len(self._passed) > REMEMBERED_MAX:
            self._passed.popitem(last=False)

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1_000)


async def _ask(redis: Redis, counts: Sequence[Count], now: int) -> tuple[int, int]:
    keys = [count.key for count in counts]
    limits = [count.passes_max for count in counts]
    which, wait_ms = await redis.eval(_COUNT_IF_ROOM, len(keys), *keys, now, _WINDOW_MS, *limits)
    return int(which), int(wait_ms)


def _too_many(full: Full) -> TooManyRequests:
    # In Redis the clock may have been set back; there a count ends with its window all the same.
    seconds = min(-(-full.wait_ms // 1_000), WINDOW_SECONDS)
    return TooManyRequests(seconds, Limit(full.count.policy, full.count.passes_max, WINDOW_SECONDS))
