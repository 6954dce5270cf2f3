"""How much processor time processes have used, from /proc: a process and all that it started."""

import os
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PARENT, USER, REAPED_SYSTEM = 1, 11, 14
"""Places in /proc/PID/stat, counted after the name."""


def cpu_seconds(pids: dict[str, int]) -> dict[str, float]:
    """Return the seconds of each family; children that ended are in their parent's figures."""
    processes = {pid: stat for pid in _pids() if (stat := _stat(pid))}
    return {name: _family(pid, processes) / TICKS_PER_SECOND for name, pid in pids.items()}


def busy_seconds() -> float:
    """Return how long all cores together have worked, for whomever, since the machine started."""
    user, nice, system, _, _, irq, soft_irq = map(int, _cores().split()[1:8])
    return (user + nice + system + irq + soft_irq) / TICKS_PER_SECOND


def _cores() -> str:
    return Path("/proc/stat").read_text().partition("\n")[0]


def _family(root: int, processes: dict[int, list[str]]) -> int:
    members = [root]
    for member in members:
        members += [pid for pid, stat in processes.items() if int(stat[PARENT]) == member]
    return sum(
        sum(map(int, processes[pid][USER : REAPED_SYSTEM + 1]))
        for pid in members
        if pid in processes
    )


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _stat(pid: int) -> list[str]:
    """The fields after the name, which may hold anything; empty if the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
