"""Tokens made up, bent and broken: whatever is not exactly ours is 401, and nothing is 500."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from src.http.auth import CustomerCaller, StaffCaller, identify
from src.http.refusals import BadToken
from src.http.signing_keys import SigningKeys
from src.http.tokens import (
    ACCESS,
    CLOCK_SKEW_SECONDS,
    LOGIN_LIFETIME,
    REFRESH,
    TOKEN_LENGTH_MAX,
    Claims,
    Tokens,
)
from tests.http.tiny import NOW, Clock, Shop

FAMILY = {"fam", "gen", "auth_time", "pwc"}
"""What only the tokens of a login say."""
STRANGER = Ed25519PrivateKey.generate()
AT = int(NOW.timestamp())
GOOD: dict[str, Any] = {
    "iss": "khata",
    "aud": "khata-api",
    "sub": "s1",
    "iat": AT,
    "nbf": AT,
    "exp": AT + 60,
    "roles": ["admin"],
    "use": "access",
}


class Mint:
    """An installation's keys, in the hands of whoever wants to make tokens by hand."""

    def __init__(self, keys: SigningKeys) -> None:
        self.key = keys.newest
        self.tokens = Tokens(keys, "khata", "khata-api", Clock())

    @property
    def header(self) -> dict[str, Any]:
        return {"alg": "EdDSA", "typ": "JWT", "kid": self.key.kid}

    def of_text(self, claims: str, header: str | None = None) -> str:
        """Sign exactly this text."""
        parts = (header or json.dumps(self.header), claims)
        said = ".".join(encoded(part.encode("utf-8", "surrogatepass")) for part in parts)
        return f"{said}.{encoded(self.key.private.sign(said.encode()))}"

    def of(self, **claims: object) -> str:
        """Sign good claims with these changes."""
        return self.of_text(json.dumps({**GOOD, **claims}))

    def without(self, name: str) -> str:
        return self.of_text(json.dumps({key: GOOD[key] for key in GOOD if key != name}))

    def by_a_stranger(self, **header: object) -> str:
        """Sign good claims with another key."""
        part = json.dumps({**self.header, **header})
        said = ".".join(encoded(each.encode()) for each in (part, json.dumps(GOOD)))
        return f"{said}.{encoded(STRANGER.sign(said.encode()))}"

    def by_hmac(self, secret: bytes, **header: object) -> str:
        part = json.dumps({**self.header, "alg": "HS256", **header})
        said = ".".join(encoded(each.encode()) for each in (part, json.dumps(GOOD)))
        return f"{said}.{encoded(hmac.digest(secret, said.encode(), 'sha256'))}"

    def unsigned(self, algorithm: object) -> str:
        part = json.dumps({**self.header, "alg": algorithm})
        return f"{encoded(part.encode())}.{encoded(json.dumps(GOOD).encode())}."


def encoded(plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


@pytest.fixture(scope="module")
def mint(tmp_path_factory: pytest.TempPathFactory) -> Mint:
    return Mint(SigningKeys(tmp_path_factory.mktemp("keys")))


def public_of(mint: Mint, form: serialization.Encoding) -> bytes:
    is_raw = form is serialization.Encoding.Raw
    how = serialization.PublicFormat.Raw if is_raw else _SUBJECT
    return mint.key.public.public_bytes(form, how)


_SUBJECT = serialization.PublicFormat.SubjectPublicKeyInfo
_JWK = {"kty": "OKP", "crv": "Ed25519", "x": encoded(STRANGER.public_key().public_bytes_raw())}

FORGED: dict[str, Callable[[Mint], str]] = {
    "algorithm none": lambda m: m.unsigned("none"),
    "algorithm None": lambda m: m.unsigned("None"),
    "no algorithm": lambda m: m.unsigned(None),
    "a list of algorithms": lambda m: m.unsigned(["EdDSA"]),
    "an object for an algorithm": lambda m: m.unsigned({}),
    "HS256 with the public key as PEM": lambda m: m.by_hmac(
        public_of(m, serialization.Encoding.PEM)
    ),
    "HS256 with the public key as DER": lambda m: m.by_hmac(
        public_of(m, serialization.Encoding.DER)
    ),
    "HS256 with the public key's bytes": lambda m: m.by_hmac(
        public_of(m, serialization.Encoding.Raw)
    ),
    "HS256 that calls itself EdDSA": lambda m: m.by_hmac(
        public_of(m, serialization.Encoding.Raw), alg="EdDSA"
    ),
    "a stranger's key under our name": lambda m: m.by_a_stranger(),
    "a stranger's key under its own name": lambda m: m.by_a_stranger(kid="stranger"),
    "a stranger's key in the header": lambda m: m.by_a_stranger(jwk=_JWK),
    "a stranger's key to be fetched": lambda m: m.by_a_stranger(jku="http://127.0.0.1:9/jwks"),
    "a path for a name": lambda m: m.by_a_stranger(kid="../../first"),
    "no name": lambda m: m.by_a_stranger(kid=None),
    "a list of names": lambda m: m.by_a_stranger(kid=[m.key.kid]),
    "our key under another name": lambda m: m.of_text(
        json.dumps(GOOD), json.dumps({**m.header, "kid": "unknown"})
    ),
    "our key and an extension nobody knows": lambda m: m.of_text(
        json.dumps(GOOD), json.dumps({**m.header, "crit": ["x"], "x": 1})
    ),
    "another issuer": lambda m: m.of(iss="other"),
    "another audience": lambda m: m.of(aud="other"),
    "several audiences": lambda m: m.of(aud=["khata-api", "other"]),
    "expired": lambda m: m.of(exp=AT),
    "expired for ever": lambda m: m.of(exp=-1),
    "not yet": lambda m: m.of(nbf=AT + CLOCK_SKEW_SECONDS + 1),
    "a time of words": lambda m: m.of(exp="tomorrow"),
    "a time that never comes": lambda m: m.of_text(
        json.dumps(GOOD).replace(str(AT + 60), "Infinity")
    ),
    "a time that is no number": lambda m: m.of_text(json.dumps(GOOD).replace(str(AT + 60), "NaN")),
    "a time of 1,500 digits": lambda m: m.of_text(
        json.dumps(GOOD).replace(str(AT + 60), "9" * 1_500)
    ),
    "roles that are a text": lambda m: m.of(roles="admin"),
    "roles that are an object": lambda m: m.of(roles={"admin": True}),
    "roles of roles": lambda m: m.of(roles=[["admin"]]),
    "no roles": lambda m: m.of(roles=[]),
    "an unknown role": lambda m: m.of(roles=["emperor"]),
    "customer and staff": lambda m: m.of(roles=["customer", "admin"]),
    "a refresh token": lambda m: m.of(use=REFRESH),
    "a use nobody knows": lambda m: m.of(use="both"),
    "a subject that is a number": lambda m: m.of(sub=1),
    "a subject that is nobody": lambda m: m.of(sub=""),
    "a subject of two lines": lambda m: m.of(sub="s1\nadmin"),
    "a subject without an end": lambda m: m.of(sub="s" * 1_000),
    "half a surrogate for a subject": lambda m: m.of_text(
        json.dumps(GOOD).replace('"s1"', '"\\ud800"')
    ),
    "claims that are a list": lambda m: m.of_text("[]"),
    "claims that are a text": lambda m: m.of_text('"admin"'),
    "claims nested deeply": lambda m: m.of_text("[" * 1_000 + "]" * 1_000),
    "claims nested without an end": lambda m: m.of_text('{"a":' * 500),
    "no claims": lambda m: m.of_text(""),
    "claims that are no text": lambda _: f"{encoded(b'{}')}.{encoded(bytes([0xFF, 0xFE]))}.AAAA",
    "a header nested deeply": lambda m: m.of_text(json.dumps(GOOD), "[" * 1_000 + "]" * 1_000),
    "a header that is a text": lambda m: m.of_text(json.dumps(GOOD), '"EdDSA"'),
    "a claim twice, with the signature of before": lambda m: twice(m, "roles", '["admin"]'),
    "one byte too long": lambda _: "a" * (TOKEN_LENGTH_MAX + 1),
    "empty": lambda _: "",
    "dots": lambda _: "..",
    "four parts": lambda m: f"{m.of()}.AAAA",
    "words": lambda _: "not a token",
    **{f"without {name}": lambda m, name=name: m.without(name) for name in GOOD},  # type: ignore[misc]  # mypy does not infer a lambda's default
}


def twice(mint: Mint, name: str, value: str) -> str:
    """Add a claim a second time, which every reader of JSON takes differently."""
    header, claims, signature = mint.of().split(".")
    plain = base64.urlsafe_b64decode(claims + "==").decode()
    more = f'{plain[:-1]}, "{name}": {value}}}'
    return f"{header}.{encoded(more.encode())}.{signature}"


@pytest.mark.parametrize("why", FORGED)
def test_a_token_that_is_not_ours_is_a_bad_token(mint: Mint, why: str) -> None:
    header = f"Bearer {FORGED[why](mint)}".encode("latin-1")
    with pytest.raises(BadToken):
        identify(header, None, "127.0.0.1", mint.tokens)


def test_what_the_forgers_began_with_was_good(mint: Mint) -> None:
    header = f"Bearer {mint.of()}".encode()
    assert identify(header, None, "", mint.tokens) == StaffCaller("s1", frozenset({"admin"}))


@pytest.mark.anyio
async def test_every_forgery_is_401_and_headers_too_large_are_431(shop: Shop) -> None:
    mint = Mint(shop.keys)
    async with shop.client() as client:
        for why, forge in FORGED.items():
            token = {"Authorization": f"Bearer {forge(mint)}"}
            statuses = [
                (await client.get(path, headers=token)).status_code
                for path in ("/things/mine", "/admin/things", "/health/live")
            ]
            assert statuses == [401, 401, 401], why
        for length in (17 * 1024, 2 * 1024 * 1024):
            huge = {"Authorization": f"Bearer {'a' * length}"}
            assert (await client.get("/health/live", headers=huge)).status_code == 431


@pytest.mark.parametrize("use", [ACCESS, REFRESH])
def test_a_token_with_any_one_bit_turned_is_a_bad_token(mint: Mint, use: str) -> None:
    good = mint.tokens.sign(["admin"], "s1", use=use)
    assert mint.tokens.verify(good, use).sub == "s1"
    for place in range(len(good)):
        for bit in range(7):
            turned = good[:place] + chr(ord(good[place]) ^ 1 << bit) + good[place + 1 :]
            with pytest.raises(BadToken):
                mint.tokens.verify(turned, use)


def test_a_signature_is_written_in_one_way_alone(mint: Mint) -> None:
    good = mint.of()
    for other in (good + "=", good + "==", good + "!", good[:-5] + "*" + good[-5:], good + "\n"):
        with pytest.raises(BadToken):
            mint.tokens.verify(other)


@given(cut=st.integers(min_value=0, max_value=400))
def test_a_token_that_was_cut_is_a_bad_token(mint: Mint, cut: int) -> None:
    good = mint.of()
    if cut < len(good):
        with pytest.raises(BadToken):
            mint.tokens.verify(good[:cut])


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(changes=st.dictionaries(st.sampled_from(sorted(GOOD)) | st.text(max_size=8), ANYTHING))
def test_any_claims_of_our_own_key_are_good_or_bad_and_break_nothing(
    mint: Mint, changes: dict[str, Any]
) -> None:
    token = mint.of(**changes)
    try:
        claims = mint.tokens.verify(token)
    except BadToken:
        return
    assert (claims.iss, claims.aud, claims.use) == ("khata", "khata-api", ACCESS)
    assert claims.nbf - CLOCK_SKEW_SECONDS <= AT < claims.exp


@given(header=st.dictionaries(st.sampled_from(["alg", "kid", "typ", "b64", "crit"]), ANYTHING))
def test_any_header_of_a_stranger_is_bad_and_breaks_nothing(
    mint: Mint, header: dict[str, Any]
) -> None:
    with pytest.raises(BadToken):
        mint.tokens.verify(mint.by_a_stranger(**header))


@given(noise=st.binary(max_size=200))
def test_any_bytes_for_an_authorization_are_bad_and_break_nothing(mint: Mint, noise: bytes) -> None:
    for header in (noise, b"Bearer " + noise, mint.of().encode() + noise):
        with pytest.raises(BadToken):
            identify(header, None, "", mint.tokens)


def test_an_access_token_does_not_refresh_and_a_refresh_token_opens_nothing(mint: Mint) -> None:
    access = mint.tokens.sign(["customer"], "c1")
    refresh = mint.tokens.sign_refresh("c1", "family", 3)
    assert identify(f"bearer {access}".encode(), None, "", mint.tokens) == CustomerCaller("c1")
    with pytest.raises(BadToken):
        mint.tokens.verify(access, REFRESH)
    with pytest.raises(BadToken):
        mint.tokens.verify(refresh)
    said = mint.tokens.verify(refresh, REFRESH)
    assert (said.sub, said.roles, said.fam, said.gen) == ("c1", ("customer",), "family", 3)


def test_an_access_token_says_nothing_of_families(mint: Mint) -> None:
    plain = jwt.decode(mint.tokens.sign(["admin"], "s1"), options={"verify_signature": False})
    assert set(plain) == set(GOOD) == set(Claims.__struct_fields__) - FAMILY


def test_a_logins_access_token_says_how_often_the_password_was_changed(mint: Mint) -> None:
    access = mint.tokens.sign_access("c1", 2)
    said = jwt.decode(access, options={"verify_signature": False})
    assert set(said) == {*GOOD, "pwc"}
    caller = identify(f"Bearer {access}".encode(), None, "", mint.tokens)
    assert caller == CustomerCaller("c1", None, 2)


def test_a_login_does_not_last_for_ever_however_often_it_is_carried_on(mint: Mint) -> None:
    clock = Clock()
    tokens = Tokens(mint.tokens._keys, "khata", "khata-api", clock)  # noqa: SLF001  # the same keys, another clock
    began, said = clock(), tokens.verify(tokens.sign_refresh("c1", "family", 1), REFRESH)
    while clock() + timedelta(days=7) < began + LOGIN_LIFETIME:
        clock.forward(timedelta(days=7))
        carried_on = tokens.sign_refresh("c1", "family", 2, said.auth_time)
        said = tokens.verify(carried_on, REFRESH)
    clock.now = began + LOGIN_LIFETIME - timedelta(seconds=1)
    tokens.verify(carried_on, REFRESH)
    clock.forward(timedelta(seconds=1))
    with pytest.raises(BadToken):
        tokens.verify(carried_on, REFRESH)


def test_a_token_that_waits_for_its_time_is_good_then(mint: Mint) -> None:
    clock = Clock()
    tokens = Tokens(mint.tokens._keys, "khata", "khata-api", clock)  # noqa: SLF001  # the same keys, another clock
    early = mint.of(nbf=AT + 30)
    with pytest.raises(BadToken):
        tokens.verify(early)
    clock.forward(timedelta(seconds=30))
    assert tokens.verify(early).sub == "s1"
