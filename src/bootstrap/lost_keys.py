"""Whether the keys that this process was started with are still where the next one looks."""

import os

from src.settings import Settings


def lost_keys(settings: Settings) -> list[str]:
    """Name the variables of keys that cannot be read any more."""
    places = {
        "KHATA_MASTER_KEY_FILE": settings.master_key_file,
        "KHATA_SIGNING_KEYS_DIR": settings.signing_keys_dir,
    }
    return [name for name, path in places.items() if not os.access(path, os.R_OK)]
