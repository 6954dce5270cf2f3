"""Redis may vanish, also by hanging, and whoever asks only gets another answer."""

import asyncio
import time

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from src.embedded import Engines
from src.events.redis_link import CONNECTIONS_MAX, TIMEOUT_SECONDS, RedisLink
from tests.redis.conftest import SOON_SECONDS
from tests.redis.proxy import Proxy

pytestmark = pytest.mark.anyio

SLACK_SECONDS = 0.75
"""Of a machine that is busy with other tests."""


async def ping(link: RedisLink) -> bool:
    return await link.do(lambda redis: redis.ping(), otherwise=False)


async def until_up(link: RedisLink) -> None:
    async with asyncio.timeout(10):
        while not await ping(link):  # noqa: ASYNC110  # a foreign process is asked until it answers
            await asyncio.sleep(SOON_SECONDS)  # the circuit's own period


async def test_a_healthy_redis_answers(link: RedisLink) -> None:
    assert await ping(link)
    assert (link.state, link.counts.answered) == ("up", 1)


async def test_more_askers_than_connections_take_turns(link: RedisLink) -> None:
    asked = [ping(link) for _ in range(CONNECTIONS_MAX * 4)]
    assert all(await asyncio.gather(*asked))


async def test_where_nobody_listens_there_is_no_answer_and_no_error(dead: RedisLink) -> None:
    assert not await ping(dead)
    assert (dead.state, dead.counts.failed) == ("down", 1)


async def test_a_silent_redis_costs_one_timeout_and_then_nothing(silent: RedisLink) -> None:
    begun = time.monotonic()
    assert not await ping(silent)
    assert TIMEOUT_SECONDS * 0.9 < time.monotonic() - begun < TIMEOUT_SECONDS + SLACK_SECONDS
    begun = time.monotonic()
    assert not any([await ping(silent) for _ in range(200)])
    assert time.monotonic() - begun < TIMEOUT_SECONDS
    assert silent.counts.skipped == 200


async def test_a_crowd_before_a_silent_redis_waits_one_timeout_together(silent: RedisLink) -> None:
    begun = time.monotonic()
    assert not any(await asyncio.gather(*[ping(silent) for _ in range(500)]))
    assert time.monotonic() - begun < TIMEOUT_SECONDS + SLACK_SECONDS


async def test_a_redis_that_falls_silent_in_mid_use_is_left_and_found_again(
    frail: RedisLink, proxy: Proxy
) -> None:
    assert await ping(frail)
    proxy.fall_silent()
    assert not await ping(frail)
    assert frail.state == "down"
    proxy.speak()
    await until_up(frail)
    assert await frail.check() == "up"


async def test_a_cut_connection_is_made_again(frail: RedisLink, proxy: Proxy) -> None:
    assert await ping(frail)
    await proxy.cut()
    assert not await ping(frail)
    await proxy.open()
    await until_up(frail)


async def test_an_answer_never_goes_to_another_question(frail: RedisLink, proxy: Proxy) -> None:
    for n in range(3):
        await frail.do(lambda redis, n=n: redis.set(f"key-{n}", f"{n}"), None)  # type: ignore[misc]  # n is bound at once
    proxy.fall_silent()
    assert await frail.do(lambda redis: redis.get("key-0"), None) is None
    proxy.speak()
    await until_up(frail)
    for n in range(3):
        found = await frail.do(lambda redis, n=n: redis.get(f"key-{n}"), None)  # type: ignore[misc]  # as above
        assert found == b"%d" % n


async def test_an_asker_that_goes_away_leaves_the_connection_in_order(frail: RedisLink) -> None:
    await frail.do(lambda redis: redis.set("key", "value"), None)
    for patience in range(20):
        gone = asyncio.ensure_future(frail.do(lambda redis: redis.get("key"), None))
        for _ in range(patience):
            await asyncio.sleep(0)  # let it get a little further each time
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        assert await ping(frail)
    assert frail.state == "up"


async def test_a_refusal_is_an_answer_and_closes_nothing(link: RedisLink, redis: Redis) -> None:
    await redis.lpush("a list", "x")
    assert await link.do(lambda redis: redis.get("a list"), b"otherwise") == b"otherwise"
    assert (link.state, link.counts.refused) == ("up", 1)


async def test_only_a_change_is_told_and_never_an_address(frail: RedisLink, proxy: Proxy) -> None:
    with capture_logs() as lines:
        assert await ping(frail)
        await proxy.cut()
        for _ in range(5):
            assert not await ping(frail)
            await asyncio.sleep(SOON_SECONDS * 2)  # so that each is a probe, not a skip
        await proxy.open()
        await until_up(frail)
    assert frail.counts.failed > 1
    assert [line["event"] for line in lines] == ["redis is away", "redis is back"]
    assert "127.0.0.1" not in str(lines)


async def test_who_was_asking_is_answered_when_it_closes_and_nobody_asks_after(
    engines: Engines, redis: Redis
) -> None:
    await redis.client_setname("tester")
    link = RedisLink(engines.redis_url)
    asked = [asyncio.create_task(ping(link)) for _ in range(CONNECTIONS_MAX * 2)]
    await asyncio.sleep(0)  # all have begun
    await link.close()
    assert all([await each for each in asked])
    assert not await ping(link)
    await link.close()
    assert [each["name"] for each in await redis.client_list()] == ["tester"]


async def test_a_bug_in_a_question_is_not_taken_for_a_missing_redis(link: RedisLink) -> None:
    async def bug(_: object) -> None:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        await link.do(bug, None)
    assert link.state == "up"


async def test_readiness_asks_for_a_sign_of_life(link: RedisLink, dead: RedisLink) -> None:
    assert [await link.check(), await dead.check()] == ["up", "down"]
