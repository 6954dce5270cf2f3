"""Analysts come last: their server processes get what those who buy leave of the processors.

PostgreSQL knows no such setting. A time limit ends a question; until then it takes turns
with checkouts, and where cores are few each turn is one that a buyer waits for. A server
process is known by its title, which names the role that signed in.
"""

import logging
import os
from contextlib import suppress
from pathlib import Path

from src.embedded.processes import command_line

LAST = 19
"""The nicest that a process can be, and a session of processes."""

log = logging.getLogger("khata.engines")


class LastInLine:
    """Everybody who signed in as one role, as far as the looks at a server have found them."""

    def __init__(self, role: str) -> None:
        self._named = f": {role} "
        self._put: set[int] = set()

    def look(self, postmaster: int) -> None:
        """Put those last who came since the last look."""
        here = _children(postmaster)
        self._put &= here
        self._put |= {pid for pid in here - self._put if self._puts(pid)}

    def _puts(self, pid: int) -> bool:
        return self._named in command_line(pid) and put_last(pid)


def _children(pid: int) -> set[int]:
    """The pids; none of a process that is gone, which the supervisor sees to."""
    try:
        return {int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    except (FileNotFoundError, ProcessLookupError):
        # Gone, or this kernel does not say: then all processes are asked.
        import psutil  # noqa: PLC0415 - few kernels are like that, and every start would wait

        with suppress(psutil.Error):  # Gone, or hidden: then there is nobody to put last.
            return {child.pid for child in psutil.Process(pid).children()}
    return set()


def put_last(pid: int) -> bool:
    """Whether that is settled; who could not be put last yet is tried again at the next look.

    A system that forbids it costs a line in the log: analysts take turns, and servers go on.
    """
    try:
        os.setpriority(os.PRIO_PROCESS, pid, LAST)
        _put_session_last(pid)
    except (BlockingIOError, ProcessLookupError):
        return False
    except OSError as forbidden:
        log.warning("process %d of analysts cannot be put last: %s", pid, forbidden)
    return True


def _put_session_last(pid: int) -> None:
    """Where Linux shares the time among sessions, to be nice counts only within one.

    Every server process has a session of its own; see "The autogroup feature" in sched(7).
    Without privilege the kernel takes ten such wishes a second, and refuses the others.
    """
    with suppress(FileNotFoundError):  # Nobody shares like that here, or the process is gone.
        Path(f"/proc/{pid}/autogroup").write_text(str(LAST))
