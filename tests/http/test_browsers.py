"""What browsers are told: whose pages may call, and what they may do with an answer."""

from pathlib import Path

import pytest

from src.http.cors import ASKED_HEADERS, PREFLIGHT_SECONDS, SHOWN_HEADERS
from src.http.security_headers import HSTS_SECONDS
from src.http.settings import HttpSettings
from tests.http.tiny import Shop

pytestmark = pytest.mark.anyio
OURS, OTHER = "https://shop.example", "https://elsewhere.example"
PATHS = ("/things", "/admin/things", "/admin/nothing", "/nowhere", "/customers/login")
ASKED = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "if-match"}


def shop_for(directory: Path, *origins: str) -> Shop:
    return Shop(directory, settings=HttpSettings(cors_origins=origins, access_log=False))


@pytest.mark.parametrize("path", PATHS)
async def test_a_preflight_is_answered_for_every_path_alike(tmp_path: Path, path: str) -> None:
    async with shop_for(tmp_path, OURS).client(Origin=OURS) as client:
        answer = await client.options(path, headers=ASKED)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == OURS
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == ASKED_HEADERS.decode()
    assert answer.headers["access-control-max-age"] == str(PREFLIGHT_SECONDS)
    assert answer.headers["vary"] == "Origin"
    assert "content-length" not in answer.headers


async def test_every_answer_to_our_origin_says_so_whatever_it_is(tmp_path: Path) -> None:
    async with shop_for(tmp_path, OURS).client(Origin=OURS) as client:
        tag = (await client.get("/things/CHAI")).headers["etag"]
        answers = [
            await client.get("/things/CHAI"),
            await client.head("/things/CHAI"),
            await client.get("/things/CHAI", headers={"If-None-Match": tag}),
            await client.post("/things", json={}, headers={"Idempotency-Key": "k" * 20}),
            await client.post("/things", json={}, headers={"Idempotency-Key": "k" * 20}),
            await client.post("/things", content=b"{"),
            await client.get("/admin/things"),
            await client.get("/nowhere"),
            await client.delete("/things"),
        ]
    statuses = [answer.status_code for answer in answers]
    assert statuses == [200, 200, 304, 201, 201, 400, 401, 404, 405]
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == OURS
        assert answer.headers["access-control-expose-headers"] == SHOWN_HEADERS.decode()
        assert "access-control-allow-credentials" not in answer.headers


async def test_another_origin_is_told_nothing_and_caches_are_told_why(tmp_path: Path) -> None:
    async with shop_for(tmp_path, OURS).client() as client:
        for headers in ({"Origin": OTHER}, {"Origin": f"{OURS}.elsewhere.example"}, {}):
            asked = await client.options("/admin/things", headers={**headers, **ASKED})
            got = await client.get("/things", headers=headers)
            assert (asked.status_code, got.status_code) == (401, 200)
            for answer in (asked, got):
                assert "access-control-allow-origin" not in answer.headers
                assert answer.headers["vary"] == "Origin"


async def test_without_the_setting_no_origin_is_told_anything(shop: Shop) -> None:
    async with shop.client(Origin=OURS) as client:
        for answer in (await client.get("/things"), await client.options("/things", headers=ASKED)):
            assert "access-control-allow-origin" not in answer.headers
            assert "vary" not in answer.headers
            assert answer.headers["cross-origin-resource-policy"] == "same-origin"


async def test_everybody_may_be_let_in_without_credentials(tmp_path: Path) -> None:
    async with shop_for(tmp_path, "*").client(Origin=OTHER) as client:
        for answer in (await client.get("/things"), await client.options("/x", headers=ASKED)):
            assert answer.headers["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in answer.headers
            assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_an_answer_may_load_nothing_be_framed_nowhere_and_tell_nobody(
    tmp_path: Path,
) -> None:
    shop = Shop(tmp_path, settings=HttpSettings(https_only=True, access_log=False))
    async with shop.client() as client:
        tag = (await client.get("/things/CHAI")).headers["etag"]
        answers = [
            await client.get("/things/CHAI"),
            await client.head("/things/CHAI"),
            await client.get("/things/CHAI", headers={"If-None-Match": tag}),
            await client.get("/nowhere"),
            await client.get("/metrics"),
            await client.get("/", headers={"X-Much": "a" * 20_000}),
        ]
    assert [each.status_code for each in answers] == [200, 200, 304, 404, 200, 431]
    for answer in answers:
        said = answer.headers
        assert said["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert said["referrer-policy"] == "no-referrer"
        assert said["x-content-type-options"] == "nosniff"
        assert said["strict-transport-security"] == f"max-age={HSTS_SECONDS}"
        assert "server" not in said


async def test_https_is_not_asked_for_where_there_is_none(shop: Shop) -> None:
    async with shop.client() as client:
        assert "strict-transport-security" not in (await client.get("/things")).headers


async def test_a_page_keeps_its_own_policy_and_has_one_alone(shop: Shop) -> None:
    async with shop.client() as client:
        page = await client.get("/docs")
    policies = page.headers.get_list("content-security-policy")
    assert len(policies) == 1
    assert "script-src 'self'" in policies[0]
