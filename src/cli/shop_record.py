"""shop.json: where the running shop of a home answers, for the commands that talk to it."""

from pathlib import Path

import msgspec
from msgspec import Struct

FILE_NAME = "shop.json"


class ShopRecord(Struct, frozen=True, kw_only=True):
    """Addresses without any secret in them."""

    pid: int
    api_url: str
    sandbox_url: str | None


def write_shop(home: Path, record: ShopRecord) -> None:
    draft = home / f".{FILE_NAME}"
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2))
    draft.replace(home / FILE_NAME)


def read_shop(home: Path) -> ShopRecord | None:
    """What the last `khata up` wrote; it may have been killed since."""
    try:
        return msgspec.json.decode((home / FILE_NAME).read_bytes(), type=ShopRecord)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def remove_shop(home: Path) -> None:
    (home / FILE_NAME).unlink(missing_ok=True)
