"""Starting, awaiting and ending the processes of the servers."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, TypedDict

from src.embedded.account import Account

POLL_SECONDS = 0.01
LOG_BYTES_MAX = 10 << 20
PR_SET_PDEATHSIG = 1
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}


Ladder = Sequence[tuple[signal.Signals, float]]
"""Signals to end a process with, mildest first, each with the seconds it is given."""


class Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def spawn(  # noqa: PLR0913 - one seam for every process; all but two are named at the call
    command: Sequence[str],
    account: Account,
    *,
    log: Path,
    lock: int,
    last_signal: signal.Signals,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so that Ctrl-C does not reach it before us."""
    with open_log(log) as output:
        return subprocess.Popen(  # noqa: S603 - the binaries of our wheels, no shell
            command,
            stdin=stdin,
            stdout=output,
            stderr=output,
            cwd="/",
            env=ENVIRONMENT,
            start_new_session=True,
            pass_fds=(lock,),
            preexec_fn=_die_with_us(last_signal),  # noqa: PLW1509 - the supervisor has one thread
            **_identity(account),
        )


def wait_until(
    condition: Callable[[], bool], seconds: float, *, unless: Callable[[], bool] = lambda: False
) -> bool:
    """Whether the condition came true in time; it is asked once more at the very end."""
    deadline = time.monotonic() + seconds
    while not condition():
        if unless() or time.monotonic() >= deadline:
            return condition()
        time.sleep(POLL_SECONDS)
    return True


def end(process: subprocess.Popen[bytes], ladder: Ladder) -> None:
    """Ask politely first; whoever is still there after the ladder is killed."""
    for number, seconds in ladder:
        process.send_signal(number)
        if wait_until(lambda: process.poll() is not None, seconds):
            return
    process.kill()
    process.wait()


def end_all(processes: Sequence[tuple[subprocess.Popen[bytes], Ladder]]) -> None:
    """All are asked before the first is waited for."""
    for process, ladder in processes:
        process.send_signal(ladder[0][0])
    for process, ladder in processes:
        end(process, ladder)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def command_line(pid: int) -> str:
    """A process's arguments, empty if there is none: a small Linux has no ps, macOS no /proc."""
    if sys.platform == "linux":
        try:
            return (
                Path(f"/proc/{pid}/cmdline")
                .read_bytes()
                .replace(b"\0", b" ")
                .decode(errors="replace")
            )
        except (FileNotFoundError, ProcessLookupError):
            return ""
    return _ps(pid)


def _ps(pid: int) -> str:
    command = ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - a fixed command and a number


def open_log(log: Path) -> BinaryIO:
    """The file to append to, readable by us alone; one old one is kept when it grows too long."""
    log.parent.mkdir(exist_ok=True, mode=0o700)
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(log.with_suffix(".log.1"))
    return os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def _identity(account: Account) -> Identity:
    if account.uid == os.geteuid():
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def _die_with_us(last_signal: signal.Signals) -> Callable[[], None] | None:
    """Have the kernel stop the server if we are killed; only Linux can.

    It runs after the change of account, which would clear the wish again.
    """
    if sys.platform != "linux":
        return None
    prctl, us = ctypes.CDLL(None).prctl, os.getpid()

    def ask_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, int(last_signal))
        if os.getppid() != us:  # We were killed before the wish was made.
            os._exit(1)

    return ask_kernel
