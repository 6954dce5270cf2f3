"""The keys that sign and verify tokens: Ed25519, one PEM file each, in a directory of their own.

To rotate, put another key beside the old one: the newest file signs, all of
them verify. To revoke, remove the file. Running processes look again every few
seconds (`Tokens`), and at once for a key that they have not seen.
"""

import hashlib
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from src.http.refusals import Overloaded
from src.telemetry import logger

SUFFIX = ".pem"
FIRST_KEY = f"first{SUFFIX}"
KEY_MODE = 0o600
DIRECTORY_MODE = 0o700
KEY_ID_LENGTH = 16
NO_KEY_RETRY_SECONDS = 5

log = logger("signing keys")


class UnusableKeyError(Exception):
    """A file in the directory is no Ed25519 private key."""


class SigningKey(Struct, frozen=True):
    """A key pair and the name that tokens call it by."""

    kid: str
    private: Ed25519PrivateKey
    public: Ed25519PublicKey


class SigningKeys:
    """All keys of a directory, as they were when it was looked at last."""

    def __init__(
        self, directory: Path, make: Callable[[], Ed25519PrivateKey] = Ed25519PrivateKey.generate
    ) -> None:
        self._directory = directory
        _make_first(directory, make)
        self._seen = _listing(directory)
        self._take([_read_key(path) for path in self._paths()])
        if not self._keys:
            raise UnusableKeyError(f"there is no key in {directory}")

    @property
    def newest(self) -> SigningKey:
        """The key that signs; raises Overloaded while every key has been taken away."""
        if not self._keys:
            raise Overloaded(NO_KEY_RETRY_SECONDS)
        return self._keys[-1]

    @property
    def all(self) -> tuple[SigningKey, ...]:
        """Every key that verifies, the newest last: the same tuple until it has changed."""
        return self._keys

    def find(self, kid: str) -> SigningKey | None:
        """Return the key of this name; another process may have added it a moment ago."""
        if kid not in self._by_name:
            self.look_again()
        return self._by_name.get(kid)

    def look_again(self) -> None:
        """Read the directory anew if it has changed.

        A file that cannot be read is left out, so that one bad file neither stops the
        others nor keeps a key alive that was taken away.
        """
        try:
            there = _listing(self._directory)
        except FileNotFoundError:
            there = ()
        except OSError as error:
            log.warning("the signing keys cannot be listed", error=type(error).__name__)
            return
        if there != self._seen:
            self._seen = there
            read = [_read_if_possible(path) for path in self._paths()]
            self._take([key for key in read if key is not None])

    def _paths(self) -> list[Path]:
        """Return the files, the newest last."""
        return [self._directory / name for _, name, *_ in self._seen]

    def _take(self, keys: Sequence[SigningKey]) -> None:
        self._by_name = {key.kid: key for key in keys}
        self._keys = tuple(keys)
        if not keys:
            log.warning("no signing key is left: nobody can log in", place=str(self._directory))


Listing = tuple[tuple[int, str, int, int], ...]


def _listing(directory: Path) -> Listing:
    """Return what tells one state of the directory from another: its keys, oldest first."""
    return tuple(sorted(_files(directory)))


def _files(directory: Path) -> Iterator[tuple[int, str, int, int]]:
    with os.scandir(directory) as entries:
        for each in entries:
            if each.name.endswith(SUFFIX):
                with suppress(FileNotFoundError):  # taken away at this very moment
                    about = each.stat()
                    yield about.st_mtime_ns, each.name, about.st_size, about.st_ino


def add_key(directory: Path, make: Callable[[], Ed25519PrivateKey]) -> tuple[Path, SigningKey]:
    """Put a new key beside the others, newer than all of them; return its file and itself."""
    key = make()
    public = key.public_key()
    kid = _key_id(public)
    path = directory / f"key-{kid}{SUFFIX}"
    newest = max((age for age, *_ in _listing(directory)), default=0)
    written = _written(directory, path.name, key)
    try:
        stamp = max(written.stat().st_mtime_ns, newest + 1)
        os.utime(written, ns=(stamp, stamp))
        written.rename(path)
    except OSError:
        written.unlink()
        raise
    return path, SigningKey(kid, key, public)


def _make_first(directory: Path, make: Callable[[], Ed25519PrivateKey]) -> None:
    """Make a key if there is none; of several processes at once, one succeeds for all."""
    directory.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
    if any(directory.glob(f"*{SUFFIX}")):
        return
    written = _written(directory, FIRST_KEY, make())
    try:
        # A link is there whole or not at all, and never replaces another's.
        (directory / FIRST_KEY).hardlink_to(written)
    except FileExistsError:
        return
    finally:
        written.unlink()


def _written(directory: Path, name: str, key: Ed25519PrivateKey) -> Path:
    """Write a key to a hidden file that lasts, for its owner alone."""
    path = directory / f".{name}.{os.getpid()}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, KEY_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(_pem(key))
        file.flush()
        os.fsync(file.fileno())
    return path


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _read_if_possible(path: Path) -> SigningKey | None:
    try:
        return _read_key(path)
    except (OSError, UnusableKeyError) as error:
        log.warning("a signing key cannot be used", file=path.name, error=type(error).__name__)
        return None


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
