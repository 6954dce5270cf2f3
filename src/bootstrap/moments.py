"""The clock and chance; everybody else gets them as arguments."""

import os
import secrets
import time
from datetime import UTC, datetime
from uuid import UUID


def now() -> datetime:
    """Return this moment, UTC."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """Return an id that sorts by time (version 7), so that new rows lie side by side."""
    stamp = time.time_ns() // 1_000_000
    chance = int.from_bytes(os.urandom(10), "big")
    value = (stamp & (2**48 - 1)) << 80 | chance & (2**80 - 1)
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def token_text() -> str:
    """Return an unguessable text."""
    return secrets.token_urlsafe(16)


token_bytes = secrets.token_bytes
monotonic = time.monotonic
unix_seconds = time.time
