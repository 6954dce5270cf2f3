"""The keys that sign and verify tokens: Ed25519, one PEM file each, in a directory of their own.

To rotate, put another key beside the old one: the newest file signs, all of
them verify. To revoke, remove the file.
"""

import hashlib
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

FIRST_KEY = "first.pem"
KEY_MODE = 0o600
DIRECTORY_MODE = 0o700
KEY_ID_LENGTH = 16


class UnusableKeyError(Exception):
    """A file in the directory is no Ed25519 private key."""


class SigningKey(Struct, frozen=True):
    """A key pair and the name that tokens call it by."""

    kid: str
    private: Ed25519PrivateKey
    public: Ed25519PublicKey


class SigningKeys:
    """All keys of a directory, read again when the directory changes."""

    def __init__(
        self, directory: Path, make: Callable[[], Ed25519PrivateKey] = Ed25519PrivateKey.generate
    ) -> None:
        self._directory = directory
        _make_first(directory, make)
        self._read()

    @property
    def newest(self) -> SigningKey:
        """The key that signs."""
        return self._newest

    def find(self, kid: str) -> SigningKey | None:
        """Return the key of this name; another process may have added it a moment ago."""
        if kid not in self._keys and self._directory.stat().st_mtime_ns != self._read_at:
            self._read()
        return self._keys.get(kid)

    def _read(self) -> None:
        self._read_at = self._directory.stat().st_mtime_ns
        paths = sorted(self._directory.glob("*.pem"), key=_age)
        keys = [_read_key(path) for path in paths]
        if not keys:
            raise UnusableKeyError(f"there is no key in {self._directory}")
        self._keys = {key.kid: key for key in keys}
        self._newest = keys[-1]


def _age(path: Path) -> tuple[int, str]:
    return path.stat().st_mtime_ns, path.name


def _make_first(directory: Path, make: Callable[[], Ed25519PrivateKey]) -> None:
    """Make a key if there is none; of several processes at once, one succeeds for all."""
    directory.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
    if any(directory.glob("*.pem")):
        return
    written = directory / f".{FIRST_KEY}.{os.getpid()}"
    descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, KEY_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(_pem(make()))
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link is there whole or not at all, and never replaces another's.
        (directory / FIRST_KEY).hardlink_to(written)
    except FileExistsError:
        return
    finally:
        written.unlink()


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _read_key(path: Path) -> SigningKey:
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise UnusableKeyError(f"{path} is no private key") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise UnusableKeyError(f"{path} is no Ed25519 key")
    public = private.public_key()
    return SigningKey(_key_id(public), private, public)


def _key_id(public: Ed25519PublicKey) -> str:
    digest = hashlib.sha256(public.public_bytes_raw()).digest()
    return urlsafe_b64encode(digest).decode()[:KEY_ID_LENGTH]
