"""Snapshots of sessions: never older than they were, never longer than they may be."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from redis.asyncio import Redis

from src.events.redis_link import RedisLink
from src.events.session_snapshots import SNAPSHOT_BYTES_MAX, SessionSnapshots

pytestmark = pytest.mark.anyio

NOW = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)
SOON = NOW + timedelta(minutes=30)
KEY = "checkout:session:cs_1"


def document(version: int, **more: object) -> bytes:
    return msgspec.json.encode({"version": version, "position": version * 10, **more})


async def test_what_was_put_is_found_under_the_sessions_own_key(
    link: RedisLink, redis: Redis
) -> None:
    snapshots = SessionSnapshots(link)
    assert await snapshots.get("cs_1") is None
    assert await snapshots.put("cs_1", document(1, name="Čaj"), SOON, NOW)
    assert await snapshots.get("cs_1") == document(1, name="Čaj")
    assert await redis.get(KEY) == document(1, name="Čaj")


async def test_it_is_kept_for_as_long_as_the_session_has_left(
    link: RedisLink, redis: Redis
) -> None:
    await SessionSnapshots(link).put("cs_1", document(1), SOON, NOW + timedelta(minutes=10))
    assert 20 * 60 - 10 < await redis.ttl(KEY) <= 20 * 60


@pytest.mark.parametrize("late", [timedelta(0), timedelta(microseconds=1), timedelta(days=1)])
async def test_nothing_is_written_when_no_time_is_left(link: RedisLink, late: timedelta) -> None:
    snapshots = SessionSnapshots(link)
    assert not await snapshots.put("cs_1", document(1), NOW, NOW + late)
    assert await snapshots.get("cs_1") is None


async def test_an_older_version_never_replaces_a_newer_one(link: RedisLink, redis: Redis) -> None:
    snapshots = SessionSnapshots(link)
    assert await snapshots.put("cs_1", document(10), SOON, NOW)
    assert not await snapshots.put("cs_1", document(9), SOON + timedelta(hours=9), NOW)
    assert await snapshots.get("cs_1") == document(10)
    assert await redis.ttl(KEY) <= 30 * 60
    assert await snapshots.put("cs_1", document(10, again=True), SOON, NOW)
    assert await snapshots.put("cs_1", document(11), SOON, NOW)
    assert await snapshots.get("cs_1") == document(11)


@pytest.mark.parametrize("rubbish", [b"\xff{", b"[]", b'"x"', b'{"version": "9"}', b"{}"])
async def test_rubbish_is_replaced(link: RedisLink, redis: Redis, rubbish: bytes) -> None:
    await redis.set(KEY, rubbish)
    snapshots = SessionSnapshots(link)
    assert await snapshots.put("cs_1", document(1), SOON, NOW)
    assert await snapshots.get("cs_1") == document(1)


async def test_a_document_that_does_not_say_its_version_is_a_bug(link: RedisLink) -> None:
    with pytest.raises(msgspec.ValidationError):
        await SessionSnapshots(link).put("cs_1", b'{"position": 1}', SOON, NOW)


async def test_a_document_beyond_the_limit_is_not_kept(link: RedisLink) -> None:
    huge = document(1, text="x" * SNAPSHOT_BYTES_MAX)
    assert not await SessionSnapshots(link).put("cs_1", huge, SOON, NOW)


async def test_without_redis_nothing_is_kept_and_nothing_is_found(dead: RedisLink) -> None:
    snapshots = SessionSnapshots(dead)
    assert not await snapshots.put("cs_1", document(1), SOON, NOW)
    assert await snapshots.get("cs_1") is None


async def test_after_everything_was_lost_the_book_is_asked_and_the_next_put_works(
    link: RedisLink, redis: Redis
) -> None:
    snapshots = SessionSnapshots(link)
    await snapshots.put("cs_1", document(5), SOON, NOW)
    await redis.flushall()
    assert await snapshots.get("cs_1") is None
    assert await snapshots.put("cs_1", document(4), SOON, NOW)
