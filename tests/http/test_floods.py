"""Floods: how many requests a second one identity and one address may make, and what it costs."""

import asyncio
from pathlib import Path

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from redis.asyncio import Redis

from src.events.redis_link import RedisLink
from src.http import flood as module
from src.http.flood import ADDRESS, PORTIONS, Flood, is_limited
from src.http.refusals import TooManyRequests
from src.http.settings import HttpSettings
from tests.http.tiny import Shop
from tests.redis.conftest import link, redis, silent

__all__ = ["link", "redis", "silent"]

pytestmark = pytest.mark.anyio
LIMIT = 100
PORTION = LIMIT // PORTIONS


class Seconds:
    """A clock of seconds that only the test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def through(flood: Flood, name: str, tries: int) -> int:
    """Try so many times in one second, and say how many came through."""
    found = 0
    for _ in range(tries):
        try:
            flood.take(ADDRESS, name)
        except TooManyRequests:
            continue
        found += 1
    return found


async def test_in_each_second_so_many_pass_and_others_are_not_touched() -> None:
    clock = Seconds()
    flood = Flood(None, clock, LIMIT)
    assert through(flood, "one", 3 * LIMIT) == LIMIT
    assert through(flood, "other", 3) == 3
    clock.now += 0.9
    assert through(flood, "one", 1) == 0
    clock.now += 0.1
    assert through(flood, "one", 3 * LIMIT) == LIMIT


async def test_what_is_left_is_counted_down() -> None:
    flood = Flood(None, Seconds(), 3)
    assert [flood.take(ADDRESS, "one") for _ in range(3)] == [2, 1, 0]


async def test_processes_share_one_count_up_to_a_portion_each(link: RedisLink) -> None:
    clock = Seconds()
    several = [Flood(link, clock, LIMIT) for _ in range(4)]
    found = 0
    for _ in range(3 * LIMIT):
        for flood in several:
            found += through(flood, "one", 1)
            await flood.finish()
    assert LIMIT <= found <= LIMIT + len(several) * PORTION
    clock.now += 1
    assert through(several[0], "one", 1) == 1


async def test_the_quiet_never_ask_redis_and_the_busy_once_a_portion(link: RedisLink) -> None:
    flood = Flood(link, Seconds(), LIMIT)
    for number in range(1_000):
        through(flood, f"quiet {number}", PORTION - 1)
    await flood.finish()
    assert link.counts.answered == 0
    through(flood, "busy", 3 * LIMIT)
    await flood.finish()
    assert 0 < link.counts.answered <= PORTIONS


async def test_nothing_stays_in_redis_for_long(link: RedisLink, redis: Redis) -> None:
    flood = Flood(link, Seconds(), LIMIT)
    through(flood, "staff:asha@example.com", LIMIT)
    await flood.finish()
    keys = await redis.keys("*")
    assert len(keys) == 1
    assert b"asha" not in keys[0], "an e-mail is nothing for Redis"
    assert 0 < await redis.pttl(keys[0]) <= module.KEPT_MS


async def test_a_redis_that_hangs_costs_no_request_a_wait(silent: RedisLink) -> None:
    flood = Flood(silent, Seconds(), LIMIT)
    assert through(flood, "one", 3 * LIMIT) == LIMIT, "nothing of this waits for anybody"
    await flood.finish()
    assert silent.counts.answered == 0


async def test_more_callers_than_are_remembered_share_one_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "NAMES_MAX", 10)
    flood = Flood(None, Seconds(), LIMIT)
    first = sum(through(flood, f"early {number}", 1) for number in range(10))
    late = sum(through(flood, f"late {number}", 1) for number in range(3 * LIMIT))
    assert (first, late) == (10, LIMIT)
    assert len(flood._spent) == 11  # noqa: SLF001  # its memory is not shown otherwise


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/docs/viewer.js", "/health/live", "/health/ready", "/metrics"]
)
def test_pages_figures_and_health_are_never_limited(path: str) -> None:
    assert not is_limited(path)


def test_deliveries_are_never_limited_and_calls_are() -> None:
    assert not is_limited("/webhooks/razorpay")
    assert all(map(is_limited, ("/carts", "/products/CHAI", "/admin/orders", "/healthy", "/shops")))


@pytest.fixture
def limited(tmp_path: Path) -> Shop:
    """The tiny shop, where three requests a second are enough."""
    return Shop(tmp_path, settings=HttpSettings(rate_per_second=3, access_log=False))


async def test_a_flood_is_429_and_says_when_to_come_back(limited: Shop) -> None:
    async with limited.client() as client:
        answers = [await client.get("/things") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["ratelimit"] for answer in answers] == [
        '"address";r=2;t=1',
        '"address";r=1;t=1',
        '"address";r=0;t=1',
        '"address";r=0;t=1',
    ]
    assert answers[0].headers["ratelimit-policy"] == '"address";q=3;w=1, "identity";q=3;w=1'
    assert answers[3].headers["ratelimit-policy"] == '"address";q=3;w=1'
    assert (answers[3].json()["code"], answers[3].headers["retry-after"]) == ("rate-limited", "1")


async def test_an_identity_is_counted_wherever_it_calls_from(limited: Shop) -> None:
    bearer = limited.bearer("admin")
    statuses = [
        (await called(limited, f"192.0.2.{number}", bearer)).status_code for number in range(4)
    ]
    assert statuses == [200, 200, 200, 429]
    assert (await called(limited, "192.0.2.9", limited.bearer("admin", "s2"))).status_code == 200


async def test_ipv6_clients_are_counted_by_the_network_that_they_have(limited: Shop) -> None:
    homes = ("2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::3", "2001:db8::4")
    assert [(await called(limited, home)).status_code for home in homes] == [200, 200, 200, 429]
    assert (await called(limited, "2001:db8:0:1::1")).status_code == 200


async def test_ipv4_in_ipv6_is_the_ipv4_address(limited: Shop) -> None:
    for _ in range(3):
        await called(limited, "::ffff:192.0.2.1")
    assert (await called(limited, "192.0.2.1")).status_code == 429
    assert (await called(limited, "::ffff:192.0.2.2")).status_code == 200


async def test_bad_tokens_count_against_their_address_before_they_are_looked_at(
    limited: Shop,
) -> None:
    bad = {"Authorization": "Bearer no.token.atall"}
    statuses = [(await called(limited, "192.0.2.1", bad)).status_code for _ in range(4)]
    assert statuses == [401, 401, 401, 429]


async def test_deliveries_and_health_are_answered_in_any_flood(limited: Shop) -> None:
    async with limited.client() as client:
        for _ in range(20):
            assert (await client.post("/webhooks/razorpay", content=b"{}")).status_code == 200
            live = await client.get("/health/live")
            assert live.status_code == 200
            assert "ratelimit" not in live.headers


@pytest.mark.parametrize("path", ["/health/live", "/docs", "/metrics", "/webhooks/razorpay"])
async def test_tokens_are_looked_at_only_so_often_wherever_they_are_sent(
    limited: Shop, path: str
) -> None:
    """Each bad one costs a verification, also where nobody asked for one."""
    kid = limited.keys.newest.kid
    bad = jwt.encode({}, Ed25519PrivateKey.generate(), "EdDSA", headers={"kid": kid})
    async with limited.client() as client:
        bearing = {"Authorization": f"Bearer {bad}"}
        found = [(await client.get(path, headers=bearing)).status_code for _ in range(5)]
        plain = await client.get("/health/live")
    assert found == [401, 401, 401, 429, 429]
    assert plain.status_code == 200


async def test_no_limit_is_a_limit_of_nought(tmp_path: Path) -> None:
    free = Shop(tmp_path, settings=HttpSettings(rate_per_second=0, access_log=False))
    async with free.client() as client:
        answers = await asyncio.gather(*(client.get("/things") for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert "ratelimit" not in answers[0].headers


async def called(shop: Shop, address: str, headers: dict[str, str] | None = None) -> httpx.Response:
    transport = httpx.ASGITransport(app=shop.app, client=(address, 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        path = "/things" if headers is None else "/admin/things"
        return await client.get(path, headers=headers)
