"""Behind proxies: whose X-Forwarded-For is believed, and what of it."""

from typing import Any

import httpx
import pytest

from src.cli.proxies import behind
from src.environment import Environment
from src.http.addresses import UNKNOWN, counted_address

pytestmark = pytest.mark.anyio
PROXIES = ("127.0.0.1/32", "10.0.0.0/8", "2001:db8:1::/48")
CALLER = "198.51.100.7"


async def seen(peer: str, *forwarded: str, proxies: tuple[str, ...] = PROXIES) -> str:
    """Say under which address a request is counted that came with these headers."""
    found: list[str] = []

    async def app(scope: Any, _: Any, send: Any) -> None:  # noqa: ANN401  # as ASGI hands them over
        found.append(counted_address(scope["client"][0]))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    transport = httpx.ASGITransport(app=behind(app, proxies), client=(peer, 1234))
    headers = [(b"X-Forwarded-For", each.encode("latin-1")) for each in forwarded]
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        assert (await client.get("/", headers=headers)).status_code == 204
    return found[0]


async def test_without_proxies_nobodys_header_is_read() -> None:
    assert await seen("127.0.0.1", CALLER, proxies=()) == "127.0.0.1"


async def test_the_header_of_a_stranger_is_not_read() -> None:
    assert await seen("203.0.113.9", CALLER) == "203.0.113.9"


@pytest.mark.parametrize(
    "forwarded",
    [
        [CALLER],
        [f"203.0.113.66, {CALLER}"],
        [f"127.0.0.1, 10.0.0.1, {CALLER}"],
        [f"garbage, <script>, {CALLER}"],
        [f"{CALLER}, 10.0.0.5"],
        [f"203.0.113.66, {CALLER}, 10.0.0.5, 2001:db8:1::5"],
        ["203.0.113.66", CALLER],
        [f"203.0.113.66, {CALLER}", "10.0.0.5"],
        [f"  {CALLER}  "],
        [f"{CALLER}:51234"],
    ],
    ids=str,
)
async def test_the_caller_is_the_first_from_the_right_that_is_no_proxy_of_ours(
    forwarded: list[str],
) -> None:
    assert await seen("127.0.0.1", *forwarded) == CALLER
    assert await seen("::ffff:10.1.2.3", *forwarded) == CALLER, "a proxy seen through IPv6"
    assert await seen("2001:db8:1::1", *forwarded) == CALLER


@pytest.mark.parametrize("forwarded", ["2001:db8:2::1", "[2001:db8:2::1]:443", "x, 2001:db8:2::9"])
async def test_a_caller_with_ipv6_is_counted_by_network(forwarded: str) -> None:
    assert await seen("10.0.0.1", forwarded) == "2001:db8:2::/64"


@pytest.mark.parametrize("forwarded", ["unknown", "_hidden", "999.1.1.1", "a" * 300, "\xff", ","])
async def test_what_is_no_address_is_counted_together_and_breaks_nothing(forwarded: str) -> None:
    assert await seen("127.0.0.1", forwarded) in {UNKNOWN, "127.0.0.1"}


async def test_a_request_of_a_proxy_itself_is_the_proxys() -> None:
    assert await seen("127.0.0.1") == "127.0.0.1"
    assert await seen("127.0.0.1", "10.0.0.5") == "10.0.0.5"


@pytest.mark.parametrize(
    "wrong", ["proxy.internal", "10.0.0.1/8", "10.0.0.0/33", "*", "10.0.0.1,x"]
)
def test_a_proxy_that_is_no_address_is_refused_by_name(wrong: str) -> None:
    environment = Environment({"KHATA_TRUSTED_PROXIES": wrong})
    assert environment.networks("KHATA_TRUSTED_PROXIES") == ()
    assert environment.problems[0].startswith("KHATA_TRUSTED_PROXIES must be IP addresses")


def test_proxies_are_addresses_and_networks() -> None:
    environment = Environment({"KHATA_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8, ::1"})
    assert environment.networks("KHATA_TRUSTED_PROXIES") == (
        "127.0.0.1/32",
        "10.0.0.0/8",
        "::1/128",
    )
    assert environment.problems == []
