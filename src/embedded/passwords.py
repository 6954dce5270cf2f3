"""The random passwords of one home, made once and kept beside its data."""

from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from src.embedded.errors import HomeUnusable
from src.embedded.record import write_private

FILE_NAME = "passwords.json"


class Passwords(Struct, frozen=True, kw_only=True):
    superuser: str
    owner: str
    app: str
    read: str
    valkey: str


def load_passwords(state: Path, *, cluster: Path, new: Callable[[], str]) -> Passwords:
    """The file is written before the cluster, so a cluster without it is damaged."""
    file = state / FILE_NAME
    try:
        return msgspec.json.decode(file.read_bytes(), type=Passwords)
    except FileNotFoundError:
        if cluster.exists():
            raise _lost(file, cluster) from None
    except msgspec.MsgspecError:
        raise _lost(file, cluster) from None
    fresh = Passwords(superuser=new(), owner=new(), app=new(), read=new(), valkey=new())
    write_private(file, msgspec.json.encode(fresh))
    return fresh


def _lost(file: Path, cluster: Path) -> HomeUnusable:
    return HomeUnusable(
        f"{file} is missing or damaged, and only it opens the cluster in {cluster}. "
        "Restore the file from a backup, or move the whole directory away to start empty."
    )
