"""The variables of Khata by name, to find the misspelt ones."""

from collections.abc import Mapping

OURS = "KHATA_"
VARIABLES = frozenset(
    {
        "KHATA_CAPTURE",
        "KHATA_CHECKOUT_TTL_SECONDS",
        "KHATA_CORS_ORIGINS",
        "KHATA_DEBUG",
        "KHATA_DOOR_ADDRESS_PER_MINUTE",
        "KHATA_DOOR_EMAIL_PER_MINUTE",
        "KHATA_DRAIN_SECONDS",
        "KHATA_HOME",
        "KHATA_HOST",
        "KHATA_INBOX_KEEP_DAYS",
        "KHATA_MAIL_FROM",
        "KHATA_MASTER_KEY_FILE",
        "KHATA_OUTBOX_KEEP",
        "KHATA_OWNER_DATABASE_URL",
        "KHATA_PORT",
        "KHATA_RATE_PER_SECOND",
        "KHATA_READ_DATABASE_URL",
        "KHATA_READ_TX_SECONDS",
        "KHATA_SANDBOX_PORT",
        "KHATA_SHOP_URL",
        "KHATA_SIGNING_KEYS_DIR",
        "KHATA_TIME_ZONE",
        "KHATA_TRUSTED_PROXIES",
        "KHATA_WORKERS",
    }
)
"""Ours, all of them; others are named by their vendors."""


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Name what looks like ours and is not read, as a misspelt name does."""
    return sorted(name for name in environ if name.startswith(OURS) and name not in VARIABLES)
