"""Requests that no good client sends: refused or unknown, and never a 500."""

import pytest

from src.http.request_headers import ONCE
from src.http.settings import HttpSettings
from tests.http.tiny import Shop

pytestmark = pytest.mark.anyio
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW")
PATHS = (
    "",
    "/",
    "//",
    "/things/",
    "//things//CHAI",
    "/things/a%2Fb",
    "/things/%2F",
    "/things/%00",
    "/things/%ff%fe",
    "/things/..%2F..%2Fadmin",
    "/things/%F0%9F%8D%B5",
    "/things/" + "a" * 2_000,
    "/things?limit=1&limit=2&&=&%00",
    "/%61dmin/things",
    "/admin%2Fthings",
    "/;/things",
)


@pytest.mark.parametrize("path", PATHS)
async def test_no_path_and_no_method_is_a_500(shop: Shop, path: str) -> None:
    async with shop.client() as client:
        for method in METHODS:
            answer = await client.request(method, f"http://shop{path}")
            assert answer.status_code < 500, (method, path, answer.text)
            assert method == "HEAD" or answer.status_code < 400 or answer.json()["code"]


async def test_a_slash_too_many_changes_nothing(shop: Shop) -> None:
    async with shop.client() as client:
        listed = [await client.get(f"http://shop{path}") for path in ("/things", "/things/")]
        closed = [
            await client.get(f"http://shop{path}")
            for path in ("/admin/things/", "//admin//things", "/%61dmin/things", "/admin%2Fthings")
        ]
    assert [each.status_code for each in listed] == [200, 200]
    assert [each.status_code for each in closed] == [401] * 4


async def test_an_address_has_a_limit(shop: Shop) -> None:
    most = HttpSettings().address_bytes_max
    async with shop.client() as client:
        long_path = await client.get("/" + "a" * most)
        long_query = await client.get("/things", params={"cursor": "a" * most})
        fits = await client.get("/" + "a" * (most - 1))
    assert [each.status_code for each in (long_path, long_query, fits)] == [414, 414, 404]
    assert long_path.json()["code"] == "address-too-long"


@pytest.mark.parametrize("name", sorted(ONCE))
async def test_a_header_that_decides_who_calls_or_what_is_wished_is_sent_once(
    shop: Shop, name: bytes
) -> None:
    lines = [(name, b"1"), (name, b"2")]
    async with shop.client() as client:
        answer = await client.post("/things", content=b"{}", headers=lines)
    assert (answer.status_code, answer.json()["code"]) == (400, "header-repeated")
    assert name.decode() in answer.json()["detail"]
    assert shop.counter.effects == []


async def test_the_same_identity_twice_is_refused_in_a_closed_area_too(shop: Shop) -> None:
    good = shop.bearer("admin")["Authorization"].encode()
    lines = [(b"authorization", b"Bearer none"), (b"authorization", good)]
    async with shop.client() as client:
        answer = await client.get("/admin/things", headers=lines)
    assert answer.status_code == 400


async def test_two_lines_of_tags_are_one_list(shop: Shop) -> None:
    async with shop.client() as client:
        tag = (await client.get("/things/CHAI")).headers["etag"].encode()
        either = [(b"if-none-match", tag), (b"if-none-match", b'"other"')]
        same = await client.get("/things/CHAI", headers=either)
        matching = [(b"if-match", tag), (b"if-match", b'"6-0123456789abcdef"')]
        moved = await client.put("/things/CHAI", json={"quantity": 1}, headers=matching)
    assert (same.status_code, moved.status_code) == (304, 412)


async def test_headers_that_mean_nothing_to_us_may_come_twice(shop: Shop) -> None:
    lines = [(b"accept", b"a"), (b"accept", b"b"), (b"x-forwarded-for", b"1"), (b"via", b"2")]
    async with shop.client() as client:
        assert (await client.get("/things", headers=lines)).status_code == 200
