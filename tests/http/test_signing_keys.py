"""Keys that sign tokens: they come and go while processes run, and everybody may know them."""

import os
from base64 import urlsafe_b64decode
from datetime import timedelta
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from src.http.controllers.published_keys import KEYS_FRESH_SECONDS
from src.http.refusals import BadToken, Overloaded
from src.http.signing_keys import SigningKeys, UnusableKeyError, add_key
from src.http.tokens import KEYS_LOOK_SECONDS, Tokens
from tests.cli.commands import khata
from tests.http.tiny import Clock
from tests.shop import ShopUnderTest, shop

__all__ = ["shop"]

A_MOMENT = timedelta(seconds=KEYS_LOOK_SECONDS)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(place: Path, clock: Clock) -> Tokens:
    """A process that runs while its keys change."""
    return Tokens(SigningKeys(place), "khata", "khata-api", clock)


def signer_of(token: str) -> object:
    return jwt.get_unverified_header(token)["kid"]


def test_a_running_process_signs_with_a_new_key_a_moment_later(
    tokens: Tokens, clock: Clock, place: Path
) -> None:
    old = tokens.sign(["admin"], "s1")
    path, key = add_key(place, Ed25519PrivateKey.generate)
    clock.forward(A_MOMENT)
    new = tokens.sign(["admin"], "s1")
    assert (signer_of(new), signer_of(old) != key.kid) == (key.kid, True)
    assert tokens.verify(old).sub == tokens.verify(new).sub == "s1"
    assert [each.kid for each in tokens.published()] == [signer_of(old), key.kid]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_new_key_is_the_newest_also_where_the_clock_was_ahead(place: Path) -> None:
    SigningKeys(place)
    ahead = 2**62
    os.utime(place / "first.pem", ns=(ahead, ahead))
    _, key = add_key(place, Ed25519PrivateKey.generate)
    assert SigningKeys(place).newest.kid == key.kid


def test_a_key_that_was_taken_away_is_not_believed_a_moment_later_though_its_token_was(
    tokens: Tokens, clock: Clock, place: Path
) -> None:
    old = tokens.sign(["admin"], "s1")
    add_key(place, Ed25519PrivateKey.generate)
    assert tokens.verify(old).roles == ("admin",)
    (place / "first.pem").unlink()
    clock.forward(A_MOMENT)
    with pytest.raises(BadToken):
        tokens.verify(old)
    assert tokens.verify(tokens.sign(["admin"], "s1")).sub == "s1"


def test_a_strange_name_makes_nobody_forget_that_a_key_was_taken_away(
    tokens: Tokens, place: Path
) -> None:
    old = tokens.sign(["admin"], "s1")
    assert tokens.verify(old).sub == "s1"
    add_key(place, Ed25519PrivateKey.generate)
    (place / "first.pem").unlink()
    other = Ed25519PrivateKey.generate()
    strange = jwt.encode({"sub": "x"}, other, "EdDSA", headers={"kid": "unknown"})
    for token in (strange, old):
        with pytest.raises(BadToken):
            tokens.verify(token)


def test_a_key_whose_file_was_written_anew_is_another_key(
    tokens: Tokens, clock: Clock, place: Path
) -> None:
    old = tokens.sign(["admin"], "s1")
    path, _ = add_key(place, Ed25519PrivateKey.generate)
    (place / "first.pem").write_bytes(path.read_bytes())
    path.unlink()
    clock.forward(A_MOMENT)
    with pytest.raises(BadToken):
        tokens.verify(old)


def test_without_a_key_everybody_is_refused_and_nobody_logs_in_until_there_is_one(
    tokens: Tokens, clock: Clock, place: Path
) -> None:
    old = tokens.sign(["admin"], "s1")
    hidden = place.rename(place.with_name("elsewhere"))
    clock.forward(A_MOMENT)
    with pytest.raises(BadToken):
        tokens.verify(old)
    with pytest.raises(Overloaded):
        tokens.sign(["admin"], "s1")
    hidden.rename(place)
    clock.forward(A_MOMENT)
    assert tokens.verify(old).sub == "s1"


def test_a_damaged_file_stops_no_running_process_and_no_process_starts_with_it(
    tokens: Tokens, clock: Clock, place: Path
) -> None:
    (place / "damaged.pem").write_bytes(b"half a key")
    clock.forward(A_MOMENT)
    assert tokens.verify(tokens.sign(["admin"], "s1")).sub == "s1"
    with pytest.raises(UnusableKeyError):
        SigningKeys(place)


def test_a_clock_that_was_set_back_hides_no_change(
    tokens: Tokens, clock: Clock, place: Path
) -> None:
    old = tokens.sign(["admin"], "s1")
    add_key(place, Ed25519PrivateKey.generate)
    (place / "first.pem").unlink()
    clock.forward(-timedelta(seconds=1))
    with pytest.raises(BadToken):
        tokens.verify(old)


@pytest.mark.anyio
async def test_everybody_can_fetch_the_keys_and_verify_with_them(shop: ShopUnderTest) -> None:
    found = await shop.client.get("/.well-known/jwks.json")
    assert found.headers["cache-control"] == f"public, max-age={KEYS_FRESH_SECONDS}"
    (key,) = found.json()["keys"]
    assert set(key) == {"kty", "crv", "use", "alg", "kid", "x"}
    assert len(urlsafe_b64decode(key["x"] + "=")) == 32
    token = shop.bearer("admin", "asha")["Authorization"].removeprefix("Bearer ")
    named = jwt.PyJWKSet.from_dict(found.json())[str(signer_of(token))]
    said = jwt.decode(token, named, algorithms=["EdDSA"], audience="khata-api", issuer="khata")
    assert said["sub"] == "asha"
    again = {"If-None-Match": found.headers["etag"]}
    assert (await shop.client.get("/.well-known/jwks.json", headers=again)).status_code == 304


def test_a_new_signing_key_is_made_by_a_command_and_never_shown(tmp_path: Path) -> None:
    place = tmp_path / "keys" / "signing"
    old = SigningKeys(place).newest
    ran = khata(tmp_path, "keys", "sign-anew")
    assert (ran.returncode, ran.stderr) == (0, "")
    newest = SigningKeys(place).newest
    assert newest.kid != old.kid
    assert ran.stdout.startswith(f"{place / f'key-{newest.kid}.pem'} is the new signing key")
    assert "PRIVATE KEY" not in ran.stdout


def test_no_signing_key_is_made_where_there_is_no_shop(tmp_path: Path) -> None:
    ran = khata(tmp_path / "nowhere", "keys", "sign-anew")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "there is no shop" in ran.stderr
    assert not (tmp_path / "nowhere" / "keys").exists()
