"""The account that the servers run as: ours, or an unprivileged one when we are root.

PostgreSQL refuses to run as root. Directories that the other account cannot
enter are left as they are; what lies below them is staged elsewhere.
"""

import os
import stat
from pathlib import Path

from msgspec import Struct

UNPRIVILEGED = "nobody"


class Account(Struct, frozen=True):
    uid: int
    gid: int


def servers_account(existing: Path) -> Account:
    """The owner of what is already there keeps it, so a shop survives a change to root."""
    import pwd  # noqa: PLC0415 - absent on Windows, where importing us must still work

    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if existing.exists() and (found := existing.stat()).st_uid != 0:
        return Account(found.st_uid, found.st_gid)
    nobody = pwd.getpwnam(UNPRIVILEGED)
    return Account(nobody.pw_uid, nobody.pw_gid)


def can_enter(account: Account, directory: Path) -> bool:
    """Whether the account may pass through the directory and all above it."""
    if account.uid == os.geteuid():
        return True
    path = directory.resolve()
    return all(_passes(account, step.stat()) for step in (path, *path.parents) if step.exists())


def hand_over(directory: Path, account: Account) -> None:
    if account.uid != os.geteuid():
        os.chown(directory, account.uid, account.gid)


def _passes(account: Account, found: os.stat_result) -> bool:
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)
