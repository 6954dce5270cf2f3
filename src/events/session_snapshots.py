"""The checkout session as it stands, in Redis, so that most looks at it cost the book nothing.

Never the truth: a session that is missing here is folded from the book again.
The TTL only clears up; that a session has expired is a fact in the book.
"""

from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from src.events.redis_client import Redis
from src.events.redis_link import RedisLink

SNAPSHOT_BYTES_MAX = 1_000_000
_MILLISECOND = timedelta(milliseconds=1)

_PUT = """
local found = redis.call('GET', KEYS[1])
if found then
  local readable, session = pcall(cjson.decode, found)
  if readable and type(session) == 'table' and type(session.version) == 'number'
      and session.version > tonumber(ARGV[2]) then
    return 0
  end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1
"""


class Stamp(Struct):
    """What every document says besides the session itself."""

    version: int
    """Of the session's stream: a newer document is never replaced by an older one."""
    position: int


def snapshot_key(session_id: str) -> str:
    """Return where a session lies in Redis."""
    return f"checkout:session:{session_id}"


class SessionSnapshots:
    """Documents by session."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    async def put(
        self, session_id: str, document: bytes, expires_at: datetime, now: datetime
    ) -> bool:
        """Keep a session until it expires; return whether it is kept.

        The document is a JSON object with `version` and `position`. It must
        hold no personal data in clear; whoever writes it sees to that. Raises
        msgspec.ValidationError for one without a version: that is a bug.
        """
        stamp = msgspec.json.decode(document, type=Stamp)
        left = (expires_at - now) // _MILLISECOND
        if left <= 0 or len(document) > SNAPSHOT_BYTES_MAX:
            return False

        async def ask(redis: Redis) -> bool:
            arguments = (snapshot_key(session_id), document, stamp.version, left)
            return bool(await redis.eval(_PUT, 1, *arguments))

        return await self._link.do(ask, otherwise=False)

    async def get(self, session_id: str) -> bytes | None:
        """Return the document, or None: the book knows."""

        async def ask(redis: Redis) -> bytes | None:
            return await redis.get(snapshot_key(session_id))

        return await self._link.do(ask, otherwise=None)
