"""Two file locks that say, through the kernel and not through a pid, who is still alive.

`supervisor.lock` is held by the supervisor alone. `engines.lock` is inherited by
the servers as an open file, so it is free only when every one of them is gone.
"""

import os
from pathlib import Path

SUPERVISOR_LOCK = "supervisor.lock"
ENGINES_LOCK = "engines.lock"
PID_BYTES_MAX = 20


class Lock:
    """An exclusive lock on a file; the kernel lets go of it with its last holder."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def take(self) -> bool:
        """Try once, without waiting; the holder leaves its pid in the file for people to read."""
        if not _flock(self.fd, shared=False):
            return False
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, str(os.getpid()).encode(), 0)
        return True

    def holder(self) -> str:
        return os.pread(self.fd, PID_BYTES_MAX, 0).decode(errors="replace") or "unknown"


def is_held(path: Path) -> bool:
    """Whether anybody holds the lock; an absent file is held by nobody."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return False
    try:
        return not _flock(fd, shared=True)
    finally:
        os.close(fd)


def _flock(fd: int, *, shared: bool) -> bool:
    import fcntl  # noqa: PLC0415 - absent on Windows, where importing us must still work

    try:
        fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
