"""Bearer tokens: JSON Web Tokens signed with Ed25519 and nothing else."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated

import jwt
import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from src.http.refusals import BadToken
from src.http.signing_keys import SigningKey, SigningKeys

ALGORITHM = "EdDSA"
ACCESS_LIFETIME = timedelta(minutes=15)
REFRESH_LIFETIME = timedelta(days=14)
LOGIN_LIFETIME = timedelta(days=90)
"""After so long a password is asked for again: a stolen refresh token whose owner never
presents theirs again is noticed by nobody, and must not be good for ever."""
TOKEN_LENGTH_MAX = 4096
CLOCK_SKEW_SECONDS = 5
KEYS_LOOK_SECONDS = 2.0
"""How often a process that is asked looks whether keys came or went."""
VERIFIED_MAX = 4096
"""So many verified tokens are remembered, about 1 MB."""
ACCESS, REFRESH = "access", "refresh"
CUSTOMER, OPERATOR, ANALYST, AUDITOR, ADMIN = (
    "customer",
    "operator",
    "analyst",
    "auditor",
    "admin",
)
SUBJECT_LENGTH_MAX = 254
Moment = Annotated[int, Meta(ge=0, le=2**53 - 1)]
"""Unix seconds."""
ROLES = frozenset((CUSTOMER, OPERATOR, ANALYST, AUDITOR, ADMIN))


class Claims(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a token of ours says."""

    iss: str
    aud: str
    sub: Annotated[str, Meta(min_length=1, max_length=SUBJECT_LENGTH_MAX)]
    iat: Moment
    nbf: Moment
    exp: Moment
    roles: tuple[str, ...]
    use: str
    fam: str = ""
    """The family of a refresh token; one of before there were families has none."""
    gen: int = 0
    """Its generation."""
    auth_time: Moment = 0
    """When its family began with a password; unknown to one of before this was said."""
    pwc: Annotated[int, Meta(ge=0, le=2**53 - 1)] | None = None
    """How often its owner's password had been changed; `khata token` knows of none."""


class Tokens:
    """Signs and verifies the tokens of one installation.

    A verified token is remembered by its hash until it expires, because the
    signature of the same bytes does not change its mind. Once a key was taken
    away, which is noticed within KEYS_LOOK_SECONDS, nothing is remembered.
    """

    def __init__(
        self, keys: SigningKeys, issuer: str, audience: str, clock: Callable[[], datetime]
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._verified: dict[bytes, Claims] = {}
        self._verified_by = keys.all
        self._looked_at = clock().timestamp()

    def sign(
        self,
        roles: Sequence[str],
        subject: str,
        lifetime: timedelta = ACCESS_LIFETIME,
        use: str = ACCESS,
    ) -> str:
        """Return a token that says, until its lifetime ends, that the subject has these roles."""
        return self._signed(self._claims(roles, subject, lifetime, use))

    def sign_access(self, subject: str, password_changes: int) -> str:
        """Return a customer's access token, of a login with the password that there is now."""
        claims = self._claims((CUSTOMER,), subject, ACCESS_LIFETIME, ACCESS)
        return self._signed(replace(claims, pwc=password_changes))

    def sign_refresh(
        self, subject: str, family: str, generation: int, began: int | None = None
    ) -> str:
        """Return a customer's refresh token, which is taken for this step of its family alone.

        It is of a family that began then (Unix seconds), and outlives LOGIN_LIFETIME never.
        """
        claims = self._claims((CUSTOMER,), subject, REFRESH_LIFETIME, REFRESH)
        began = claims.iat if began is None else began
        exp = min(claims.exp, began + int(LOGIN_LIFETIME.total_seconds()))
        return self._signed(replace(claims, exp=exp, fam=family, gen=generation, auth_time=began))

    def _claims(self, roles: Sequence[str], subject: str, lifetime: timedelta, use: str) -> Claims:
        now = int(self._clock().timestamp())
        return Claims(
            iss=self._issuer,
            aud=self._audience,
            sub=subject,
            iat=now,
            nbf=now,
            exp=now + int(lifetime.total_seconds()),
            roles=tuple(roles),
            use=use,
        )

    def _signed(self, claims: Claims) -> str:
        self._look_at_keys(self._clock().timestamp())
        key = self._keys.newest
        return jwt.encode(
            msgspec.to_builtins(claims), key.private, ALGORITHM, headers={"kid": key.kid}
        )

    def verify(self, token: str, use: str = ACCESS) -> Claims:
        """Return what the token says; raises BadToken, without saying why."""
        if len(token) > TOKEN_LENGTH_MAX:
            raise BadToken
        now = self._clock().timestamp()
        self._look_at_keys(now)
        digest = hashlib.sha256(token.encode()).digest()
        claims = self._remembered(digest)
        if claims is None:
            claims = self._checked(token)
            self._remember(digest, claims)
        _check_time(claims, now)
        if claims.use != use:
            raise BadToken
        return claims

    def _checked(self, token: str) -> Claims:
        if not _is_spelt_as_we_spell(token.rpartition(".")[2]):
            raise BadToken
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            key = self._keys.find(kid) if isinstance(kid, str) else None
            if key is None:
                raise BadToken
            # Times are compared below, with the clock that was handed in.
            said = jwt.decode(
                token,
                key.public,
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
            claims = msgspec.convert(said, Claims)
        except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
            raise BadToken from error
        if not claims.sub.isprintable():  # It becomes a name in the book.
            raise BadToken
        return claims

    def published(self) -> tuple[SigningKey, ...]:
        """Return every key that verifies now, the newest last."""
        self._look_at_keys(self._clock().timestamp())
        return self._keys.all

    def _look_at_keys(self, now: float) -> None:
        """Look again after a while, also when the clock was set back."""
        if 0 <= now - self._looked_at < KEYS_LOOK_SECONDS:
            return
        self._looked_at = now
        self._keys.look_again()

    def _remembered(self, digest: bytes) -> Claims | None:
        """Return what was verified before, by keys that are all still the same."""
        if self._verified_by is not self._keys.all:
            self._verified_by = self._keys.all
            self._verified.clear()
        return self._verified.get(digest)

    def _remember(self, digest: bytes, claims: Claims) -> None:
        if len(self._verified) >= VERIFIED_MAX:
            self._verified.pop(next(iter(self._verified)))
        self._verified[digest] = claims


def _is_spelt_as_we_spell(signature: str) -> bool:
    """Whether the text is the one way to write its bytes: a decoder lets more ways pass."""
    try:
        raw = urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    except ValueError:
        return False
    return urlsafe_b64encode(raw).decode("ascii").rstrip("=") == signature


def _check_time(claims: Claims, now: float) -> None:
    if not claims.nbf - CLOCK_SKEW_SECONDS <= now < claims.exp:
        raise BadToken
