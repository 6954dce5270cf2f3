"""Who watches a session is called when it has news, and nobody else is."""

import time

import pytest

from src.events.channels import Channels
from src.events.redis_link import RedisLink
from src.events.session_notices import SessionNotices, Watch, notices_channel

pytestmark = pytest.mark.anyio

SHORT_SECONDS = 0.05
LONG_SECONDS = 30.0


class Told(Channels):
    """Channels on which the test speaks."""

    def say(self, message: bytes | None) -> None:
        self._heard[notices_channel(1)](message)


async def is_called(watch: Watch, seconds: float = SHORT_SECONDS) -> bool:
    begun = time.monotonic()
    await watch.wait(seconds)
    return time.monotonic() - begun < seconds * 0.9


async def test_a_watcher_is_called_once_for_its_own_session(dead: RedisLink) -> None:
    channels = Told(dead)
    notices = SessionNotices(channels)
    with notices.watching("cs_1") as mine, notices.watching("cs_2") as other:
        channels.say(b"cs_9 cs_1")
        assert await is_called(mine, LONG_SECONDS)
        assert not await is_called(mine)
        assert not await is_called(other)


async def test_when_calls_may_have_been_missed_everybody_looks(dead: RedisLink) -> None:
    channels = Told(dead)
    notices = SessionNotices(channels)
    with notices.watching("cs_1") as first, notices.watching("cs_2") as second:
        channels.say(None)
        assert await is_called(first, LONG_SECONDS)
        assert await is_called(second, LONG_SECONDS)


async def test_who_left_is_forgotten(dead: RedisLink) -> None:
    channels = Told(dead)
    notices = SessionNotices(channels)
    with notices.watching("cs_1"), notices.watching("cs_1") as still_here:
        with notices.watching("cs_1"):
            assert notices.count == 3
        channels.say(b"cs_1")
        assert await is_called(still_here, LONG_SECONDS)
    assert notices.count == 0


async def test_rubbish_calls_nobody(dead: RedisLink) -> None:
    channels = Told(dead)
    with SessionNotices(channels).watching("cs_1") as watch:
        channels.say(b"\xff\x00 cs_")
        assert not await is_called(watch)
