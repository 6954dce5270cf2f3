"""What may be chosen about the embedded engines."""

from pathlib import Path

from msgspec import Struct

PREDECESSOR_WAIT_SECONDS = 30.0


class EnginesSettings(Struct, frozen=True, kw_only=True):
    home: Path = Path(".khata")
    """Where everything lives: data, logs, passwords and engines.json."""

    postgres: bool = True
    """Whether PostgreSQL is started here; False where DATABASE_URL names one."""

    valkey: bool = True
    """Whether Valkey is started here; False where REDIS_URL names one."""

    durable: bool = True
    """False for a throw-away shop: nothing is synced, everything is removed at the end."""

    predecessor_wait_seconds: float = PREDECESSOR_WAIT_SECONDS
    """How long to wait for engines that are still going down in the same home."""
