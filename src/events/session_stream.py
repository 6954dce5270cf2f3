"""A Redis stream of each checkout session's facts, for those who watch it live.

An entry's id is the fact's position, so the same fact twice is one entry and
the order is the book's. A stream may begin late and may have lost anything:
`after` answers only where the fact that its reader saw last still stands, and
where the versions from there on are dense. Otherwise the book is to be asked.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from redis.exceptions import ResponseError

from src.events.live_facts import LiveFact
from src.events.redis_client import Entries, Pipeline, Redis
from src.events.redis_link import RedisLink
from src.events.session_notices import NOTICE_SEPARATOR, notices_channel

SESSION_FACTS_MAX = 256
"""Kept of one session, about; a session has a dozen facts, unless somebody plays with it."""
KEEP_SECONDS = 3_600
"""A stream outlives its session's `expires_at`, and each later fact, by so much."""
_KEEP = timedelta(seconds=KEEP_SECONDS)
_HARMLESS = ("equal or smaller", "WRONGTYPE")
"""It is there already, or something later is; or somebody else uses the key, and readers notice."""


class SessionFact(Struct, frozen=True):
    """A fact on its way into a stream, and until when the session itself may live."""

    session_id: str
    fact: LiveFact
    lives_until: datetime


def stream_key(session_id: str) -> str:
    """Return where a session's facts lie in Redis."""
    return f"checkout:session:{session_id}:events"


class SessionStream:
    """The streams of one book's sessions."""

    def __init__(self, link: RedisLink, book: int = 1) -> None:
        self._link = link
        self._channel = notices_channel(book)

    async def add(self, facts: Sequence[SessionFact]) -> bool:
        """Add facts, in the book's order, and call out whose they are; return whether it worked."""
        if not facts:
            return True

        async def ask(redis: Redis) -> bool:
            async with redis.pipeline(transaction=False) as pipeline:
                self._write(pipeline, facts)
                _check(await pipeline.execute(raise_on_error=False))
            return True

        return await self._link.do(ask, otherwise=False)

    async def after(self, session_id: str, position: int, version: int) -> list[LiveFact] | None:
        """Return what follows a fact, or None if the stream cannot tell."""

        async def ask(redis: Redis) -> list[LiveFact] | None:
            entries = await redis.xrange(stream_key(session_id), min=f"{position}-0")
            return _following(entries, position, version)

        return await self._link.do(ask, otherwise=None)

    def _write(self, pipeline: Pipeline, facts: Sequence[SessionFact]) -> None:
        lives_until: dict[str, datetime] = {}
        for one in facts:
            pipeline.xadd(
                stream_key(one.session_id),
                _fields(one.fact),
                id=f"{one.fact.position}-0",
                maxlen=SESSION_FACTS_MAX,
            )
            known = lives_until.get(one.session_id, one.lives_until)
            lives_until[one.session_id] = max(known, one.lives_until)
        for session_id, until in lives_until.items():
            # GT alone never gives a TTL to a key that has none.
            pipeline.expireat(stream_key(session_id), until + _KEEP, nx=True)
            pipeline.expireat(stream_key(session_id), until + _KEEP, gt=True)
        pipeline.publish(self._channel, NOTICE_SEPARATOR.join(lives_until))


def _fields(fact: LiveFact) -> dict[str, bytes | str | int]:
    return {
        "version": fact.version,
        "type": fact.name,
        "recorded_at": fact.recorded_at.isoformat(),
        "payload": fact.payload,
    }


def _check(answers: Sequence[object]) -> None:
    """Raise the first refusal that concerns more than one session."""
    for answer in answers:
        if isinstance(answer, ResponseError) and any(sign in str(answer) for sign in _HARMLESS):
            continue
        if isinstance(answer, Exception):
            raise answer


def _following(entries: Entries, position: int, version: int) -> list[LiveFact] | None:
    try:
        facts = [_fact(*entry) for entry in entries]
    except (KeyError, ValueError):
        return None  # somebody else wrote here; the book knows
    if not facts or facts[0].position != position:
        return None
    dense = all(fact.version == version + n for n, fact in enumerate(facts))
    return facts[1:] if dense else None


def _fact(entry_id: bytes, fields: Mapping[bytes, bytes]) -> LiveFact:
    return LiveFact(
        position=int(entry_id.partition(b"-")[0]),
        version=int(fields[b"version"]),
        name=fields[b"type"].decode(),
        recorded_at=datetime.fromisoformat(fields[b"recorded_at"].decode()),
        payload=fields[b"payload"],
    )
