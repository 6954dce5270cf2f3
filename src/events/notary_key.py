"""The key that signs checkpoints: one Ed25519 PEM file in a directory outside the database.

Beside it lies its public half in a file of its own, for auditors: whoever has
it beforehand need not believe the one that comes with the checkpoints.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from src.events.checkpoint_notes import NoteKey, Signer

PRIVATE_FILE, PUBLIC_FILE = "notary.pem", "notary-{book}.pub"
KEY_MODE, DIRECTORY_MODE, PUBLIC_MODE = 0o600, 0o700, 0o644
NAME_LENGTH = 16


class UnusableNotaryKeyError(Exception):
    """The file is there, but it is no Ed25519 private key."""


def load_signer(
    directory: Path,
    book: int = 1,
    make: Callable[[], Ed25519PrivateKey] = Ed25519PrivateKey.generate,
) -> Signer:
    """Return the installation's signer for a book; its key is made on first use."""
    directory.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
    private_file = directory / PRIVATE_FILE
    if not private_file.exists():
        _place(private_file, _pem(make()), KEY_MODE)
    signer = Signer(*_named(_read(private_file), book))
    _place(directory / PUBLIC_FILE.format(book=book), f"{signer.key}\n".encode(), PUBLIC_MODE)
    return signer


def load_note_key(directory: Path, book: int = 1) -> NoteKey:
    """Return the public half alone, as it was placed there."""
    return NoteKey.parse((directory / PUBLIC_FILE.format(book=book)).read_text(encoding="utf-8"))


def _named(private: Ed25519PrivateKey, book: int) -> tuple[str, Ed25519PrivateKey]:
    # Two installations never share a name, and one's notes never pass for the other's.
    public = private.public_key().public_bytes_raw()
    return f"khata/{sha256(public).hexdigest()[:NAME_LENGTH]}/{book}", private


def _read(path: Path) -> Ed25519PrivateKey:
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise UnusableNotaryKeyError(f"{path} is no private key") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise UnusableNotaryKeyError(f"{path} is no Ed25519 key")
    return private


def _place(path: Path, content: bytes, mode: int) -> None:
    """Put a file in its place whole, unless somebody was faster: then theirs is the one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
