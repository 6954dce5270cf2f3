"""A lease is held by one, given back by whoever holds it, and needed by nobody."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from itertools import count

import pytest
from msgspec import Struct
from redis.asyncio import Redis

from src.commands.session_lock import SessionLock
from src.events.leases import LEASE_SECONDS, RedisLeases, lease_key
from src.events.redis_link import TIMEOUT_SECONDS, RedisLink
from tests.memory_leases import MemoryLeases

pytestmark = pytest.mark.anyio


def tokens() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"token-{next(numbers)}"


class Contract(Struct):
    """A lock, and a way to let a lease run out."""

    lock: SessionLock
    run_out: Callable[[str], Awaitable[object]]


@pytest.fixture(params=["memory", "redis"])
def leases(request: pytest.FixtureRequest) -> Contract:
    if request.param == "redis":
        link: RedisLink = request.getfixturevalue("link")
        redis: Redis = request.getfixturevalue("redis")
        return Contract(
            RedisLeases(link, tokens()), lambda cart_id: redis.delete(lease_key(cart_id))
        )
    memory = MemoryLeases(tokens())

    async def run_out(cart_id: str) -> None:
        memory.run_out(cart_id)

    return Contract(memory, run_out)


async def test_a_lease_is_held_by_one(leases: Contract) -> None:
    async with leases.lock.hold("cart-1") as first, leases.lock.hold("cart-1") as second:
        assert (first, second) == (True, False)


async def test_of_many_at_once_one_gets_it(leases: Contract) -> None:
    everybody_tried = asyncio.Event()
    answers: list[bool] = []

    async def try_it() -> None:
        async with leases.lock.hold("cart-1") as mine:
            answers.append(mine)
            if len(answers) == 20:
                everybody_tried.set()
            await everybody_tried.wait()

    await asyncio.gather(*[try_it() for _ in range(20)])
    assert answers.count(True) == 1


async def test_carts_do_not_share_a_lease(leases: Contract) -> None:
    async with leases.lock.hold("cart-1") as first, leases.lock.hold("cart-2") as second:
        assert (first, second) == (True, True)


async def test_a_lease_is_given_back(leases: Contract) -> None:
    async with leases.lock.hold("cart-1"):
        pass
    async with leases.lock.hold("cart-1") as mine:
        assert mine


async def test_a_lease_is_given_back_when_the_work_fails(leases: Contract) -> None:
    with pytest.raises(LookupError):
        async with leases.lock.hold("cart-1"):
            raise LookupError
    async with leases.lock.hold("cart-1") as mine:
        assert mine


async def test_who_did_not_get_it_gives_nothing_back(leases: Contract) -> None:
    async with leases.lock.hold("cart-1"):
        async with leases.lock.hold("cart-1"):
            pass
        async with leases.lock.hold("cart-1") as mine:
            assert not mine


async def test_a_lease_that_ran_out_does_not_take_the_next_ones_along(leases: Contract) -> None:
    async with leases.lock.hold("cart-1"):
        await leases.run_out("cart-1")
        second = leases.lock.hold("cart-1")
        assert await second.__aenter__()
    async with leases.lock.hold("cart-1") as third:
        assert not third
    await second.__aexit__(None, None, None)


async def test_a_lease_ends_by_itself(link: RedisLink, redis: Redis) -> None:
    async with RedisLeases(link, tokens()).hold("cart-1"):
        assert 0 < await redis.pttl("checkout:lock:cart-1") <= LEASE_SECONDS * 1_000


async def test_without_redis_the_lease_is_everybodys(dead: RedisLink) -> None:
    lock = RedisLeases(dead, tokens())
    async with lock.hold("cart-1") as first, lock.hold("cart-1") as second:
        assert (first, second) == (True, True)


async def test_a_silent_redis_keeps_nobody_from_working(silent: RedisLink) -> None:
    begun = time.monotonic()
    async with RedisLeases(silent, tokens()).hold("cart-1") as mine:
        assert mine
    assert time.monotonic() - begun < TIMEOUT_SECONDS + 0.75
