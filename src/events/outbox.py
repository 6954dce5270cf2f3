"""The outbox: a Redis stream of all facts of a book, for other systems.

An entry's id is `<position>-0` and the stream has no gaps. A page of facts is
added to the end that its publisher has seen, or not at all: one script on this
one key compares and adds, so several publishers make one stream in order.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct, msgpack

from src.events.envelope import StoredEvent
from src.events.redis_client import Redis
from src.events.redis_link import RedisLink

PAGE_EVENTS = 500
PAGE_BYTES_MAX = 500_000
"""Of payloads, unless one fact alone has more: a page has to be in Redis within its timeout."""
_FIRST_ID = "0-0"
_ID_DIGITS_MAX = 19

_ADD = """
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'none' and kind ~= 'stream' then return {kind, ''} end
local last, event = '0-0', ''
if kind == 'stream' then
  local info = redis.call('XINFO', 'STREAM', KEYS[1])
  for n = 1, #info, 2 do
    if info[n] == 'last-generated-id' then last = info[n + 1] end
  end
  local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
  if newest and newest[1] == last then
    event = '?'
    for n = 1, #newest[2], 2 do
      if newest[2][n] == 'event_id' then event = newest[2][n + 1] end
    end
  end
end
if last == ARGV[1] and event == ARGV[2] then
  local entries = cmsgpack.unpack(ARGV[4])
  for _, entry in ipairs(entries) do redis.call('XADD', KEYS[1], unpack(entry)) end
  if #entries > 0 then redis.call('XTRIM', KEYS[1], 'MAXLEN', '~', ARGV[3]) end
end
return {last, event}
"""


class End(Struct, frozen=True):
    """Where the stream ends: its last id, and which event that is."""

    last_id: str = _FIRST_ID
    event_id: str = ""
    """Empty when that entry is gone, or was never there; `?` when it names no event."""

    @property
    def position(self) -> int | None:
        """The last position, 0 before the first; None when this is no stream of ours."""
        digits, _, rest = self.last_id.partition("-")
        ours = rest == "0" and digits.isdecimal() and len(digits) <= _ID_DIGITS_MAX
        return int(digits) if ours else None


def outbox_key(book: int) -> str:
    """Return where a book's outbox lies in Redis."""
    return f"khata:book:{book}"


def end_with(fact: StoredEvent) -> End:
    """Return the end of a stream whose last fact this is."""
    return End(_id(fact), str(fact.event_id))


class Outbox:
    """The outbox of one book; `keep` is about how many facts stay in it."""

    def __init__(self, link: RedisLink, keep: int, book: int = 1) -> None:
        self._link = link
        self.key = outbox_key(book)
        self.keep = keep

    async def end(self) -> End | None:
        """Return where the stream ends, or None if Redis is away."""
        return await self.add(End(), ())

    async def add(self, after: End, facts: Sequence[StoredEvent]) -> End | None:
        """Add facts to this end; return the end that was found, or None if Redis is away.

        If it is another than `after`, nothing was added. If there is no answer,
        all of them were added or none, and the next answer says which.
        """
        # As one argument: the client would take longer over thousands than Redis over the page.
        page = msgpack.encode([_entry(fact) for fact in facts])
        arguments = (after.last_id, after.event_id, self.keep, page)

        async def ask(redis: Redis) -> End:
            last_id, event_id = await redis.eval(_ADD, 1, self.key, *arguments)
            return End(_text(last_id), _text(event_id))

        return await self._link.do(ask, otherwise=None)


def page_of(facts: Sequence[StoredEvent]) -> list[StoredEvent]:
    """Return as many facts as may travel together, and at least one if there is one."""
    return list(_fitting(facts))


def _fitting(facts: Sequence[StoredEvent]) -> Iterator[StoredEvent]:
    size = 0
    for fact in facts:
        size += len(bytes(fact.payload))
        if size > PAGE_BYTES_MAX and fact is not facts[0]:
            return
        yield fact


def _entry(fact: StoredEvent) -> tuple[str, ...]:
    """Return the id, and names and texts in turn; what is sealed in the book is sealed here."""
    return (
        _id(fact),
        *("stream", fact.stream),
        *("version", str(fact.version)),
        *("type", fact.type),
        *("schema_version", str(fact.schema_version)),
        *("event_id", str(fact.event_id)),
        *("recorded_at", fact.recorded_at.isoformat()),
        *("command_id", str(fact.command_id)),
        *("correlation_id", str(fact.correlation_id)),
        *("causation_id", "" if fact.causation_id is None else str(fact.causation_id)),
        *("actor", fact.actor),
        *("payload", bytes(fact.payload).decode()),
    )


def _id(fact: StoredEvent) -> str:
    return f"{fact.position}-0"


def _text(found: bytes) -> str:
    """Somebody else's bytes may be anything; they only have to differ from ours."""
    return found.decode(errors="replace")
