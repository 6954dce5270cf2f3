"""engines.json: where the running engines are, for every other command of this home."""

import os
from pathlib import Path

import msgspec
from msgspec import Struct

FILE_NAME = "engines.json"
DATABASE = "khata"


class Record(Struct, frozen=True, kw_only=True):
    """The addresses contain passwords; the file is readable by its owner alone."""

    supervisor_pid: int
    data_directory: str
    owner_url: str | None = None
    app_url: str | None = None
    read_url: str | None = None
    superuser_url: str | None = None
    redis_url: str | None = None
    postgres_pid: int | None = None
    valkey_pid: int | None = None


def write_record(home: Path, record: Record) -> None:
    write_private(home / FILE_NAME, msgspec.json.format(msgspec.json.encode(record), indent=2))


def read_record(home: Path) -> Record | None:
    """None when there is no readable record: absent, half made or somebody else's."""
    try:
        return msgspec.json.decode((home / FILE_NAME).read_bytes(), type=Record)
    except (FileNotFoundError, NotADirectoryError, PermissionError, msgspec.MsgspecError):
        return None


def remove_record(home: Path) -> None:
    (home / FILE_NAME).unlink(missing_ok=True)


def write_private(path: Path, content: bytes) -> None:
    """Replace the file in one step; it is never readable by anybody else, not even briefly."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
