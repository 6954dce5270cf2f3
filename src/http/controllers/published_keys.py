"""/.well-known/jwks.json: the public halves of the keys that sign tokens, for whoever verifies."""

from base64 import urlsafe_b64encode
from typing import Literal

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from msgspec import Struct

from src.http.answers import answer
from src.http.shop import Shop
from src.http.signing_keys import SigningKey

KEYS_FRESH_SECONDS = 300
"""So long may somebody verify with what they fetched; a name they do not know is worth a look."""
VERSION = 1
"""Keys have no version in the book; the hash of the body tells two answers apart."""


class PublicKeyDocument(Struct, frozen=True, kw_only=True):
    """One Ed25519 key, as RFC 8037 writes it."""

    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    use: Literal["sig"] = "sig"
    alg: Literal["EdDSA"] = "EdDSA"
    kid: str
    x: str
    """The public key, base64url without padding."""


class PublicKeysDocument(Struct, frozen=True):
    """A JSON Web Key Set."""

    keys: list[PublicKeyDocument]
    """Every key that verifies now; the one that signs is last."""


class PublishedKeysController(Controller):
    """Keys that everybody may know."""

    path = "/.well-known/jwks.json"
    tags = ["Operations"]

    @get()
    async def list_public_keys(self, shop: NamedDependency[Shop]) -> Response[PublicKeysDocument]:
        """Get the public keys that verify this shop's tokens, as a JSON Web Key Set."""
        keys = [_document(key) for key in shop.tokens.published()]
        fresh = {"cache-control": f"public, max-age={KEYS_FRESH_SECONDS}"}
        return answer(PublicKeysDocument(keys), version=VERSION, headers=fresh)


def _document(key: SigningKey) -> PublicKeyDocument:
    raw = urlsafe_b64encode(key.public.public_bytes_raw())
    return PublicKeyDocument(kid=key.kid, x=raw.decode("ascii").rstrip("="))
