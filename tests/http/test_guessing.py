"""Doors that secrets are guessed at: how many may pass in a minute, of an e-mail and an address."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from src.events.redis_link import RedisLink
from src.http import doors as module
from src.http.doors import WINDOW_SECONDS, Doors
from src.http.refusals import TooManyRequests
from tests.http.tiny import Clock
from tests.redis.conftest import dead, dead_url, frail, link, proxy, redis, silent
from tests.redis.proxy import Proxy

__all__ = ["dead", "dead_url", "frail", "link", "proxy", "redis", "silent"]

pytestmark = pytest.mark.anyio
HOME, OFFICE = "192.0.2.1", "192.0.2.2"
TEN, SIXTY = 10, 60

Opened = Callable[[Clock], Doors]


@pytest.fixture(params=["with Redis", "without Redis"])
async def opened(request: pytest.FixtureRequest, link: RedisLink, dead: RedisLink) -> Opened:
    """Doors as they are with Redis, and as they are without."""
    to = link if request.param == "with Redis" else dead
    return lambda clock: Doors(to, clock, TEN, SIXTY)


async def passed(doors: Doors, mailbox: str | None, address: str, tries: int = 1) -> int:
    """Try so many times, and say how many came through."""
    through = 0
    for _ in range(tries):
        try:
            await doors.pass_by("login", mailbox, address)
        except TooManyRequests:
            continue
        through += 1
    return through


async def test_of_10000_tries_for_one_e_mail_ten_pass_in_any_minute(opened: Opened) -> None:
    clock = Clock()
    doors = opened(clock)
    assert await passed(doors, "asha", HOME, 10_000) == TEN
    clock.forward(timedelta(seconds=WINDOW_SECONDS - 1))
    assert await passed(doors, "asha", HOME, 100) == 0
    clock.forward(timedelta(seconds=1))
    assert await passed(doors, "asha", HOME, 100) == TEN


async def test_they_lock_out_nobody_else_neither_there_nor_anywhere(opened: Opened) -> None:
    doors = opened(Clock())
    await passed(doors, "asha", HOME, 1_000)
    assert await passed(doors, "ravi", HOME) == 1
    assert await passed(doors, "meera", OFFICE) == 1
    assert await passed(doors, "asha", OFFICE) == 0, "the e-mail is full, wherever one comes from"


async def test_of_one_address_sixty_pass_in_any_minute(opened: Opened) -> None:
    clock = Clock()
    doors = opened(clock)
    each = [await passed(doors, f"person {number}", HOME) for number in range(SIXTY + 1)]
    assert each == [1] * SIXTY + [0]
    assert await passed(doors, "person 60", OFFICE) == 1
    clock.forward(timedelta(seconds=WINDOW_SECONDS))
    assert await passed(doors, "person 61", HOME) == 1


async def test_an_address_that_is_full_uses_up_nothing_of_the_e_mails_it_names(
    opened: Opened,
) -> None:
    doors = opened(Clock())
    await passed(doors, None, HOME, SIXTY)
    assert await passed(doors, "asha", HOME, 100) == 0
    assert await passed(doors, "asha", OFFICE, TEN + 1) == TEN


async def test_each_door_counts_for_itself(opened: Opened) -> None:
    doors = opened(Clock())
    await passed(doors, "asha", HOME, TEN + 1)
    await doors.pass_by("reset", "asha", HOME)


async def test_a_refusal_says_which_limit_it_was_and_when_to_come_back(opened: Opened) -> None:
    clock = Clock()
    doors = opened(clock)
    await passed(doors, "asha", HOME)
    clock.forward(timedelta(milliseconds=20_500))
    await passed(doors, "asha", HOME, TEN - 1)
    with pytest.raises(TooManyRequests) as refused:
        await doors.pass_by("login", "asha", HOME)
    limit = refused.value.limit
    assert limit is not None
    assert limit.policy == '"login-email";q=10;w=60'
    assert refused.value.retry_after_seconds == WINDOW_SECONDS - 20
    clock.forward(timedelta(seconds=WINDOW_SECONDS - 20))
    assert await passed(doors, "asha", HOME, TEN) == 1, "the first has left the minute, alone"


async def test_a_clock_that_was_set_back_closes_no_door_for_longer_than_a_minute(
    opened: Opened,
) -> None:
    clock = Clock()
    doors = opened(clock)
    await passed(doors, "asha", HOME, TEN)
    clock.forward(timedelta(days=-1))
    with pytest.raises(TooManyRequests) as refused:
        await doors.pass_by("login", "asha", HOME)
    assert refused.value.retry_after_seconds == WINDOW_SECONDS


async def test_the_minute_of_a_clock_that_was_set_back_ends_in_a_process_too(
    dead: RedisLink,
) -> None:
    clock = Clock()
    doors = Doors(dead, clock, TEN, SIXTY)
    await passed(doors, "asha", HOME, TEN)
    clock.forward(timedelta(days=-1))
    assert await passed(doors, "asha", HOME, 100) == 0
    clock.forward(timedelta(seconds=WINDOW_SECONDS))
    assert await passed(doors, "asha", HOME, 100) == TEN


async def test_with_redis_all_processes_count_together_and_exactly(link: RedisLink) -> None:
    clock = Clock()
    several = [Doors(link, clock, TEN, SIXTY) for _ in range(4)]
    through = [await passed(doors, "asha", HOME) for _ in range(TEN) for doors in several]
    assert sum(through) == TEN
    through = [
        await passed(doors, f"person {n}", HOME) for n in range(SIXTY) for doors in several[:1]
    ]
    assert sum(through) == SIXTY - TEN


async def test_what_redis_forgets_a_process_remembers(link: RedisLink, redis: Redis) -> None:
    doors = Doors(link, Clock(), TEN, SIXTY)
    await passed(doors, "asha", HOME, TEN)
    await redis.flushall()
    assert await passed(doors, "asha", HOME) == 0


async def test_when_redis_dies_a_process_counts_on_by_itself(
    proxy: Proxy, frail: RedisLink
) -> None:
    doors = Doors(frail, Clock(), TEN, SIXTY)
    assert await passed(doors, "asha", HOME, 4) == 4
    await proxy.cut()
    assert await passed(doors, "asha", HOME, 100) == TEN - 4


async def test_a_redis_that_hangs_is_asked_once_and_then_left_alone(silent: RedisLink) -> None:
    doors = Doors(silent, Clock(), TEN, SIXTY)
    assert await passed(doors, "asha", HOME, 20) == TEN
    assert silent.counts.failed >= 1
    assert silent.counts.failed + silent.counts.skipped == TEN, "who is refused asks nobody"


async def test_nothing_stays_in_redis_for_longer_than_a_minute(
    link: RedisLink, redis: Redis
) -> None:
    doors = Doors(link, Clock(), TEN, SIXTY)
    await passed(doors, "asha", HOME, TEN)
    for key in await redis.keys("*"):
        assert 0 < await redis.pttl(key) <= WINDOW_SECONDS * 1_000


async def test_a_process_remembers_so_many_and_no_more(
    dead: RedisLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REMEMBERED_MAX", 10)
    doors = Doors(dead, Clock(), TEN, SIXTY)
    for number in range(SIXTY):
        await passed(doors, f"person {number}", HOME)
    assert len(doors._passed) == 10  # noqa: SLF001  # its memory is not shown otherwise
    assert await passed(doors, None, HOME) == 0, "who came last is remembered"
