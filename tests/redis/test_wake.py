"""Wake-ups reach every process, lose nothing while somebody works, and need no Redis."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from src.embedded import Engines
from src.events.channels import Channels
from src.events.redis_link import RedisLink
from src.events.wake import Follower, Wake
from tests.redis.conftest import SOON_SECONDS
from tests.redis.proxy import Proxy

pytestmark = pytest.mark.anyio

LONG_SECONDS = 30.0
SHORT_SECONDS = 0.05


async def soon(_: float) -> None:
    await asyncio.sleep(SOON_SECONDS)


@asynccontextmanager
async def process(link: RedisLink) -> AsyncGenerator[tuple[Wake, Channels]]:
    """What one process has: channels, and a task that listens to them."""
    channels = Channels(link)
    wake = Wake(link, channels)
    listening = asyncio.create_task(channels.listen(soon))
    yield wake, channels
    await wake.close()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def is_woken(follower: Follower, seconds: float = 10.0) -> bool:
    """Whether there was news well before the slow poll."""
    begun = time.monotonic()
    async with asyncio.timeout(LONG_SECONDS):
        await follower.wait(seconds)
    return time.monotonic() - begun < seconds * 0.9


async def until(channels: Channels, *, connected: bool) -> None:
    async with asyncio.timeout(15):
        while channels.connected is not connected:  # noqa: ASYNC110  # the state of a foreign process
            await asyncio.sleep(0.01)


async def test_a_follower_in_the_same_process_needs_no_redis(dead: RedisLink) -> None:
    wake = Wake(dead, Channels(dead))
    follower = wake.follower()
    wake.announce(7)
    assert await is_woken(follower)
    assert not await is_woken(follower, SHORT_SECONDS)
    await wake.close()


async def test_every_follower_hears_everything(dead: RedisLink) -> None:
    wake = Wake(dead, Channels(dead))
    followers = [wake.follower() for _ in range(3)]
    waiting = asyncio.gather(*map(is_woken, followers))
    await asyncio.sleep(0)  # let them begin to wait
    wake.announce(1)
    assert await waiting == [True, True, True]
    await wake.close()


async def test_news_that_come_while_a_follower_works_are_not_lost(dead: RedisLink) -> None:
    wake = Wake(dead, Channels(dead))
    follower = wake.follower()
    wake.announce(1)
    await follower.wait(LONG_SECONDS)
    wake.announce(2)  # the follower is still busy with the first
    assert await is_woken(follower)
    await wake.close()


async def test_what_is_known_already_wakes_nobody(dead: RedisLink) -> None:
    wake = Wake(dead, Channels(dead))
    wake.announce(5)
    follower = wake.follower()
    wake.announce(5)
    wake.announce(4)
    assert not await is_woken(follower, SHORT_SECONDS)
    await wake.close()


async def test_a_follower_in_another_process_is_woken(link: RedisLink, frail: RedisLink) -> None:
    async with process(link) as (here, _), process(frail) as (there, channels):
        await until(channels, connected=True)
        follower = there.follower()
        here.announce(9)
        assert await is_woken(follower)


async def test_announcements_are_put_together_and_the_last_one_arrives(
    link: RedisLink, redis: Redis
) -> None:
    heard: list[int] = []
    wake = Wake(link, Channels(link))
    async with redis.pubsub() as listener:
        await listener.subscribe("khata:wake:1")
        for position in range(1, 1_001):
            wake.announce(position)
        await wake.close()
        wake.announce(1_001)
        await wake.close()
        while not heard or heard[-1] < 1_001:
            message = await listener.get_message(ignore_subscribe_messages=True, timeout=5)
            if message:
                heard.append(int(message["data"]))
    assert heard == [1_000, 1_001]


async def test_books_do_not_wake_each_other(link: RedisLink, redis: Redis) -> None:
    channels = Channels(link)
    first, second = Wake(link, channels, book=1), Wake(link, channels, book=2)
    listening = asyncio.create_task(channels.listen(soon))
    await until(channels, connected=True)
    await asyncio.wait_for(first.follower().wait(SHORT_SECONDS), LONG_SECONDS)
    ours, theirs = first.follower(), second.follower()
    await redis.publish("khata:wake:1", "3")
    assert await is_woken(ours)
    assert not await is_woken(theirs, SHORT_SECONDS)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def test_rubbish_on_the_channel_harms_nobody(link: RedisLink, redis: Redis) -> None:
    async with process(link) as (wake, channels):
        await until(channels, connected=True)
        for rubbish in (b"", b"\xff", b"-1", b"1" * 5_000, "²".encode(), b"nan"):
            await redis.publish("khata:wake:1", rubbish)
        follower = wake.follower()
        await redis.publish("khata:wake:1", "1")
        assert await is_woken(follower)


async def test_a_listener_that_was_cut_off_comes_back_and_wakes_everybody(
    frail: RedisLink, proxy: Proxy, redis: Redis
) -> None:
    async with process(frail) as (wake, channels):
        await until(channels, connected=True)
        with capture_logs() as lines:
            await proxy.cut()
            await until(channels, connected=False)
            follower = wake.follower()
            await proxy.open()
            assert await is_woken(follower)  # something may have been missed
        assert [line["event"] for line in lines] == ["no longer listening"]
        await redis.publish("khata:wake:1", "12")
        assert await is_woken(follower)


async def test_a_listener_notices_that_redis_hangs(
    frail: RedisLink, proxy: Proxy, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert engines.redis_url
    monkeypatch.setattr("src.events.channels.QUIET_SECONDS", SHORT_SECONDS)
    async with process(frail) as (_, channels):
        await until(channels, connected=True)
        await asyncio.sleep(SHORT_SECONDS * 4)  # pings are answered meanwhile
        assert channels.connected
        proxy.fall_silent()
        await until(channels, connected=False)
        proxy.speak()
        await until(channels, connected=True)


async def test_silence_costs_the_writer_nothing(silent: RedisLink) -> None:
    wake = Wake(silent, Channels(silent))
    begun = time.monotonic()
    for position in range(1, 10_001):
        wake.announce(position)
    assert time.monotonic() - begun < 0.2
    await wake.close()


async def test_a_bug_in_one_ear_is_told_and_does_not_end_the_listening(
    link: RedisLink, redis: Redis
) -> None:
    channels, heard = Channels(link), asyncio.Event()

    def breaks(said: bytes | None) -> None:
        if said == b"now":
            raise ZeroDivisionError

    channels.on("khata:breaks", breaks)
    channels.on("khata:works", lambda said: heard.set() if said == b"still here" else None)
    with capture_logs() as lines:
        listening = asyncio.create_task(channels.listen(soon))
        await until(channels, connected=True)
        await redis.publish("khata:breaks", "now")
        await until(channels, connected=False)
        await until(channels, connected=True)
        await redis.publish("khata:works", "still here")
        async with asyncio.timeout(LONG_SECONDS):
            await heard.wait()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    assert [line["error"] for line in lines if line["event"] == "a bug"] == ["ZeroDivisionError"]
