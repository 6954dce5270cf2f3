"""Who may enter: anonymous first, then the wrong role, then the right one; and every bad token."""

import base64
import hmac
import json
import os
from datetime import timedelta
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from src.http.asgi import Message, Scope
from src.http.auth import CustomerCaller, GuestCaller, StaffCaller, guest_secret, holds_secret
from src.http.refusals import BadToken
from src.http.signing_keys import SigningKeys
from src.http.tokens import REFRESH, TOKEN_LENGTH_MAX, VERIFIED_MAX, Tokens
from tests.http.tiny import Clock, Shop

pytestmark = pytest.mark.anyio
CLOSED = ["/admin/things", "/admin", "/admin/unknown", "//admin//things/", "/audit/x", "/analytics"]


@pytest.mark.parametrize("path", CLOSED)
async def test_a_closed_area_is_401_to_everybody_unnamed_known_path_or_not(
    shop: Shop, path: str
) -> None:
    async with shop.client() as client:
        anonymous = await client.get("http://shop" + path)
        guest = await client.get("http://shop" + path, headers={"X-Session-Id": "s"})
    assert [anonymous.status_code, guest.status_code] == [401, 401]
    assert anonymous.json()["code"] == "unauthenticated"
    assert anonymous.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("role", ["customer", "analyst", "auditor"])
async def test_a_role_that_may_not_is_403(shop: Shop, role: str) -> None:
    async with shop.client(**shop.bearer(role)) as client:
        known, unknown = await client.get("/admin/things"), await client.get("/admin/unknown")
    assert [known.status_code, unknown.status_code] == [403, 403]
    assert known.json()["code"] == "forbidden"
    assert known.json()["detail"] == "This is for: admin, operator."


@pytest.mark.parametrize("role", ["operator", "admin"])
async def test_the_right_role_enters_and_finds_what_is_there(shop: Shop, role: str) -> None:
    async with shop.client(**shop.bearer(role)) as client:
        assert (await client.get("/admin/things")).json() == "seen"
        assert (await client.get("/admin/unknown")).status_code == 404
        assert (await client.get("/administration")).status_code == 404


async def test_a_customer_call_is_401_to_guests_403_to_staff_and_200_to_customers(
    shop: Shop,
) -> None:
    async with shop.client() as client:
        answers = [
            await client.get("/things/mine", headers=headers)
            for headers in (
                {},
                {"X-Session-Id": "s"},
                shop.bearer("operator"),
                shop.bearer("customer", "c1"),
            )
        ]
    assert [answer.status_code for answer in answers] == [401, 401, 403, 200]
    assert answers[-1].json() == "c1"


async def test_a_proxys_prefix_does_not_open_a_closed_area(shop: Shop) -> None:
    scope: Scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/admin/things",
        "root_path": "/api",
        "query_string": b"",
        "headers": [],
        "client": None,
    }
    sent: list[Message] = []

    async def send(message: Message) -> None:  # ASGI awaits it
        sent.append(message)

    await shop.app(scope, never, send)
    assert sent[0]["status"] == 401


async def never() -> Message:
    raise AssertionError("nothing of the body is read")


def forged(shop: Shop, **changes: object) -> dict[str, object]:
    now = int(shop.clock().timestamp())
    claims = {
        "iss": "khata",
        "aud": "khata-api",
        "sub": "s1",
        "iat": now,
        "nbf": now,
        "exp": now + 60,
        "roles": ["admin"],
        "use": "access",
    }
    return {**claims, **changes}


def signed(shop: Shop, **changes: object) -> str:
    key = shop.keys.newest
    return jwt.encode(forged(shop, **changes), key.private, "EdDSA", headers={"kid": key.kid})


def unsigned(shop: Shop) -> str:
    parts = ({"alg": "none", "kid": shop.keys.newest.kid}, forged(shop))
    return ".".join(base64url(json.dumps(part).encode()) for part in parts) + "."


def base64url(plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def signed_with_the_public_key(shop: Shop) -> str:
    """HS256 by hand, because PyJWT itself refuses to make such a token."""
    key = shop.keys.newest
    public = key.public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    parts = ({"alg": "HS256", "kid": key.kid}, forged(shop))
    said = ".".join(base64url(json.dumps(part).encode()) for part in parts)
    return f"{said}.{base64url(hmac.digest(public, said.encode(), 'sha256'))}"


def with_a_strangers_key(shop: Shop, kid: str) -> str:
    stranger = Ed25519PrivateKey.generate()
    return jwt.encode(forged(shop), stranger, "EdDSA", headers={"kid": kid})


async def test_every_bad_token_is_401_also_where_nobody_must_be_named(shop: Shop) -> None:
    now = int(shop.clock().timestamp())
    bad = {
        "algorithm none": unsigned(shop),
        "HS256 with the public key": signed_with_the_public_key(shop),
        "a stranger's key under our name": with_a_strangers_key(shop, shop.keys.newest.kid),
        "an unknown key": with_a_strangers_key(shop, "unknown"),
        "another issuer": signed(shop, iss="other"),
        "another audience": signed(shop, aud="other"),
        "several audiences": signed(shop, aud=["khata-api", "other"]),
        "expired": signed(shop, exp=now),
        "not yet": signed(shop, nbf=now + 60),
        "no roles": signed(shop, roles=[]),
        "an unknown role": signed(shop, roles=["emperor"]),
        "customer and staff": signed(shop, roles=["customer", "admin"]),
        "a refresh token": shop.tokens.sign(["customer"], "c", use=REFRESH),
        "no time": signed(shop, exp=None),
        "huge": "a" * TOKEN_LENGTH_MAX + "a",
        "empty": "",
        "words": "not a token",
    }
    async with shop.client() as client:
        statuses = {
            why: (
                await client.get("/health/live", headers={"Authorization": f"Bearer {token}"})
            ).status_code
            for why, token in bad.items()
        }
        basic = await client.get("/health/live", headers={"Authorization": "Basic YTpi"})
    assert statuses == dict.fromkeys(bad, 401)
    assert basic.status_code == 401
    assert basic.headers["www-authenticate"] == 'Bearer realm="khata", error="invalid_token"'


async def test_a_remembered_token_still_expires(shop: Shop) -> None:
    async with shop.client(**shop.bearer("admin")) as client:
        assert (await client.get("/admin/things")).status_code == 200
        shop.clock.forward(timedelta(minutes=15))
        assert (await client.get("/admin/things")).status_code == 401


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> SigningKeys:
    return SigningKeys(tmp_path_factory.mktemp("keys"))


@given(noise=st.binary(max_size=300))
def test_no_bytes_in_place_of_a_token_break_anything(keys: SigningKeys, noise: bytes) -> None:
    tokens = Tokens(keys, "khata", "khata-api", Clock())
    with pytest.raises(BadToken):
        tokens.verify(noise.decode("latin-1"))


def test_the_memory_of_tokens_is_bounded(shop: Shop) -> None:
    for number in range(VERIFIED_MAX + 10):
        shop.tokens._remember(number.to_bytes(4), shop.tokens.verify(signed(shop)))  # noqa: SLF001  # signing 4,096 tokens would take a second
    assert len(shop.tokens._verified) == VERIFIED_MAX  # noqa: SLF001  # as above


def test_the_newest_key_signs_and_every_key_verifies(tmp_path: Path) -> None:
    first = Tokens(SigningKeys(tmp_path / "keys"), "khata", "khata-api", Clock())
    old = first.sign(["admin"], "s1")
    add_key(tmp_path / "keys" / "second.pem")
    second = Tokens(SigningKeys(tmp_path / "keys"), "khata", "khata-api", Clock())
    new = second.sign(["admin"], "s1")
    assert jwt.get_unverified_header(old)["kid"] != jwt.get_unverified_header(new)["kid"]
    assert second.verify(old) == second.verify(new)
    assert first.verify(new).roles == ("admin",), "a process notices another's new key"


def add_key(path: Path) -> None:
    path.write_bytes(
        Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    later = path.parent.joinpath("first.pem").stat().st_mtime_ns + 10**9
    os.utime(path, ns=(later, later))


def test_a_new_directory_gets_a_key_that_only_we_can_read(tmp_path: Path) -> None:
    made = SigningKeys(tmp_path / "keys").newest
    assert (tmp_path / "keys" / "first.pem").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["first.pem"]
    assert SigningKeys(tmp_path / "keys").newest.kid == made.kid


def test_a_guests_secret_is_the_same_every_time_and_opens_one_cart() -> None:
    secret, now = guest_secret("cart_1", b"key"), Clock()()
    assert secret == guest_secret("cart_1", b"key")
    assert holds_secret(GuestCaller(secret), "cart_1", b"key", now)
    assert holds_secret(CustomerCaller("c1", secret), "cart_1", b"key", now)
    assert not holds_secret(GuestCaller(secret), "cart_2", b"key", now)
    assert not holds_secret(GuestCaller(secret), "cart_1", b"other", now)
    assert not holds_secret(GuestCaller("\xff"), "cart_1", b"key", now)
    assert not holds_secret(CustomerCaller("c1"), "cart_1", b"key", now)
    assert not holds_secret(StaffCaller("s1", frozenset({"admin"})), "cart_1", b"key", now)
