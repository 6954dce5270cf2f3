"""An account that nobody has at Razorpay: made up once, kept in files, played by the sandbox."""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

KEY_PREFIX = "rzp_test_"
KEY_ID_LENGTH, KEY_SECRET_LENGTH, WEBHOOK_SECRET_LENGTH = 14, 24, 40
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
OWNER_ONLY = 0o600

Chance = Callable[[int], bytes]
"""As many bytes as it is asked for, that nobody can guess."""


def made_up_key(kept: Path, chance: Chance) -> tuple[str, str]:
    """Return the id and the secret that are kept in this directory; raises ValueError, OSError."""
    key_id = _kept(kept / "razorpay-key-id", KEY_PREFIX + _letters(chance, KEY_ID_LENGTH))
    secret = _kept(kept / "razorpay-key-secret", _letters(chance, KEY_SECRET_LENGTH))
    if not key_id.startswith(KEY_PREFIX):
        raise ValueError(f"the key kept in {kept} is no test key: delete razorpay-key-id there")
    return key_id, secret


def made_up_webhook_secret(kept: Path, chance: Chance) -> str:
    """Return what the sandbox signs webhooks with; raises ValueError, OSError."""
    return _kept(kept / "webhook-secret", _letters(chance, WEBHOOK_SECRET_LENGTH))


def sandbox_seed(key_id: str) -> int:
    """Another installation's sandbox names other orders: a kept book never meets one twice."""
    return int.from_bytes(hashlib.sha256(key_id.encode()).digest()[:6])


def _kept(path: Path, fresh: str) -> str:
    """What the file says, written now if it is new; of several processes the first one counts."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        opened = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
        with os.fdopen(opened, "w", encoding="ascii") as file:
            file.write(fresh)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # Theirs is the one that everybody uses.
            path.hardlink_to(draft)
        draft.unlink()
    if not (text := path.read_text(encoding="utf-8").strip()):
        raise ValueError(f"{path} is empty: delete it, and another will be made")
    return text


def _letters(chance: Chance, length: int) -> str:
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in chance(length))
